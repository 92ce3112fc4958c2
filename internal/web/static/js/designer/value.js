// Value: the control for a value of a record's field, by the field's type.

// valueControl gives { el, get, set }. With list it takes several values.
export function valueControl({ field, label, list = false }) {
  const type = field?.type ?? "text";
  if (list && field.options.length) return checks(field.options, label);
  if (list) return lines(label);
  if (type === "bool") return choice([["true", "Yes"], ["false", "No"]], label);
  if (field?.options.length) return choice(field.options.map((o) => [o, o]), label);
  if (type === "longtext") return typed("textarea", label);
  const input = typed("input", label);
  input.el.type = { number: "number", date: "date", email: "email", phone: "tel", url: "url" }[type] ?? "text";
  if (type === "number") input.el.step = "any";
  return input;
}

function typed(tag, label) {
  const el = document.createElement(tag);
  el.className = "input";
  el.setAttribute("aria-label", label);
  return { el, get: () => el.value, set: (value) => { el.value = value ?? ""; } };
}

function choice(options, label) {
  const { el } = typed("select", label);
  el.classList.add("select");
  el.append(new Option("Choose", ""), ...options.map(([value, text]) => new Option(text, value)));
  return {
    el,
    get: () => el.value,
    set(value) {
      const text = String(value ?? ""); // truth values come as such
      // A value that is not on offer is seen and kept.
      if (text && ![...el.options].some((o) => o.value === text)) el.add(new Option(text, text));
      el.value = text;
    },
  };
}

// lines takes a text with one value on each line.
function lines(label) {
  const area = typed("textarea", `${label}, one per line`);
  area.el.rows = 3;
  area.el.placeholder = "One per line";
  return {
    el: area.el,
    get: () => area.el.value.split("\n").map((v) => v.trim()).filter(Boolean),
    set: (values) => area.set([values ?? []].flat().join("\n")),
  };
}

function checks(options, label) {
  const el = document.createElement("div");
  el.className = "checks";
  el.setAttribute("role", "group");
  el.setAttribute("aria-label", label);
  const boxes = options.map((value) => {
    const box = Object.assign(document.createElement("input"), { type: "checkbox", value });
    const line = Object.assign(document.createElement("label"), { className: "check" });
    const text = document.createElement("span");
    text.textContent = value;
    line.append(box, text);
    el.append(line);
    return box;
  });
  return {
    el,
    get: () => boxes.filter((b) => b.checked).map((b) => b.value),
    set(values) { boxes.forEach((b) => { b.checked = [values ?? []].flat().includes(b.value); }); },
  };
}
