// Steps: the edits of a sequence's steps. Each gives an edit for State.change,
// which gives the id of the step to choose.

// freshID gives an id that no step has: "email", "email-2", …
export function freshID(steps, type) {
  const base = type.replaceAll("_", "-");
  const used = new Set(steps.map((s) => s.id));
  for (let n = 1; ; n++) {
    const id = n === 1 ? base : `${base}-${n}`;
    if (!used.has(id)) return id;
  }
}

// add puts a new step of a kind at an index.
export const add = (kind, index) => (def) => {
  const step = { id: freshID(def.steps, kind.type), type: kind.type };
  if (kind.human) step.name = kind.label;
  for (const f of kind.fields) if (f.type === "duration") step[f.key] = "1d";
  def.steps.splice(index, 0, step);
  return step.id;
};

// move brings a step to another place, counted without it.
export const move = (id, to) => (def) => {
  const from = def.steps.findIndex((s) => s.id === id);
  const [step] = def.steps.splice(from, 1);
  def.steps.splice(to, 0, step);
  return id;
};

// order brings the steps into the order of ids.
export const order = (ids, moved) => (def) => {
  def.steps.sort((a, b) => ids.indexOf(a.id) - ids.indexOf(b.id));
  return moved;
};

export const copy = (id) => (def) => {
  const at = def.steps.findIndex((s) => s.id === id);
  const twin = { ...structuredClone(def.steps[at]), id: freshID(def.steps, def.steps[at].type) };
  def.steps.splice(at + 1, 0, twin);
  return twin.id;
};

export const remove = (id) => (def) => {
  const at = def.steps.findIndex((s) => s.id === id);
  def.steps.splice(at, 1);
  return null;
};

// set changes one field of a step; an empty value removes it.
export const set = (id, key, value) => (def) => {
  const step = def.steps.find((s) => s.id === id);
  if (value === "") delete step[key];
  else step[key] = value;
};
