// Drag: steps are moved by the pointer to any place of the tree; the keyboard
// has Alt and the arrows. While a step is in the hand, each + is a place for it.
import { placeFrom, placeKey, placeOf } from "./tree.js";
import { swallowClick } from "./view.js";

const slack = 5; // px that a press may move and still be a click
const press = 220; // ms after which a finger takes a card, instead of scrolling
const border = 56; // px from the edge of the canvas where it begins to scroll

export function letDrag({ canvas, view, state }, onMoved) {
  const { flow } = canvas;
  let drag = null;

  flow.addEventListener("pointerdown", (event) => {
    const li = event.target.closest(".step")?.closest(".flow-step");
    if (!li || event.button || !event.isPrimary) return;
    drag = { li, id: li.dataset.stepId, x: event.clientX, y: event.clientY, from: event, ghost: null, over: null };
    if (event.pointerType !== "mouse") drag.timer = setTimeout(lift, press);
  });

  addEventListener("pointermove", track);
  addEventListener("pointerup", (event) => {
    if (!drag) return;
    track(event); // a busy browser may have left out the last moves
    if (!drag) return;
    const { ghost, over, id } = drag;
    end();
    if (!ghost) return;
    swallowClick();
    if (over) onMoved(id, placeFrom(over.dataset.place));
  });
  addEventListener("pointercancel", () => drag && end());
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !drag?.ghost) return;
    event.preventDefault();
    event.stopPropagation();
    end();
  }, true);
  // Marked text would be dragged by the browser in the place of the card.
  flow.addEventListener("dragstart", (event) => event.preventDefault());
  // A card that a finger holds neither scrolls nor opens the browser's menu.
  flow.addEventListener("touchmove", (event) => { if (drag?.ghost) event.preventDefault(); }, { passive: false });
  flow.addEventListener("contextmenu", (event) => { if (drag?.timer) event.preventDefault(); });

  function track(event) {
    if (!drag) return;
    drag.x = event.clientX;
    drag.y = event.clientY;
    const far = Math.hypot(drag.x - drag.from.clientX, drag.y - drag.from.clientY) > slack;
    if (!drag.ghost && far && event.pointerType === "mouse") lift();
    else if (!drag.ghost && far) return end(); // a finger that scrolls
    if (drag.ghost) follow();
  }

  const lanesOf = (li) => (li.nextElementSibling?.matches(".lanes") ? li.nextElementSibling : null);

  function lift() {
    const box = drag.li.querySelector(".step").getBoundingClientRect();
    const ghost = document.createElement("div");
    ghost.className = "drag-ghost flow";
    ghost.setAttribute("aria-hidden", "true");
    ghost.append(drag.li.querySelector(".step").cloneNode(true));
    ghost.querySelectorAll("[id]").forEach((el) => el.removeAttribute("id"));
    ghost.firstElementChild.style.zoom = view.size;
    Object.assign(drag, { ghost, dx: box.left - drag.from.clientX, dy: box.top - drag.from.clientY });
    document.body.append(ghost);
    flow.classList.add("is-dragging");
    drag.li.classList.add("is-lifted");
    lanesOf(drag.li)?.classList.add("is-lifted");
    follow();
    scroll();
  }

  function follow() {
    drag.ghost.style.transform = `translate(${drag.x + drag.dx}px, ${drag.y + drag.dy}px)`;
    const over = target();
    if (over === drag.over) return;
    drag.over?.classList.remove("is-over");
    over?.classList.add("is-over");
    drag.over = over;
  }

  // target gives the + at which the step would land: over a card, the one
  // before or after it; else the nearest one.
  function target() {
    const free = (el) => el && !el.closest(".is-lifted") && !el.disabled;
    const card = document.elementFromPoint(drag.x, drag.y)?.closest(".flow-step");
    if (card === drag.li) return null;
    if (card && flow.contains(card) && !card.closest(".is-lifted")) {
      const button = flow.querySelector(`[data-place="${CSS.escape(placeKey(beside(card)))}"]`);
      if (free(button)) return button;
    }
    let [best, least] = [null, 180];
    for (const button of flow.querySelectorAll("[data-place]")) {
      const box = button.getBoundingClientRect();
      const away = Math.hypot(box.x + box.width / 2 - drag.x, box.y + box.height / 2 - drag.y);
      if (free(button) && away < least) [best, least] = [button, away];
    }
    return best;
  }

  // beside gives the place that a step takes over a card: in its own lane that
  // card's place, elsewhere the one on the side where the pointer is.
  function beside(card) {
    const at = placeOf(state.def, card.dataset.stepId);
    const own = placeOf(state.def, drag.id);
    const box = card.getBoundingClientRect();
    const same = at.in === own.in && at.side === own.side;
    const after = same ? at.index > own.index : drag.y > box.top + box.height / 2;
    return after ? { ...at, index: at.index + 1 } : at;
  }

  // scroll moves the canvas while the step is held at its edge.
  function scroll() {
    if (!drag?.ghost) return;
    const box = view.canvas.getBoundingClientRect();
    const [top, bottom] = [Math.max(box.top, 0), Math.min(box.bottom, innerHeight)];
    const pull = (at, low, high) => (at < low + border ? at - low - border : at > high - border ? at - high + border : 0) / 5;
    const [x, y] = [pull(drag.x, box.left, box.right), pull(drag.y, top, bottom)];
    if (x || y) {
      view.canvas.scrollBy(x, y);
      follow();
    }
    requestAnimationFrame(scroll);
  }

  function end() {
    clearTimeout(drag.timer);
    drag.ghost?.remove();
    flow.classList.remove("is-dragging");
    flow.querySelectorAll(".is-lifted, .is-over").forEach((el) => el.classList.remove("is-lifted", "is-over"));
    drag = null;
  }
}
