// Keys: everything on the canvas by keyboard.

const typing = (el) => el.matches?.("input:not([type=checkbox], [type=radio]), textarea, select");
const onFlow = "[data-step], [data-place], [data-fold]";

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
    if (!canvas.flow.contains(event.target) || !event.target.matches(onFlow)) return;
    const at = event.target.dataset.step;
    if (at && event.key === "Delete") return stop(event, () => act.remove(at));
    if (at && event.key === "Enter") return stop(event, () => enter(at));
    const way = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (event.altKey) {
      if (at && way) stop(event, () => act.move(at, way));
      return;
    }
    if (way) return stop(event, () => walk(event.target, way));
    const side = { ArrowLeft: "yes", ArrowRight: "no" }[event.key];
    if (side) stop(event, () => cross(event.target, side));
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

  function go(id) {
    state.choose(id);
    canvas.focus(id);
  }

  // walk goes to the next or last card in reading order.
  function walk(from, by) {
    const cards = [...canvas.flow.querySelectorAll("[data-step]")];
    const follows = (card) => from.compareDocumentPosition(card) & Node.DOCUMENT_POSITION_FOLLOWING;
    const next = by > 0 ? cards.find(follows) : cards.findLast((card) => card !== from && !follows(card));
    if (next) go(next.dataset.step);
  }

  // cross goes over to the lane of a side: the one beside this lane, or beside
  // the next lane further out; from a condition, into its own.
  function cross(from, side) {
    let lane = from.closest(".lane");
    while (lane?.dataset.side === side) lane = lane.parentElement.closest(".lane");
    const pair = lane ? lane.parentElement : from.closest(".flow-step")?.nextElementSibling;
    const other = pair?.matches(".lanes") && pair.querySelector(`:scope > [data-side="${side}"]`);
    if (!other) return;
    const height = (el) => el.getBoundingClientRect().top;
    const cards = [...other.querySelectorAll(":scope > .flow-step [data-step]")];
    const near = cards.sort((a, b) => Math.abs(height(a) - height(from)) - Math.abs(height(b) - height(from)))[0];
    if (near) return go(near.dataset.step);
    const rest = other.querySelector("[data-fold]:not(:disabled), [data-place]:not(:disabled)");
    rest?.focus({ preventScroll: true });
    rest?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function leavePanel(event) {
    const id = state.chosen?.id;
    if (!id) return;
    event.preventDefault();
    if (matchMedia("(max-width: 960px)").matches) state.choose(null);
    canvas.focus(id);
  }
}
