// Act: what a person does to the flow. Each act is one state to go back to, is
// said to screen readers, and leaves the focus where the work goes on.
import { announce, toast } from "./say.js";
import { add, copy, copyLane, drop, move, remove, swap } from "./steps.js";
import { askedBy, count, find, neighbour, placeOf, sideLabel } from "./tree.js";
import { shapeOf } from "./when.js";
import { plural } from "./words.js";

export function createActs({ data, state, canvas, panel, save }) {
  const title = (id) => canvas.words(state.find(id)).title;

  // where says the place of a step: "step 3 of 8", and in which lane.
  function where(id) {
    const at = placeOf(state.def, id);
    const lane = at.in ? `, ${sideLabel[at.side]} of “${title(at.in)}”` : "";
    return `step ${state.index(id) + 1} of ${state.all.length}${lane}`;
  }

  // added runs an edit that makes a step, and gives its id.
  function added(edit) {
    state.change("", (def) => {
      const id = edit(def);
      canvas.arrive(id);
      return id;
    });
    return state.chosen.id;
  }

  function moved(id) {
    canvas.reveal(id);
    announce(`Moved to ${where(id)}.`);
  }

  const act = {
    save: () => save(),
    undo() { if (state.undo()) announce("Undone."); },
    redo() { if (state.redo()) announce("Redone."); },

    add({ type, when }, place) {
      const kind = data.kinds.find((k) => k.type === type);
      const id = added(add(data.kinds, kind, place, when));
      announce(`${kind.label} added as ${where(id)}.`);
      canvas.reveal(id);
      const shape = shapeOf(when);
      panel.enter(kind.human ? { select: true } : { key: shape === "field" ? "when" : shape === "meeting" ? "when/outcomes" : shape ? `when/${shape}` : kind.fields[0]?.key, select: true });
    },

    move(id, by) {
      const place = data.mayEdit && neighbour(state.def, id, by);
      if (!place) return;
      state.change("", move(id, place));
      moved(id);
    },

    // drop is the end of a drag; the place was counted with the step in it.
    drop(id, place) {
      state.change("", drop(id, place));
      setTimeout(() => moved(id)); // the drawing waits until the card is let go
    },

    copy(id) {
      const twin = added(copy(id));
      canvas.reveal(twin);
      announce(`Copied. The copy is ${where(twin)}.`);
    },

    copyLane(id, side) {
      const n = count(state.find(id)[side]);
      state.change("", copyLane(id, side));
      announce(`${plural(n, "step", "steps")} copied to ${sideLabel[side === "yes" ? "no" : "yes"]}.`);
    },

    swap(id) {
      state.change("", swap(id));
      announce("Yes and No are swapped.");
    },

    // remove refuses a step that a condition asks about, and offers the way out.
    remove(id) {
      if (!data.mayEdit) return;
      const asking = askedBy(state.def, id);
      if (asking.length) return refuse(id, asking);
      erase(`“${title(id)}” is deleted.`, id);
    },
  };

  function erase(said, ...ids) {
    const index = state.index(ids[0]);
    state.change("", remove(...ids));
    const next = state.all[Math.min(index, state.all.length - 1)];
    if (next) canvas.focus(next.id);
    else document.querySelector("[data-first-step]")?.focus();
    toast(said, { action: { label: "Undo", run: act.undo } });
  }

  const dialog = document.getElementById("feeds");
  const part = (selector) => dialog.querySelector(selector);
  let refused = null;

  function refuse(id, asking) {
    refused = { id, asking };
    const names = asking.map((s) => `“${title(s.id)}”`).join(" and ");
    const inner = new Set(asking.flatMap((s) => [...(s.yes ?? []), ...(s.no ?? [])].map((l) => l.id)));
    const lost = [...inner].reduce((sum, lane) => sum + count([find(state.def, lane)]), 0);
    const one = asking.length === 1;
    part("[data-feeds-text]").textContent = `${names} ${one ? "asks" : "ask"} about “${title(id)}”. Let ${one ? "it" : "them"} ask about something else first, or delete both${lost ? `, with the ${plural(lost, "step", "steps")} in ${one ? "its" : "their"} lanes` : ""}.`;
    part("[data-feeds-both]").textContent = one ? "Delete both" : `Delete all ${asking.length + 1}`;
    dialog.showModal();
    part("[data-feeds-show]").focus();
  }

  part("[data-feeds-both]").addEventListener("click", () => {
    dialog.close();
    const { id, asking } = refused;
    erase(`“${title(id)}” and ${asking.length === 1 ? `“${title(asking[0].id)}”` : `${asking.length} conditions`} are deleted.`, id, ...asking.map((s) => s.id));
  });
  part("[data-feeds-show]").addEventListener("click", () => {
    dialog.close();
    state.choose(refused.asking[0].id);
    canvas.focus(refused.asking[0].id);
  });

  return act;
}
