// Keys: everything on the canvas by keyboard.

const typing = (el) => el.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");

export function listenToKeys({ state, canvas, panel, act }) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]")) return;
    const command = event.ctrlKey || event.metaKey;
    const key = event.key.toLowerCase();
    if (command && !event.altKey) {
      // In a field the browser's own undo is the finer one.
      if (key === "s") return stop(event, act.save);
      if (key === "z" && !typing(event.target)) return stop(event, event.shiftKey ? act.redo : act.undo);
      if (key === "y" && !typing(event.target)) return stop(event, act.redo);
      return;
    }
    if (event.key === "Escape" && panel.panel.contains(event.target)) return leavePanel(event);
    const at = event.target.dataset?.step;
    if (!at) return;
    if (event.key === "Delete") return stop(event, () => act.remove(at));
    if (event.key === "Enter") return stop(event, () => enter(at));
    if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
    const by = event.key === "ArrowUp" ? -1 : 1;
    if (event.altKey) stop(event, () => act.move(at, by));
    else if (!command) stop(event, () => walk(at, by));
  });

  function stop(event, run) {
    event.preventDefault();
    event.stopPropagation();
    run();
  }

  function enter(id) {
    state.choose(id);
    panel.enter();
  }

  function walk(id, by) {
    const next = state.steps[state.index(id) + by];
    if (!next) return;
    state.choose(next.id);
    canvas.focus(next.id);
  }

  function leavePanel(event) {
    const id = state.chosen?.id;
    if (!id) return;
    event.preventDefault();
    if (matchMedia("(max-width: 960px)").matches) state.choose(null);
    canvas.focus(id);
  }
}
