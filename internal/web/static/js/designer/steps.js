// Steps: the edits of a sequence's steps. Each gives an edit for State.change,
// which gives the id of the step to choose.
import { before, each, feeds, find, lane, placeOf } from "./tree.js";

// freshID gives an id that is not in use, and takes it: "email", "email-2", …
function freshID(used, type) {
  const base = type.replaceAll("_", "-");
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!used.has(id)) {
      used.add(id);
      return id;
    }
  }
}

// The ids of A/B tests that have begun are not given to new steps: a test is not used again.
const taken = new Set();
export const reserve = (ids) => ids.forEach((id) => taken.add(id));

const usedIn = (def) => new Set([...taken, ...[...each(def.steps)].map((s) => s.id)]);

// nearest gives the id of the last step of some types before a place.
const nearest = (def, place, types) => before(def, place).findLast((s) => types.includes(s.type))?.id ?? "";

// ask completes a condition's question: what it asks about is the nearest step before it.
export function ask(kinds, def, place, when) {
  const asked = structuredClone(when);
  if ("email" in asked) asked.email = nearest(def, place, kinds.filter((k) => k.mails).map((k) => k.type));
  if ("call" in asked) asked.call = nearest(def, place, ["phone_call"]);
  return asked;
}

// add puts a new step of a kind at a place; a condition asks when.
export const add = (kinds, kind, place, when) => (def) => {
  const step = { id: freshID(usedIn(def), kind.type), type: kind.type };
  if (kind.human) step.name = kind.label;
  for (const f of kind.fields) if (f.initial) step[f.key] = f.initial;
  if (kind.branches) Object.assign(step, { when: ask(kinds, def, place, when ?? {}), yes: [], no: [] });
  lane(def, place).splice(place.index, 0, step);
  return step.id;
};

// move brings a step, with its lanes, to another place, counted without it.
export const move = (id, place) => (def) => {
  const from = placeOf(def, id);
  const [step] = lane(def, from).splice(from.index, 1);
  lane(def, place).splice(place.index, 0, step);
  return id;
};

// drop is move to a place that was counted with the step where it stands.
export const drop = (id, place) => (def) => {
  const from = placeOf(def, id);
  const same = from.in === place.in && from.side === place.side;
  return move(id, same && place.index > from.index ? { ...place, index: place.index - 1 } : place)(def);
};

// twins copies steps with their lanes. The copies get ids of their own, and ask
// about the copies of what was copied with them.
function twins(def, steps) {
  const used = usedIn(def);
  const copies = structuredClone(steps);
  const names = new Map();
  for (const step of each(copies)) {
    const id = freshID(used, step.type);
    names.set(step.id, id);
    step.id = id;
  }
  for (const step of each(copies)) {
    const now = names.get(feeds(step));
    if (now) step.when["email" in step.when ? "email" : "call"] = now;
  }
  return copies;
}

export const copy = (id) => (def) => {
  const at = placeOf(def, id);
  const [twin] = twins(def, [find(def, id)]);
  lane(def, at).splice(at.index + 1, 0, twin);
  return twin.id;
};

// copyLane puts a copy of one lane's steps at the end of the other one.
export const copyLane = (id, side) => (def) => {
  const condition = find(def, id);
  condition[side === "yes" ? "no" : "yes"].push(...twins(def, condition[side]));
};

export const swap = (id) => (def) => {
  const condition = find(def, id);
  [condition.yes, condition.no] = [condition.no, condition.yes];
};

// remove takes steps away, with their lanes.
export const remove = (...ids) => (def) => {
  for (const id of ids) {
    const at = placeOf(def, id);
    if (at) lane(def, at).splice(at.index, 1); // one that went with its condition is gone already
  }
  return null;
};

// get reads a value of a step by its pointer: "name", "when/email".
export const get = (of, pointer) => pointer.split("/").reduce((at, key) => at?.[key], of);

// set changes one value of a step by its pointer; an empty one of the step itself is removed.
export const set = (id, pointer, value) => (def) => {
  const keys = pointer.split("/");
  const last = keys.pop();
  const at = keys.reduce((inner, key) => (inner[key] ??= {}), find(def, id));
  if (value === "" && !keys.length) delete at[last];
  else at[last] = value;
};
