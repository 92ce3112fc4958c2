// Pages of the work list and of the focused view: J at the last row brings the next page, K at the first
// the one before, and so do the buttons below. What is open beside the list stays
// open, with what is being written or said there, and so does the selection.
// P leads between the list and what is open.
import { bring, column, focused } from "./column.js";

let turning = false;

// turn brings the page that a link leads to, and puts the focus where the walk through the rows goes on.
async function turn(link, by) {
  if (turning) return;
  turning = true;
  const query = new URL(link.href).searchParams;
  link.setAttribute("aria-busy", "true");
  const list = await bring(query);
  turning = false;
  link.removeAttribute("aria-busy");
  if (!list) return;
  place(new URL(link.href));
  const rows = list.querySelectorAll(".workrow");
  const row = by > 0 ? rows[0] : rows[rows.length - 1];
  list.scrollTop = by > 0 ? 0 : list.scrollHeight;
  row?.focus({ preventScroll: by > 0 });
}

// place has the address lead to the page that is shown, with what is open beside it.
function place(to) {
  if (!focused()) {
    history.replaceState(history.state, "", `${location.pathname}${to.search}`);
  } else if (to.pathname === location.pathname) { // elsewhere an email is being written
    const open = new URLSearchParams(location.search).get("open");
    if (open) to.searchParams.set("open", open);
    history.replaceState(history.state, "", to);
  }
}

const links = () => ({ next: document.querySelector(".split-list .pagination a[rel=next]"), prev: document.querySelector(".split-list .pagination a[rel=prev]") });

document.addEventListener("rows:edge", ({ detail: by }) => {
  const link = by > 0 ? links().next : links().prev;
  if (link) turn(link, by);
});

document.addEventListener("click", (event) => {
  if (event.ctrlKey || event.metaKey || event.shiftKey) return; // another window
  const link = event.target.closest?.(".split-list .pagination a");
  if (link) {
    event.preventDefault();
    turn(link, link === links().next ? 1 : -1);
  } else if (event.target.closest?.("[data-pane-switch]")) {
    cross();
  }
});

// cross leads from the list into what is open, and back to its row.
function cross() {
  const list = column();
  if (list?.contains(document.activeElement)) {
    const inside = [...document.querySelectorAll(".split-detail :is(.upnext, a[href], button)")];
    (inside.find((el) => el.matches(".upnext")) ?? inside.find((el) => el.checkVisibility()))?.focus();
    return;
  }
  const row = list?.querySelector(".workrow[aria-current]") ?? list?.querySelector(".workrow");
  row?.focus();
}
