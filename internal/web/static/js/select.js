// Selecting in the work list and in the focused view: a box per row, X for the row with the focus, Shift
// for a range, and everything that the filter shows. The bar below acts on what
// is selected; the list may be brought anew or turn its pages meanwhile, and keeps it.
const chosen = new Set();
let everything = false;
let last = "";
// shown is what the list held when it was last looked at: under which filter, on which page.
let shown = { filter: "", page: "", ids: new Set() };

const boxes = () => [...document.querySelectorAll(".workpick input")];
const bar = () => document.querySelector("form[data-pick]");
const valueOf = (row) => row?.closest("li")?.querySelector(".workpick input")?.value;

// refresh shows what is selected, and says it.
function refresh() {
  const form = bar();
  const all = boxes();
  const now = look(form, all);
  if (now.filter !== shown.filter) everything = false;
  if (everything && now.page !== shown.page) now.ids.forEach((id) => choose(id, true));
  chosen.forEach((id) => { if (left(id, now)) chosen.delete(id); });
  shown = now;
  if (!form || all.some((b) => !chosen.has(b.value))) everything = false;
  all.forEach((b) => { b.checked = chosen.has(b.value); });
  sendOthers(form);
  document.querySelector(".worklist")?.classList.toggle("is-picking", chosen.size > 0 || document.body.dataset.picking === "on");
  if (!form) return;
  const total = Number(form.dataset.total);
  form.classList.toggle("is-on", chosen.size > 0);
  if (form.elements.all) form.elements.all.value = everything ? "1" : "";
  const count = everything ? total : chosen.size;
  form.querySelector("[data-bulk-count]").textContent = `${count.toLocaleString("en")} selected`;
  const more = form.querySelector("[data-pick-all]");
  if (more) more.hidden = everything || chosen.size === 0 || chosen.size >= total;
}

// look reads the filter and the page from the address to which the bar sends, or that it names.
function look(form, all) {
  const query = new URL(form?.dataset.list ?? form?.getAttribute("action") ?? "", location.href).searchParams;
  const page = query.get("cursor") ?? "";
  query.delete("cursor");
  query.delete("trail");
  return { filter: form ? query.toString() : "none", page, ids: new Set(all.map((b) => b.value)) };
}

// left tells that the list has lost a row; what stands on another page of it has only gone out of sight.
function left(id, now) {
  if (now.ids.has(id)) return false;
  return now.filter !== shown.filter || now.page === shown.page && shown.ids.has(id);
}

// sendOthers lets the form send what is selected on other pages.
function sendOthers(form) {
  if (!form) return;
  form.querySelectorAll("[data-other-page]").forEach((el) => el.remove());
  for (const id of chosen) {
    if (shown.ids.has(id)) continue;
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name: form.dataset.pick || "activity", value: id });
    field.dataset.otherPage = "";
    form.append(field);
  }
}

function choose(id, on) {
  if (on) chosen.add(id);
  else chosen.delete(id);
}

// range chooses from the last one to this.
function range(id, on) {
  const ids = boxes().map((b) => b.value);
  const [from, to] = [ids.indexOf(last), ids.indexOf(id)].sort((a, b) => a - b);
  if (from >= 0) ids.slice(from, to + 1).forEach((one) => choose(one, on));
  else choose(id, on);
  last = id;
}

function clear() {
  chosen.clear();
  everything = false;
  delete document.body.dataset.picking;
  refresh();
}

document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches?.(".workpick input")) {
    if (event.shiftKey) range(box.value, box.checked);
    else choose(box.value, box.checked);
    last = box.value;
    refresh();
  } else if (box.closest?.("[data-pick-all]")) {
    boxes().forEach((b) => choose(b.value, true));
    everything = true;
    refresh();
  } else if (box.closest?.("[data-pick-none]")) {
    clear();
  } else if (box.closest?.("[data-pick-start]")) {
    if (document.body.dataset.picking) return clear();
    document.body.dataset.picking = "on";
    refresh();
  }
});

function typing(el) {
  return el.isContentEditable || el.matches?.("textarea, select, trix-editor, input:not([type=checkbox], [type=radio])");
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape" && chosen.size > 0) return clear();
  if (event.key.toLowerCase() !== "x" || localStorage.getItem("cadenza-single-keys") === "off") return;
  const row = event.target.closest?.(".worklist li") ?? document.querySelector(".workrow[aria-current]");
  const id = valueOf(row);
  if (!id) return;
  event.preventDefault();
  if (event.shiftKey) {
    range(id, true);
  } else {
    choose(id, !chosen.has(id));
    last = id;
  }
  refresh();
});

// What was sent is in hand now: the answer shows the list without it.
document.addEventListener("bulk-started", clear);
document.addEventListener("htmx:afterSettle", refresh);
document.addEventListener("work:rows", refresh);
addEventListener("pageshow", () => {
  boxes().filter((b) => b.checked).forEach((b) => chosen.add(b.value));
  refresh();
});
refresh();
