// View: how much of the flow is seen, and how large. The canvas scrolls; the
// flow in it is zoomed, so that whatever measures or scrolls still fits.

const levels = [0.1, 0.15, 0.2, 0.25, 0.33, 0.5, 0.67, 0.8, 0.9, 1, 1.1, 1.25, 1.5];
const [least, most] = [levels[0], levels.at(-1)];
const far = 0.55; // below it, cards show their titles only, but larger
const edge = 24; // px that stay free around a flow that is shown as a whole

export function createView({ announce }) {
  const canvas = document.querySelector("[data-canvas]");
  const stage = canvas.parentElement;
  const flow = canvas.querySelector("[data-flow]");
  const tools = document.querySelector("[data-zoom-tools]");
  let size = 1;
  let settled = false;

  function set(next) {
    size = Math.min(most, Math.max(least, next));
    flow.style.zoom = size;
    // Lines stay a pixel wide, however small the flow is.
    flow.style.setProperty("--hair", `${Math.max(1, 1 / size)}px`);
    canvas.classList.toggle("is-far", size < far);
    tools.querySelector("[data-zoom-now]").textContent = `${Math.round(size * 100)} %`;
    tools.querySelector("[data-zoom=out]").disabled = size <= least;
    tools.querySelector("[data-zoom=in]").disabled = size >= most;
  }

  // zoom keeps what lies under a point of the window where it is.
  function zoom(next, x = middle().x, y = middle().y) {
    const was = flow.getBoundingClientRect();
    set(next);
    const now = flow.getBoundingClientRect();
    canvas.scrollLeft += now.left + ((x - was.left) / was.width) * now.width - x;
    canvas.scrollTop += now.top + ((y - was.top) / was.height) * now.height - y;
  }

  function middle() {
    const box = canvas.getBoundingClientRect();
    return { x: box.left + box.width / 2, y: box.top + box.height / 2 };
  }

  // extent measures the flow itself; its list is at least as wide as the canvas.
  function extent() {
    const boxes = [...flow.children].map((li) => li.getBoundingClientRect());
    const width = Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left));
    return { width, height: flow.getBoundingClientRect().height };
  }

  // fit shows the whole flow. Cards change their height with the size, so the
  // first guess is mended.
  function fit() {
    const foot = Math.min(80, parseFloat(getComputedStyle(canvas).paddingBottom));
    for (let turn = 0; turn < 12; turn++) {
      const { width, height } = extent();
      const room = Math.min((canvas.clientWidth - 2 * edge) / width, (canvas.clientHeight - edge - foot) / height);
      const next = Math.min(1, Math.max(least, size * room));
      if (next >= size && turn && next / size < 1.01) break;
      set(turn < 4 ? next : Math.min(size * 0.99, next)); // so that it ends
    }
    center();
    canvas.scrollTop = 0;
  }

  function center() { canvas.scrollLeft = (canvas.scrollWidth - canvas.clientWidth) / 2; }

  const steps = {
    in: () => zoom(levels.find((l) => l > size + 0.001) ?? most),
    out: () => zoom(levels.findLast((l) => l < size - 0.001) ?? least),
    fit,
  };
  tools.addEventListener("click", (event) => {
    const how = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (!how) return;
    steps[how]();
    announce(`${Math.round(size * 100)} percent.`);
  });

  // Ctrl and the wheel is also what two fingers on a touchpad send.
  canvas.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const by = Math.max(-60, Math.min(60, event.deltaY * (event.deltaMode ? 20 : 1)));
    zoom(size * Math.exp(-by * 0.005), event.clientX, event.clientY);
  }, { passive: false });

  let pinch = null;
  const span = ([a, b]) => Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY);
  canvas.addEventListener("touchstart", ({ touches }) => { pinch = touches.length === 2 ? { span: span(touches), size } : null; }, { passive: true });
  canvas.addEventListener("touchmove", (event) => {
    if (!pinch || event.touches.length !== 2) return;
    event.preventDefault();
    const [a, b] = event.touches;
    zoom(pinch.size * (span(event.touches) / pinch.span), (a.clientX + b.clientX) / 2, (a.clientY + b.clientY) / 2);
  }, { passive: false });

  // The empty canvas can be taken by the mouse and moved; fingers scroll it anyway.
  canvas.addEventListener("pointerdown", (start) => {
    if (start.button || start.pointerType !== "mouse" || start.target.closest("button, a, .step, [data-kept]")) return;
    const from = { left: canvas.scrollLeft, top: canvas.scrollTop };
    let moved = false;
    const onMove = (event) => {
      const [x, y] = [event.clientX - start.clientX, event.clientY - start.clientY];
      if (!moved && Math.hypot(x, y) < 4) return;
      moved = true;
      canvas.classList.add("is-panning");
      canvas.scrollLeft = from.left - x;
      canvas.scrollTop = from.top - y;
    };
    const onEnd = () => {
      removeEventListener("pointermove", onMove);
      canvas.classList.remove("is-panning");
      if (moved) swallowClick();
    };
    addEventListener("pointermove", onMove);
    addEventListener("pointerup", onEnd, { once: true });
    addEventListener("pointercancel", onEnd, { once: true });
  });

  return {
    canvas,
    get size() { return size; },
    // anchor remembers where a card is, so that settle can keep it there while
    // lanes beside it come and go.
    anchor(id) {
      const card = () => (id && flow.querySelector(`#step-${CSS.escape(id)}`)) || flow.querySelector(".flow-step");
      const left = card()?.getBoundingClientRect().left;
      return left === undefined ? null : { card, left };
    },
    // clear brings a card out from under the panel, which lies over the canvas
    // on a narrow screen.
    clear(id, panel) {
      const card = flow.querySelector(`#step-${CSS.escape(id)} .step`);
      if (!card || getComputedStyle(panel).position !== "fixed") return;
      for (const box of [canvas, stage.parentElement, document.scrollingElement]) {
        const under = card.getBoundingClientRect().bottom + 12 - panel.getBoundingClientRect().top;
        if (under > 0) box.scrollTop += under;
      }
    },
    settle({ tree, any }, keep) {
      stage.classList.toggle("is-tree", tree);
      tools.hidden = !any;
      if (!settled) center();
      else if (keep?.card()) canvas.scrollLeft += keep.card().getBoundingClientRect().left - keep.left;
      settled = true;
    },
  };
}

// swallowClick takes the click that the browser sends after something was moved.
export function swallowClick() {
  const stop = (event) => {
    event.stopPropagation();
    event.preventDefault();
  };
  addEventListener("click", stop, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", stop, { capture: true }));
}
