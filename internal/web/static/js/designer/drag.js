// Drag: steps are moved by the pointer; the keyboard has Alt and the arrows.
import Sortable from "/static/vendor/sortable.esm.js";

// letDrag holds the drawing as long as a card is pressed: an answer of the
// server that came meanwhile would take the card out of the hand.
export function letDrag({ flow, hold }, onMoved) {
  Sortable.create(flow, {
    draggable: ".flow-step",
    animation: 160,
    delay: 180,
    delayOnTouchOnly: true,
    forceFallback: true, // the browser's own dragging does not start on buttons everywhere
    fallbackTolerance: 5,
    onChoose: () => hold(true),
    // The click of a card that was not moved comes after this.
    onUnchoose: () => { if (!flow.classList.contains("is-dragging")) setTimeout(() => hold(false)); },
    onStart: () => flow.classList.add("is-dragging"),
    onEnd: (event) => {
      flow.classList.remove("is-dragging");
      const ids = [...flow.querySelectorAll(".flow-step")].map((li) => li.dataset.stepId);
      hold(false);
      onMoved(ids, event.item.dataset.stepId);
    },
  });
}
