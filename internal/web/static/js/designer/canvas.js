// Canvas: draws the flow from the state, as nested lists. Its pieces are
// templates that the server wrote (designerParts in designer.templ), which
// draws the same tree itself where nothing is edited (flow.templ).
import { createFolds } from "./fold.js";
import { around, count, each, ends, laneEnds, placeFrom, placeKey, placeOf, sideLabel, sides } from "./tree.js";
import { plural, stepWords } from "./words.js";

const part = (name) => document.getElementById(`part-${name}`).content.cloneNode(true);

export function createCanvas({ data, state, problems, pick, view }) {
  const flow = document.querySelector("[data-flow]");
  flow.classList.add("is-live");
  const folded = createFolds(data.id); // lanes that are folded up, as "id/side"
  let fresh = null; // id of the step that was just added
  let held = false; // something in the flow is pressed: nothing is drawn
  let missed = false; // something was to be drawn meanwhile

  const kindOf = (step) => data.kinds.find((k) => k.type === step?.type);
  const words = (step) => stepWords(step, data, state.def);

  function draw() {
    missed = held;
    if (held) return;
    const focused = focusKey();
    const list = [mark(data.start)];
    if (state.steps.length) list.push(...drawList({ in: "", side: "" }, state.steps, false));
    else list.push(empty());
    const keep = view.anchor(state.chosen?.id);
    flow.replaceChildren(...list);
    view.settle({ tree: state.all.some((s) => kindOf(s)?.branches), any: state.steps.length > 0 }, keep);
    if (focused) flow.querySelector(focused)?.focus({ preventScroll: true });
    fresh = null;
  }

  // drawList draws the sequence's own steps or a lane's, with a + at every
  // place. more tells that something follows the list.
  function drawList(at, steps, more) {
    const list = [];
    const last = steps.at(-1);
    steps.forEach((step, index) => {
      const follows = index < steps.length - 1;
      if (data.mayEdit) list.push(addButton({ ...at, index }));
      list.push(card(step));
      if (!kindOf(step)?.branches) return;
      list.push(lanes(step, follows || more));
      const join = joinText(step);
      if (follows && join) list.push(mark(join));
    });
    // After lanes that end for themselves stands a way to go on from both.
    if (data.mayEdit && !ends(last, data.kinds)) list.push(addButton({ ...at, index: steps.length }, kindOf(last)?.branches && !more));
    const end = endText(steps, more);
    if (end) list.push(mark(end));
    return list;
  }

  // endText is the mark below a list, "" where it goes on or inner lanes bear it.
  function endText(steps, more) {
    const kind = kindOf(steps.at(-1));
    if (kind?.last) return data.ends.advance;
    return kind?.branches || more ? "" : data.ends.sequence;
  }

  function joinText(step) {
    const on = sides.filter((side) => !laneEnds(step[side], data.kinds));
    return on.length === 2 ? "both sides go on" : on.length ? `only ${sideLabel[on[0]]} goes on` : "";
  }

  function mark(text) {
    const li = document.createElement("li");
    li.className = "flow-mark";
    const span = document.createElement("span");
    span.textContent = text;
    li.append(span);
    return li;
  }

  function lanes(step, more) {
    const li = part("lanes").firstElementChild;
    const { title } = words(step);
    for (const side of sides) {
      const steps = step[side] ?? [];
      const lane = li.querySelector(`:scope > [data-side="${side}"]`);
      const key = `${step.id}/${side}`;
      const isFolded = folded.has(key) && steps.length > 0;
      lane.setAttribute("aria-label", `${sideLabel[side]} of ${title}`);
      lane.classList.toggle("lane-ends", !more || laneEnds(steps, data.kinds));
      lane.classList.toggle("is-folded", isFolded);
      pill(lane, { key, side, steps, isFolded, title });
      if (!isFolded) lane.append(...drawList({ in: step.id, side }, steps, more));
      else if (!more || laneEnds(steps, data.kinds)) lane.append(mark(endText(steps, more) || data.ends.sequence));
    }
    return li;
  }

  // pill is the name of a lane, by which it is folded up and unfolded. What is
  // wrong inside a folded lane is counted beside it.
  function pill(lane, { key, side, steps, isFolded, title }) {
    const button = lane.querySelector(".lane-pill");
    const bad = lane.querySelector(".lane-bad");
    const size = plural(count(steps), "step", "steps");
    button.dataset.fold = key;
    button.setAttribute("aria-expanded", String(!isFolded));
    button.setAttribute("aria-label", `${sideLabel[side]}${isFolded ? `, ${size}` : ""}: lane of ${title}`);
    button.title = isFolded ? "Unfold this lane" : "Fold this lane up";
    button.disabled = steps.length === 0;
    lane.querySelector(".lane-count").textContent = isFolded ? size : "";
    const wrong = isFolded ? [...each(steps)].flatMap((s) => problems.of(s.id)) : [];
    bad.hidden = !wrong.length;
    if (!wrong.length) return;
    bad.querySelector("span").textContent = plural(wrong.length, "problem", "problems");
    bad.dataset.show = wrong[0].step;
  }

  function addButton(place, wide = false) {
    const li = part(wide ? "add-after" : "add").firstElementChild;
    const button = li.querySelector("button");
    const label = addLabel(place);
    button.dataset.place = placeKey(place);
    button.setAttribute("aria-label", label);
    button.setAttribute("aria-haspopup", "dialog");
    button.title = label;
    button.disabled = state.all.length >= data.maxSteps;
    if (button.disabled) button.title = `A sequence has at most ${data.maxSteps} steps`;
    if (button.dataset.place === placeKey(nextPlace())) button.dataset.key = "a";
    return li;
  }

  function addLabel(place) {
    const steps = place.in ? state.find(place.in)[place.side] : state.steps;
    const before = steps[place.index - 1];
    if (before) return `Add a step after ${kindOf(before)?.branches ? "both sides of " : ""}${words(before).title}`;
    return place.in ? `Add a step at ${sideLabel[place.side]} of ${words(state.find(place.in)).title}` : "Add a step at the start";
  }

  // nextPlace is where the key A adds: after the chosen step, but first into
  // the empty lanes of a condition.
  function nextPlace() {
    const step = state.chosen;
    if (!step) return { in: "", side: "", index: state.steps.length };
    const side = kindOf(step)?.branches && sides.find((s) => !step[s]?.length);
    if (side) return { in: step.id, side, index: 0 };
    const at = placeOf(state.def, step.id);
    return { ...at, index: at.index + 1 };
  }

  function card(step) {
    const li = part(`card-${kindOf(step) ? step.type : data.kinds[0].type}`).firstElementChild;
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
    const here = data.here[step.id];
    if (here) {
      const figure = document.createElement("span");
      figure.className = "step-figure";
      figure.textContent = `${here.toLocaleString("en")} here`;
      box.querySelector(".step-text").after(figure);
    }
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

  function focusKey() {
    const el = document.activeElement;
    if (!flow.contains(el)) return "";
    const key = ["step", "place", "fold"].find((name) => el.dataset[name]);
    return key ? `[data-${key}="${CSS.escape(el.dataset[key])}"]` : "";
  }

  // expose unfolds the lanes in which a step stands.
  function expose(id) {
    if (folded.unfold(around(state.def, id).map((a) => `${a.id}/${a.side}`))) draw();
  }

  function show(id) {
    expose(id);
    flow.querySelector(`#step-${CSS.escape(id)}`)?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  // The drawing waits as long as anything is pressed: an answer of the server
  // that came meanwhile would take a card out of the hand, and a button from
  // under it, which then would not be clicked.
  let releasing;
  flow.addEventListener("pointerdown", () => {
    clearTimeout(releasing); // it belongs to the press before this one
    held = true;
  });
  flow.addEventListener("click", () => { held = false; }, true);
  for (const over of ["pointerup", "pointercancel"]) addEventListener(over, () => { releasing = setTimeout(release); }); // the click comes first

  function release() {
    held = false;
    if (missed) draw();
  }

  flow.addEventListener("click", (event) => {
    const at = (selector) => event.target.closest(selector);
    const open = at("[data-step]");
    if (open) return state.choose(open.dataset.step);
    const add = at("[data-place]");
    if (add) return pick(placeFrom(add.dataset.place));
    if (at("[data-first-step]")) return pick({ in: "", side: "", index: 0 });
    const fold = at("[data-fold]")?.dataset.fold;
    if (fold) {
      folded.toggle(fold);
      draw();
    }
    const bad = at("[data-show]")?.dataset.show;
    if (bad) {
      state.choose(bad);
      focus(bad);
    }
  });
  // A click on the empty canvas chooses the sequence itself.
  document.querySelector("[data-canvas]").addEventListener("click", (event) => {
    if (!event.target.closest("button, a, .step, [data-kept]")) state.choose(null);
  });

  function focus(id) {
    show(id);
    flow.querySelector(`[data-step="${CSS.escape(id)}"]`)?.focus({ preventScroll: true });
  }

  return {
    flow,
    draw,
    words,
    // arrive marks the step that was just added, so that it comes in gently.
    arrive(id) { fresh = id; },
    focus,
    reveal: show,
  };
}
