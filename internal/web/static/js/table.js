// Tables: choose all, choose a range with Shift, count the chosen rows in the
// bar, and let a table that is too wide be scrolled by keyboard.

const boxes = (table) => [...table.querySelectorAll("tbody .pick input")];
const bar = (table) => document.getElementById(table.dataset.select);
let last = null;

function refresh(table) {
  const all = boxes(table);
  const chosen = all.filter((b) => b.checked).length;
  const head = table.querySelector("[data-select-all]");
  if (head) {
    head.checked = all.length > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  const form = bar(table);
  if (!form) return;
  form.classList.toggle("is-on", chosen > 0);
  const count = form.querySelector("[data-bulk-count]");
  const word = chosen === 1 ? form.dataset.one : form.dataset.many;
  if (count) count.textContent = `${chosen} ${word} selected`;
}

document.addEventListener("change", (event) => {
  const table = event.target.closest("table[data-select]");
  if (!table) return;
  if (event.target.matches("[data-select-all]")) boxes(table).forEach((b) => { b.checked = event.target.checked; });
  refresh(table);
});

document.addEventListener("click", (event) => {
  const box = event.target;
  if (box.matches?.("tbody .pick input")) {
    const all = boxes(box.closest("table"));
    if (event.shiftKey && last && all.includes(last)) {
      const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
      all.slice(from, to + 1).forEach((b) => { b.checked = box.checked; });
    }
    last = box;
  }
  const clear = event.target.closest?.("[data-select-none]");
  if (clear) {
    // Not form.id: the boxes may be named "id" and hide it.
    const id = clear.form.getAttribute("id");
    const table = document.querySelector(`table[data-select="${CSS.escape(id)}"]`);
    boxes(table).forEach((b) => { b.checked = false; });
    refresh(table);
    table.querySelector("[data-select-all]")?.focus();
  }
});

function setUp() {
  document.querySelectorAll("table[data-select]").forEach(refresh);
  document.querySelectorAll("[data-table]").forEach((wrap) => {
    const wide = wrap.scrollWidth > wrap.clientWidth + 1 && getComputedStyle(wrap).overflowX !== "visible";
    if (wide) {
      wrap.tabIndex = 0;
      wrap.setAttribute("role", "region");
      wrap.setAttribute("aria-label", wrap.querySelector("caption")?.textContent.trim() ?? "Table");
    } else {
      wrap.removeAttribute("tabindex");
      wrap.removeAttribute("role");
      wrap.removeAttribute("aria-label");
    }
  });
}

setUp();
addEventListener("resize", setUp);
addEventListener("pageshow", setUp);
document.addEventListener("htmx:afterSettle", setUp);
