// State: the definition that is being edited, what is chosen, and the way back.
// A change works on a copy, so that every state of the past stays as it was.
import { each, find as findStep } from "./tree.js";

const keep = 200; // states to go back to
const pause = 1500; // ms after which typing in one field begins a new state

export function createState(sequence) {
  const listeners = new Set();
  let now = { def: sequence, chosen: null };
  let past = [];
  let future = [];
  let saved = JSON.stringify(sequence);
  let last = { tag: "", at: 0 };

  const tell = (what) => listeners.forEach((f) => f(what));
  const go = (from, to) => {
    if (!from.length) return false;
    to.push(now);
    now = from.pop();
    if (now.chosen && !find(now.chosen)) now = { ...now, chosen: null };
    last = { tag: "", at: 0 };
    tell("change");
    return true;
  };
  const find = (id) => findStep(now.def, id);

  return {
    get def() { return now.def; },
    get steps() { return now.def.steps; },
    // all are the steps in reading order, those in lanes included.
    get all() { return [...each(now.def.steps)]; },
    get chosen() { return now.chosen ? find(now.chosen) ?? null : null; },
    // saved is the definition, as JSON, that the server knows of this page.
    get saved() { return saved; },
    get dirty() { return JSON.stringify(now.def) !== saved; },
    get canUndo() { return past.length > 0; },
    get canRedo() { return future.length > 0; },
    find,
    // index counts in reading order; -1 for an unknown id.
    index: (id) => [...each(now.def.steps)].findIndex((s) => s.id === id),

    // on calls f("change" | "choose" | "saved") after each of them.
    on(f) { listeners.add(f); },

    // change applies edit to a copy of the definition. Changes with the same
    // tag shortly after each other become one step of undo. edit may give the
    // id of the step to choose.
    change(tag, edit) {
      const def = structuredClone(now.def);
      const chosen = edit(def);
      if (JSON.stringify(def) === JSON.stringify(now.def)) return;
      const at = performance.now();
      if (!(tag && tag === last.tag && at - last.at < pause)) past.push(now);
      if (past.length > keep) past = past.slice(-keep);
      future = [];
      last = { tag, at };
      now = { def, chosen: chosen === undefined ? now.chosen : chosen };
      tell("change");
    },

    choose(id) {
      if (now.chosen === id) return;
      now = { ...now, chosen: id };
      last = { tag: "", at: 0 };
      tell("choose");
    },

    undo: () => go(past, future),
    redo: () => go(future, past),

    // markSaved says that this text of the definition is what the server has.
    markSaved(text) {
      saved = text;
      tell("saved");
    },
  };
}
