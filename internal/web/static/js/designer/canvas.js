// Canvas: draws the flow from the state. Its pieces are templates that the
// server wrote (designerParts in designer.templ).
import { plural, stepWords } from "./words.js";

const part = (name) => document.getElementById(`part-${name}`).content.cloneNode(true);

export function createCanvas({ data, state, problems, pick }) {
  const flow = document.querySelector("[data-flow]");
  let fresh = null; // id of the step that was just added
  let held = false; // a card is pressed: nothing is drawn
  let missed = false; // something was to be drawn meanwhile

  function draw() {
    missed = held;
    if (held) return;
    const focused = focusKey();
    const list = [mark(data.start)];
    if (!state.steps.length) list.push(empty());
    state.steps.forEach((step, i) => {
      if (data.mayEdit) list.push(addButton(i));
      list.push(card(step));
    });
    if (data.mayEdit && state.steps.length && !endsHere()) list.push(addButton(state.steps.length));
    if (state.steps.length) list.push(mark(endsHere() ? "Goes on in the other sequence" : "End of the sequence"));
    flow.replaceChildren(...list);
    if (focused) flow.querySelector(focused)?.focus({ preventScroll: true });
    fresh = null;
  }

  const endsHere = () => data.kinds.find((k) => k.type === state.steps.at(-1)?.type)?.last ?? false;

  function mark(text) {
    const li = document.createElement("li");
    li.className = "flow-mark";
    const span = document.createElement("span");
    span.textContent = text;
    li.append(span);
    return li;
  }

  function addButton(index) {
    const li = part("add").firstElementChild;
    const button = li.querySelector("button");
    const before = state.steps[index - 1];
    const label = before ? `Add a step after ${words(before).title}` : "Add a step at the start";
    button.dataset.add = index;
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-haspopup", "dialog");
    button.title = label;
    button.disabled = state.steps.length >= data.maxSteps;
    if (button.disabled) button.title = `A sequence has at most ${data.maxSteps} steps`;
    const chosen = state.chosen ? state.index(state.chosen.id) + 1 : state.steps.length;
    if (index === chosen) button.dataset.key = "a";
    return li;
  }

  function card(step) {
    const known = data.kinds.some((k) => k.type === step.type);
    const li = part(`card-${known ? step.type : data.kinds[0].type}`).firstElementChild;
    const box = li.querySelector(".step");
    const open = li.querySelector(".step-open");
    const sub = li.querySelector(".step-sub");
    const { title, sub: line } = words(step);
    const wrong = problems.of(step.id);
    li.id = `step-${step.id}`;
    li.dataset.stepId = step.id;
    box.id = `card-${step.id}`;
    open.textContent = title;
    open.dataset.step = step.id;
    sub.textContent = wrong.length ? wrong[0].message + (wrong.length > 1 ? ` ${plural(wrong.length - 1, "more problem", "more problems")}.` : "") : line;
    sub.id = `sub-${step.id}`;
    open.setAttribute("aria-describedby", sub.id);
    box.classList.toggle("is-bad", wrong.length > 0);
    box.classList.toggle("is-new", step.id === fresh);
    if (state.chosen?.id === step.id) {
      box.classList.add("is-on");
      open.setAttribute("aria-current", "true");
    }
    return li;
  }

  function empty() {
    const li = document.createElement("li");
    li.className = "flow-empty";
    li.append(part("empty"));
    if (!data.mayEdit) li.querySelector("button").remove();
    return li;
  }

  const words = (step) => stepWords(step, data.kinds, data.templates, state.def.options.waits);

  function focusKey() {
    const el = document.activeElement;
    if (!flow.contains(el)) return "";
    if (el.dataset.step) return `[data-step="${CSS.escape(el.dataset.step)}"]`;
    return el.dataset.add ? `[data-add="${el.dataset.add}"]` : "";
  }

  flow.addEventListener("click", (event) => {
    const open = event.target.closest("[data-step]");
    if (open) return state.choose(open.dataset.step);
    const add = event.target.closest("[data-add]");
    if (add) return pick(Number(add.dataset.add));
    if (event.target.closest("[data-first-step]")) pick(0);
  });
  // A click on the empty canvas chooses the sequence itself.
  document.querySelector("[data-canvas]").addEventListener("click", (event) => {
    if (event.target.matches("[data-canvas], [data-flow]")) state.choose(null);
  });

  return {
    flow,
    draw,
    // hold keeps the cards as they are until it is called with false.
    hold(on) {
      held = on;
      if (!on && missed) draw();
    },
    words,
    // show marks the step that was just added, so that it comes in gently.
    arrive(id) { fresh = id; },
    focus(id) {
      const open = flow.querySelector(`[data-step="${CSS.escape(id)}"]`);
      open?.focus({ preventScroll: true });
      open?.closest(".flow-step").scrollIntoView({ block: "nearest" });
    },
    reveal(id) { flow.querySelector(`#step-${CSS.escape(id)}`)?.scrollIntoView({ block: "nearest" }); },
  };
}
