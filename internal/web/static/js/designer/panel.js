// Panel: the form of the chosen step, or of the sequence when none is chosen,
// and below it the list of problems.
import { createExits } from "./exits.js";
import { createWindows } from "./windows.js";
import { ask, get, set } from "./steps.js";
import { count, find, laneEnds, neighbour, placeOf } from "./tree.js";
import { createWhen } from "./when.js";
import { duration, minutes, plural, split } from "./words.js";

const part = (name) => document.getElementById(`part-${name}`).content.cloneNode(true);

export function createPanel({ data, state, problems, canvas }) {
  const panel = document.querySelector("[data-panel]");
  const form = document.createElement("div");
  const list = document.createElement("div");
  form.className = "panel-form";
  panel.replaceChildren(form, list);
  const when = createWhen({ data, state, words: canvas.words });
  const exits = createExits({ data, state });
  exits.listen(form);
  const windows = createWindows({ data, state });
  windows.listen(form);
  let shown; // what the form is for: a step's id, or null for the sequence

  function draw() {
    const step = state.chosen;
    const want = step?.id ?? null;
    if (want !== shown) open(step, want);
    fill(step);
    marks(step);
    drawProblems();
    panel.classList.toggle("is-open", Boolean(step));
    panel.setAttribute("aria-label", step ? `Settings of ${canvas.words(step).title}` : "Settings of the sequence");
  }

  function open(step, want) {
    shown = want;
    const known = step && data.kinds.some((k) => k.type === step.type);
    form.replaceChildren(part(`panel-${known ? step.type : "sequence"}`));
    for (const button of form.querySelectorAll("[data-close-panel]")) button.hidden = !step;
    panel.scrollTop = 0;
    when.forget();
    exits.forget();
    if (!data.mayEdit) form.querySelectorAll(".panel-tools, .panel-lanes").forEach((el) => el.remove());
  }

  // fill brings values into the form, but never into what is being typed in.
  function fill(step) {
    const of = step ?? { ...state.def, ...state.def.options };
    if (step) when.prepare(form, step);
    else {
      exits.prepare(form);
      windows.prepare(form);
    }
    form.querySelectorAll("[name]").forEach((el) => {
      if (el === document.activeElement && el.type !== "radio" && el.type !== "checkbox") return;
      if (el.closest("[data-duration], [data-windows]") || el.dataset.asks !== undefined) return;
      const value = get(of, el.name) ?? "";
      if (el.type === "checkbox") el.checked = el.closest(".checks") ? [value].flat().includes(el.value) : value === true;
      else if (el.type === "radio") el.checked = el.value === value;
      else {
        if (el.tagName === "SELECT") offer(el, value);
        if (el.value !== value) el.value = value;
      }
    });
    form.querySelectorAll("[data-duration]").forEach((set) => fillDuration(set, get(of, set.dataset.duration)));
    form.querySelectorAll("[data-template-link]").forEach((link) => {
      const template = data.templates.find((t) => t.key === step?.[link.dataset.templateLink]);
      link.hidden = !template;
      if (template) link.href = template.href;
    });
    if (step) tools(step);
    if (!data.mayEdit) form.querySelectorAll("input, select, textarea, [data-rows] button, [data-exit-rows] button").forEach((el) => { el.disabled = true; });
  }

  // tools lets those buttons be pressed that can do something.
  function tools(step) {
    const room = data.maxSteps - state.all.length;
    form.querySelectorAll("[data-move]").forEach((b) => { b.disabled = !neighbour(state.def, step.id, Number(b.dataset.move)); });
    form.querySelectorAll("[data-copy-step]").forEach((b) => { b.disabled = room < count([step]); });
    form.querySelectorAll("[data-swap]").forEach((b) => { b.disabled = !step.yes?.length && !step.no?.length; });
    form.querySelectorAll("[data-copy-lane]").forEach((b) => {
      const [from, to] = b.dataset.copyLane === "yes" ? [step.yes, step.no] : [step.no, step.yes];
      b.disabled = !from?.length || room < count(from) || laneEnds(to, data.kinds);
      b.title = !from?.length ? "The lane has no steps" : laneEnds(to, data.kinds) ? "The other lane ends, so nothing can follow there" : room < count(from) ? `A sequence has at most ${data.maxSteps} steps` : "";
    });
  }

  // offer adds the present value to a select that does not hold it, so that it is seen and kept.
  function offer(select, value) {
    if (!value || [...select.options].some((o) => o.value === value)) return;
    select.add(new Option(`${value} (not available)`, value));
  }

  function fillDuration(box, text) {
    if (box.contains(document.activeElement)) return;
    const total = minutes(text);
    const parts = total === null ? ["", "", ""] : split(total).map((n) => (n ? String(n) : ""));
    ["d", "h", "m"].forEach((name, i) => { box.querySelector(`[name=${name}]`).value = parts[i]; });
  }

  // asked tells whether an element belongs to the question that is asked: two questions have fields of the same name.
  const asked = (el) => !el.closest("[data-when][hidden]");
  const visible = (selector) => [...form.querySelectorAll(selector)].find(asked);

  // marks shows the problems of the chosen step at their fields.
  function marks(step) {
    const wrong = problems.of(step?.id ?? "");
    form.querySelectorAll(".field-bad").forEach((el) => el.classList.remove("field-bad"));
    form.querySelectorAll("[aria-invalid]").forEach((el) => el.removeAttribute("aria-invalid"));
    form.querySelectorAll("[data-error]").forEach((box) => {
      const mine = wrong.filter((p) => fieldOf(p, box.dataset.error) === box.dataset.error);
      box.hidden = !mine.length;
      box.querySelector("span").textContent = mine.map((p) => `${p.message} ${p.hint}`.trim()).join(" ");
      const control = visible(`[name="${box.dataset.error}"], [data-duration="${box.dataset.error}"] input`);
      if (!control || !asked(box)) return;
      if (!box.id) box.id = `${control.id}-error`;
      control.closest(".field")?.classList.toggle("field-bad", mine.length > 0);
      const notes = (control.getAttribute("aria-describedby") ?? "").split(" ").filter((id) => id && id !== box.id);
      if (mine.length) {
        notes.unshift(box.id);
        control.setAttribute("aria-invalid", "true");
      }
      if (notes.length) control.setAttribute("aria-describedby", notes.join(" "));
      else control.removeAttribute("aria-describedby");
    });
  }

  // fieldOf gives the line of the form that a problem belongs to: the one whose
  // pointer is the longest beginning of the problem's. What is about the step as
  // a whole, or a field that the form lacks, stands at its end ("").
  function fieldOf(p) {
    const key = p.field.replace(/^(\/(steps|yes|no)\/\d+)+/, "").replace(/^\/(options\/)?/, "");
    const lines = [...form.querySelectorAll("[data-error]")].map((el) => el.dataset.error);
    return lines.filter((line) => line && (key === line || key.startsWith(`${line}/`))).sort((a, b) => b.length - a.length)[0] ?? "";
  }

  function drawProblems() {
    // A sequence without steps says so on the canvas, and need not be scolded.
    if (!problems.all.length || !state.steps.length) return list.replaceChildren();
    const section = part("problems");
    section.querySelector("h3").textContent = plural(problems.all.length, "problem", "problems");
    section.querySelector("ul").append(...problems.all.map((p) => {
      const li = document.createElement("li");
      const button = document.createElement("button");
      const at = state.index(p.step);
      const where = at < 0 ? "" : `Step ${at + 1}, ${canvas.words(state.all[at]).title}: `;
      button.type = "button";
      button.textContent = where + `${p.message} ${p.hint}`.trim();
      button.addEventListener("click", () => jump(p));
      li.append(button);
      return li;
    }));
    list.replaceChildren(section);
  }

  // jump leads to the field that a problem is about.
  function jump(p) {
    state.choose(state.index(p.step) < 0 ? null : p.step);
    if (p.step) canvas.reveal(p.step);
    const key = fieldOf(p);
    if (key) focusField(key);
    else if (p.step) canvas.focus(p.step);
  }

  function focusField(key) {
    const at = CSS.escape(key);
    const el = visible(`[name="${at}"], [data-duration="${at}"] input, [data-pointer="${at}"], [data-pointer^="${at}/"]`);
    el?.focus();
    return el;
  }

  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", (event) => {
    const el = event.target;
    const id = state.chosen?.id;
    const box = el.closest("[data-duration]");
    if (!el.name || el.closest("[data-windows]")) return;
    if (el.dataset.asks !== undefined) return askAnew(id, el.value);
    if (id && box) return state.change(`${id}.${box.dataset.duration}`, set(id, box.dataset.duration, readDuration(box)));
    if (id) return state.change(`${id}.${el.name}`, set(id, el.name, valueOf(el)));
    const value = el.type === "checkbox" ? el.checked : el.value;
    state.change(`.${el.name}`, (def) => {
      if (el.name in def.options) def.options[el.name] = value;
      else if (value === "" && el.name === "description") delete def.description;
      else def[el.name] = value;
    });
  });
  function valueOf(el) {
    if (el.type !== "checkbox") return el.value;
    if (!el.closest(".checks")) return el.checked;
    return [...el.closest(".checks").querySelectorAll("input")].filter((box) => box.checked).map((box) => box.value);
  }

  // askAnew has a condition ask about something else.
  function askAnew(id, shape) {
    const first = data.offers.find((o) => o.when && (shape in o.when));
    if (first) state.change("", (def) => { find(def, id).when = ask(data.kinds, def, placeOf(def, id), first.when); });
  }

  // After a duration is left, it is shown as it is counted: 30 hours are a day and six.
  form.addEventListener("focusout", (event) => {
    const box = event.target.closest("[data-duration]");
    if (box && !box.contains(event.relatedTarget)) queueMicrotask(() => draw());
  });

  function readDuration(box) {
    const [d, h, m] = ["d", "h", "m"].map((name) => box.querySelector(`[name=${name}]`).value.trim());
    if (!d && !h && !m) return "";
    // A negative or broken number is no time: what is left over is what the panel shows as missing.
    const total = [d, h, m].reduce((sum, v, i) => sum + Math.max(0, Number(v) || 0) * [1440, 60, 1][i], 0);
    return duration(Math.floor(total));
  }

  return {
    panel,
    draw,
    jump,
    // enter brings the focus into the form, to a field by its key or to the
    // first; with select, its text is replaced by typing.
    enter({ key = "name", select = false } = {}) {
      const el = focusField(key);
      if (select) el?.select?.();
    },
    enterProblems() {
      panel.scrollIntoView({ block: "end" });
      list.querySelector("button")?.focus();
    },
  };
}
