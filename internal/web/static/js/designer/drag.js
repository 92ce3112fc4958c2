// Drag: steps are moved by the pointer; the keyboard has Alt and the arrows.
import Sortable from "/static/vendor/sortable.esm.js";

export function letDrag(flow, onMoved) {
  Sortable.create(flow, {
    draggable: ".flow-step",
    animation: 160,
    delay: 180,
    delayOnTouchOnly: true,
    forceFallback: true, // the browser's own dragging does not start on buttons everywhere
    fallbackTolerance: 5,
    onStart: () => flow.classList.add("is-dragging"),
    onEnd: (event) => {
      flow.classList.remove("is-dragging");
      const ids = [...flow.querySelectorAll(".flow-step")].map((li) => li.dataset.stepId);
      onMoved(ids, event.item.dataset.stepId);
    },
  });
}
