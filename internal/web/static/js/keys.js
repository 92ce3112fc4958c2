// Keys: an element with data-key="c" is clicked (a field focused) when C is
// pressed; "g l" is G and then L. J and K walk through lists and tables.
// Single keys can be turned off in the keys dialog (WCAG 2.1.4), and never
// act while somebody types.

const stored = "cadenza-single-keys";
const enabled = () => localStorage.getItem(stored) !== "off";
let first = "";
let timer = 0;

function typing(el) {
  return el.isContentEditable || (el.matches?.("input, textarea, select, trix-editor") && !el.matches("[type=checkbox], [type=radio], [type=button], [type=submit]"));
}

const visible = (el) => el.checkVisibility?.({ visibilityProperty: true }) ?? el.offsetParent !== null;

// With a window open, only the keys inside it count.
function find(key) {
  const root = document.querySelector("dialog[open]") ?? document;
  const all = [...root.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  return all.find((el) => !el.disabled && visible(el)) ?? all.find((el) => !el.disabled && el.closest(".menu, .sidebar"));
}

function run(key, event) {
  const el = find(key);
  if (!el) return false;
  event.preventDefault();
  if (el.matches("[type=radio], [type=checkbox]")) {
    el.focus();
    el.click();
  } else if (el.matches("input, textarea, select")) {
    el.focus();
    el.select?.();
  } else {
    el.click();
  }
  return true;
}

function rows() {
  const root = document.querySelector("[data-rows]") ?? document.querySelector("main .table");
  return root ? [...root.querySelectorAll(".workrow, .cell-link")].filter(visible) : [];
}

function step(by, event) {
  const all = rows();
  if (!all.length) return;
  event.preventDefault();
  let at = all.indexOf(document.activeElement);
  if (at < 0) at = all.findIndex((r) => r.getAttribute("aria-current"));
  if (at >= 0 && !all[at + by]) { // the list may have another page
    all[at].dispatchEvent(new CustomEvent("rows:edge", { detail: by, bubbles: true }));
    if (all[at] === document.activeElement) return;
  }
  const next = all[Math.max(0, Math.min(all.length - 1, at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape") event.target.blur();
    return;
  }
  if (!enabled() || event.key.length > 1 && event.key !== "Enter") return;
  if (event.key === "Enter" && event.target.matches("a, button, summary, input")) return;
  const key = event.key === "Enter" ? "Enter" : event.key.toLowerCase();
  if (first && run(`${first} ${key}`, event)) {
    first = "";
    return;
  }
  first = "";
  if (run(key, event)) return;
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1, event);
  if (document.querySelector(`[data-key^="${CSS.escape(key)} "]`)) {
    first = key;
    clearTimeout(timer);
    timer = setTimeout(() => { first = ""; }, 1200);
  }
});

const toggle = document.querySelector("[data-keys-switch]");
if (toggle) {
  toggle.checked = enabled();
  toggle.addEventListener("change", () => localStorage.setItem(stored, toggle.checked ? "on" : "off"));
}
