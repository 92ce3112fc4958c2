// Rows: the form of a question about the record's fields. A row is a field, a
// comparison and a value; groups of rows and groups are joined by And or Or.
import { valueControl } from "./value.js";

const part = (name) => document.getElementById(`part-${name}`).content.firstElementChild.cloneNode(true);
const word = (when) => (when.all ? "all" : when.any ? "any" : "");
// fieldChoices lists the record's own fields, and below them those of each related record.
function fieldChoices(fields) {
  const option = (f) => new Option(f.label, f.key);
  const groups = [...new Set(fields.map((f) => f.group))].filter(Boolean).map((label) => {
    const group = Object.assign(document.createElement("optgroup"), { label: `${label} of the record` });
    group.append(...fields.filter((f) => f.group === label).map(option));
    return group;
  });
  return [...fields.filter((f) => !f.group).map(option), ...groups];
}

const emptyRow = () => ({ field: "", op: "=" });

export function createRows({ data, edit }) {
  let shown = ""; // what the built form is for
  let fills = []; // brings values into the controls

  const fieldOf = (key) => data.fields.find((f) => f.key === key);
  const opsOf = (key) => data.ops[fieldOf(key)?.type ?? "text"];
  const opOf = (row) => opsOf(row.field).find((o) => o.key === row.op) ?? { value: true };

  // bones is a question without its values: while only those change, the form
  // stays, so that nobody is disturbed while typing.
  function bones(when) {
    const list = when[word(when)];
    return list ? [word(when), ...list.map(bones)] : [when.field, when.op];
  }

  function draw(box, step) {
    const want = JSON.stringify([step.id, bones(step.when)]);
    if (want !== shown || !box.firstElementChild) {
      const focused = box.contains(document.activeElement) ? document.activeElement.dataset.pointer : "";
      shown = want;
      fills = [];
      const change = (run) => edit(step.id, run);
      box.replaceChildren(word(step.when) ? group(change, ["when"], step.when, 1) : single(change, step.when));
      if (focused) box.querySelector(`[data-pointer="${CSS.escape(focused)}"]`)?.focus();
    }
    fills.forEach((fill) => fill(step));
  }

  const at = (step, path) => path.reduce((inner, key) => inner?.[key], step);

  // single is a question of one row, which becomes a group when another is added.
  function single(change, when) {
    const box = document.createElement("div");
    box.className = "when-group";
    box.append(row(change, ["when"], when, 0), buttons(change, ["when"], 0));
    return box;
  }

  // group is a list of rows and groups. depth counts as the server does.
  function group(change, path, when, depth) {
    const box = part("group");
    const key = word(when);
    const list = box.querySelector("[data-list]");
    const select = box.querySelector("[data-part=word]");
    box.setAttribute("aria-label", depth === 1 ? "Rows" : "Group of rows");
    select.value = key;
    select.dataset.pointer = `${path.join("/")}/word`;
    select.addEventListener("input", () => change((step) => {
      const inner = at(step, path);
      inner[select.value] = inner[key];
      if (select.value !== key) delete inner[key];
    }));
    when[key].forEach((inner, i) => {
      const to = [...path, key, i];
      list.append(word(inner) ? group(change, to, inner, depth + 1) : row(change, to, inner, i, when[key].length > 1 || depth > 1));
    });
    box.querySelector("[data-error]").dataset.error = path.join("/");
    const remove = box.querySelector("[data-remove-group]");
    if (depth === 1) {
      remove.remove();
      box.querySelector("[data-error]").remove(); // the question's own line says it
    } else {
      remove.addEventListener("click", () => change((step) => take(step, path)));
    }
    box.querySelector(".btn-row").replaceWith(buttons(change, path, depth));
    return box;
  }

  function buttons(change, path, depth) {
    const row = part("group").querySelector(".btn-row");
    const put = (what) => change((step) => {
      const inner = at(step, path);
      if (!word(inner)) step.when = { all: [inner, what] };
      else inner[word(inner)].push(what);
    });
    row.querySelector("[data-add-row]").addEventListener("click", () => put(emptyRow()));
    const inner = row.querySelector("[data-add-group]");
    inner.addEventListener("click", () => put({ any: [emptyRow(), emptyRow()] }));
    if (Math.max(1, depth) + 1 >= data.maxDepth) inner.remove(); // its rows would be too deep
    return row;
  }

  // take removes a row or group, and a group that is empty then.
  function take(step, path) {
    const index = path.at(-1);
    const list = at(step, path.slice(0, -1));
    list.splice(index, 1);
    const outer = path.slice(0, -2);
    if (!list.length && outer.length > 1) return take(step, outer);
    if (!list.length) step.when = emptyRow();
  }

  function row(change, path, when, index, removable = false) {
    const box = part("row");
    const [field, op, value] = ["field", "op", "value"].map((name) => box.querySelector(`[data-part=${name}]`));
    const pointer = path.join("/");
    box.setAttribute("aria-label", `Row ${index + 1}`);
    field.append(new Option("Choose a field", ""), ...fieldChoices(data.fields));
    if (when.field && !fieldOf(when.field)) field.add(new Option(`${when.field} (not available)`, when.field));
    field.value = when.field ?? "";
    op.append(...opsOf(when.field).map((o) => new Option(o.label, o.key)));
    if (!opsOf(when.field).some((o) => o.key === when.op)) op.add(new Option(when.op || "Choose", when.op ?? ""));
    op.value = when.op ?? "";
    field.dataset.pointer = `${pointer}/field`;
    op.dataset.pointer = `${pointer}/op`;
    field.addEventListener("input", () => change((step) => setField(at(step, path), field.value)));
    op.addEventListener("input", () => change((step) => setOp(at(step, path), op.value)));
    valuePart(change, path, when, value);
    const error = box.querySelector("[data-error]");
    if (path.length > 1) error.dataset.error = pointer;
    else error.remove(); // the question's own line says it
    const remove = box.querySelector("[data-remove-row]");
    if (removable) remove.addEventListener("click", () => change((step) => take(step, path)));
    else remove.remove();
    return box;
  }

  function valuePart(change, path, when, box) {
    const op = opOf(when);
    box.hidden = !op.value;
    if (!op.value) return;
    const control = valueControl({ field: fieldOf(when.field), label: "Value", list: op.list });
    const pointer = `${path.join("/")}/value`;
    (control.el.matches("input, select, textarea") ? control.el : control.el.querySelector("input")).dataset.pointer = pointer;
    box.append(control.el);
    control.el.addEventListener("input", () => change((step) => {
      const value = control.get();
      if (value === "") delete at(step, path).value;
      else at(step, path).value = value;
    }, pointer));
    fills.push((step) => {
      const now = at(step, path)?.value;
      if (!control.el.contains(document.activeElement) || JSON.stringify(control.get()) !== JSON.stringify(now ?? "") && control.el.matches("select")) control.set(now);
    });
  }

  // setField takes another field; what was compared with fits it no more.
  function setField(row, key) {
    const same = fieldOf(row.field)?.type === fieldOf(key)?.type && !fieldOf(key)?.options.length;
    row.field = key;
    if (!same) delete row.value;
    const ops = opsOf(key);
    if (!ops.some((o) => o.key === row.op)) row.op = ops[0].key;
    if (opOf(row).list && !Array.isArray(row.value)) row.value = [];
  }

  function setOp(row, key) {
    const list = opsOf(row.field).find((o) => o.key === key)?.list;
    const values = [row.value ?? []].flat();
    row.op = key;
    if (list) row.value = values;
    else if (values.length && opOf(row).value) [row.value] = values;
    else delete row.value;
  }

  return { draw, forget() { shown = ""; } };
}
