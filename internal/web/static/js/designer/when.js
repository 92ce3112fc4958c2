// When: the form of a condition's question. The panel fills the fields that
// have a name; here is what depends on the kind of question.
import { createRows } from "./rows.js";
import { set } from "./steps.js";
import { before, find, placeOf } from "./tree.js";
import { valueControl } from "./value.js";

// shapeOf tells what a question is about: "email", "call", "meeting", "field" or, for none, "".
export function shapeOf(when) {
  if (!when || !Object.keys(when).length) return "";
  return ["email", "call", "meeting"].find((shape) => shape in when) ?? "field";
}

export function createWhen({ data, state, words }) {
  const rows = createRows({
    data,
    edit: (id, run, tag = "") => state.change(tag && `${id}.${tag}`, (def) => { run(find(def, id)); }),
  });

  // prepare shows what belongs to the question, before values are filled in.
  function prepare(form, step) {
    const shape = shapeOf(step.when);
    const asks = form.querySelector("[data-asks]");
    if (asks) {
      if (!shape && asks.value) asks.add(new Option("Choose", ""), 0);
      asks.value = shape;
    }
    form.querySelectorAll("[data-when]").forEach((box) => { box.hidden = box.dataset.when !== shape; });
    form.querySelectorAll("[data-earlier]").forEach((select) => offerEarlier(select, step));
    const match = form.querySelector("[data-match]");
    if (match) match.hidden = (step.when?.results ?? []).length < 2;
    if (shape === "field") rows.draw(form.querySelector("[data-rows]"), step);
    form.querySelectorAll("[data-value-of]").forEach((box) => drawValue(box, step));
  }

  // offerEarlier lists the steps that a condition can ask about.
  function offerEarlier(select, step) {
    const types = select.dataset.earlier.split(" ");
    const list = before(state.def, placeOf(state.def, step.id)).filter((s) => types.includes(s.type));
    const texts = list.map((s) => [s.id, `${words(s).title} (step ${state.index(s.id) + 1})`]);
    const want = JSON.stringify(texts);
    if (select.dataset.offers === want) return;
    select.dataset.offers = want;
    select.replaceChildren(new Option(select.dataset.none, ""), ...texts.map(([id, text]) => new Option(text, id)));
  }

  // drawValue is the value that a step sets a field to, as the field's type takes it.
  function drawValue(box, step) {
    const key = box.dataset.valueOf;
    const field = data.fields.find((f) => f.key === step.field);
    const want = `${step.id} ${field?.key ?? ""}`;
    if (box.dataset.shown !== want) {
      box.dataset.shown = want;
      const label = document.getElementById(`p-${key}-label`).textContent;
      box.control = valueControl({ field, label });
      box.control.el.id = `p-${key}`;
      box.control.el.dataset.pointer = key;
      box.control.el.disabled = !data.mayEdit;
      box.replaceChildren(box.control.el);
      box.control.el.addEventListener("input", () => state.change(`${step.id}.${key}`, set(step.id, key, box.control.get())));
    }
    if (!box.contains(document.activeElement) || box.control.el.matches("select")) box.control.set(step[key]);
  }

  return { prepare, forget: rows.forget };
}
