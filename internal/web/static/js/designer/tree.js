// Tree: looks at the steps of a sequence, of which conditions hold two lanes.
// Nothing here changes anything. A place is where a step can stand: the lane
// (in: a condition's id, side: "yes" or "no"; both "" for the sequence itself)
// and the index in it.

export const sides = ["yes", "no"];
export const sideLabel = { yes: "Yes", no: "No" };

// each gives every step in reading order: a condition, its Yes lane, its No
// lane, and what follows. The server counts steps in the same order.
export function* each(steps) {
  for (const step of steps ?? []) {
    yield step;
    for (const side of sides) yield* each(step[side]);
  }
}

export const count = (steps) => [...each(steps)].length;

export function find(def, id) {
  for (const step of each(def.steps)) if (step.id === id) return step;
  return undefined;
}

// lane gives the list of steps that a place is in.
export const lane = (def, place) => (place.in ? find(def, place.in)?.[place.side] ?? [] : def.steps);

// placeOf gives the place at which a step stands, null for one that does not.
export function placeOf(def, id) {
  const look = (steps, at) => {
    for (const [index, step] of (steps ?? []).entries()) {
      if (step.id === id) return { ...at, index };
      for (const side of sides) {
        const found = look(step[side], { in: step.id, side });
        if (found) return found;
      }
    }
    return null;
  };
  return look(def.steps, { in: "", side: "" });
}

// around lists the conditions in whose lanes a step stands, from the inside out.
export function around(def, id) {
  const list = [];
  for (let at = placeOf(def, id); at?.in; at = placeOf(def, at.in)) list.push({ id: at.in, side: at.side });
  return list;
}

// before lists the steps that every record has behind it at a place.
export function before(def, place) {
  const own = lane(def, place).slice(0, place.index);
  if (!place.in) return own;
  return [...before(def, placeOf(def, place.in)), find(def, place.in), ...own];
}

// places lists every place in reading order.
export function* places(steps, at = { in: "", side: "" }) {
  for (const [index, step] of steps.entries()) {
    yield { ...at, index };
    for (const side of sides) if (step[side]) yield* places(step[side], { in: step.id, side });
  }
  yield { ...at, index: steps.length };
}

export const placeKey = (place) => `${place.in}/${place.side}/${place.index}`;

export function placeFrom(key) {
  const [within, side, index] = key.split("/");
  return { in: within, side, index: Number(index) };
}

// neighbour gives the place to which a step comes by one move up or down in
// reading order, into and out of lanes; null at the end. It counts without the step.
export function neighbour(def, id, by) {
  const rest = structuredClone(def);
  const now = placeOf(rest, id);
  if (!now) return null;
  lane(rest, now).splice(now.index, 1);
  const all = [...places(rest.steps)];
  const at = all.findIndex((p) => placeKey(p) === placeKey(now));
  return all[at + by] ?? null;
}

// feeds gives the id of the step that a condition asks about, "" for none.
export const feeds = (step) => step.when?.email ?? step.when?.call ?? "";

// askedBy lists the conditions that ask about a step or about one in its lanes,
// and that do not go with it.
export function askedBy(def, id) {
  const inner = new Set([...each([find(def, id)])].map((s) => s.id));
  return [...each(def.steps)].filter((s) => !inner.has(s.id) && inner.has(feeds(s)));
}

// ends tells whether no record goes on after a step. kinds are the server's.
export function ends(step, kinds) {
  if (!step) return false;
  const kind = kinds.find((k) => k.type === step.type);
  return Boolean(kind?.last || (kind?.branches && sides.every((side) => laneEnds(step[side], kinds))));
}

export const laneEnds = (steps, kinds) => Boolean(steps?.length) && ends(steps.at(-1), kinds);
