// Picker: the dialog in which a kind of step is chosen. The focus stays in the
// search field; arrows walk through the list, Enter takes, Escape leaves. What
// does not fit at the place is shown with the reason, and cannot be taken.
import { before, lane } from "./tree.js";

// misfit says why an offer does not fit at a place, "" if it does.
function misfit(data, def, place, { type, when }) {
  const kind = data.kinds.find((k) => k.type === type);
  const behind = before(def, place);
  const has = (...types) => behind.some((s) => types.includes(s.type));
  if (kind.last && place.index < lane(def, place).length) return "Only where nothing follows.";
  if (kind.notFirst && !behind.length) return "Not as the first step.";
  if (!when) return "";
  if ("email" in when && !behind.some((s) => data.kinds.find((k) => k.type === s.type)?.mails)) return "Needs an email before this place.";
  if ("call" in when && !has("phone_call")) return "Needs a phone call before this place.";
  if (when.field && !data.fields.some((f) => f.key === when.field)) return `Not for this kind of record: the ${data.record} has no ${when.field}.`;
  return "";
}

export function createPicker({ data, state, onPick }) {
  const dialog = document.getElementById("picker");
  const filter = dialog.querySelector("[data-picker-filter]");
  const tabs = [...dialog.querySelectorAll("[data-picker-tab]")];
  const all = [...dialog.querySelectorAll("[data-pick]")];
  const none = dialog.querySelector("[data-picker-none]");
  let tab = tabs[0].dataset.pickerTab;
  let at = 0;
  let place = null;

  const shown = () => all.filter((el) => !el.hidden);
  const fits = (el) => el.ariaDisabled !== "true";
  const helps = new Map(all.map((el) => [el, el.querySelector("[data-help]").textContent]));

  // Typing looks through all tabs; without a text the tab decides.
  function draw() {
    const text = filter.value.trim().toLowerCase();
    for (const el of all) {
      el.hidden = text ? !el.textContent.toLowerCase().includes(text) : el.dataset.group !== tab;
    }
    for (const t of tabs) {
      const on = !text && t.dataset.pickerTab === tab;
      t.setAttribute("aria-selected", String(on));
      t.tabIndex = on || (text && t === tabs[0]) ? 0 : -1;
    }
    const list = shown();
    none.hidden = list.length > 0;
    at = Math.max(0, Math.min(at, list.length - 1));
    all.forEach((el) => el.setAttribute("aria-selected", String(el === list[at])));
    if (list[at]) {
      filter.setAttribute("aria-activedescendant", list[at].id);
      list[at].scrollIntoView({ block: "nearest" });
    } else {
      filter.removeAttribute("aria-activedescendant");
    }
  }

  function show(name) {
    tab = name;
    filter.value = "";
    draw();
    begin("");
  }

  // begin goes to the first entry that fits, best to one whose name begins with the text.
  function begin(text) {
    const list = shown();
    const named = list.findIndex((el) => fits(el) && text && el.querySelector("[data-label]").textContent.toLowerCase().startsWith(text));
    at = named >= 0 ? named : Math.max(0, list.findIndex(fits));
    draw();
  }

  // judge tells for each entry whether it fits at the place.
  function judge() {
    for (const el of all) {
      const why = misfit(data, state.def, place, data.offers.find((o) => o.key === el.dataset.pick));
      el.ariaDisabled = why ? "true" : null;
      el.querySelector("[data-help]").textContent = why || helps.get(el);
    }
  }

  function turn(by) {
    const i = tabs.findIndex((t) => t.dataset.pickerTab === tab);
    show(tabs[(i + by + tabs.length) % tabs.length].dataset.pickerTab);
  }

  function take(el) {
    if (!el || !fits(el)) return;
    dialog.close();
    onPick(data.offers.find((o) => o.key === el.dataset.pick), place);
  }

  filter.addEventListener("input", () => {
    draw();
    begin(filter.value.trim().toLowerCase());
  });
  dialog.addEventListener("keydown", (event) => {
    const inTabs = event.target.matches("[role=tab]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const n = shown().length;
      if (n) at = (at + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
      draw();
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && (inTabs || !filter.value)) {
      event.preventDefault();
      turn(event.key === "ArrowRight" ? 1 : -1);
      if (inTabs) tabs.find((t) => t.dataset.pickerTab === tab).focus();
    } else if (event.key === "Enter" && !inTabs) {
      if (event.target.closest("[data-close]")) return;
      event.preventDefault();
      take(shown()[at]);
    }
  });
  dialog.addEventListener("click", (event) => {
    const t = event.target.closest("[data-picker-tab]");
    if (t) {
      show(t.dataset.pickerTab);
      filter.focus();
    }
    take(event.target.closest("[data-pick]"));
  });

  return (where) => {
    place = where;
    judge();
    show(tabs[0].dataset.pickerTab);
    dialog.showModal();
    filter.focus();
  };
}
