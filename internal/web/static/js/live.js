// Live updates of the work list and of the focused view: stream.js hears that something changed, and
// the list column is brought anew in its place. What is open beside it stays:
// somebody may be writing there.
import { bring, column, focused, opened, shown } from "./column.js";

// How long the focused view waits for more news: it reads a page of records to find out whether one of them is concerned.
const calm = 2000;

let stale = false;
let told = "";

async function renew() {
  const list = column();
  if (!list) return;
  if (document.querySelector("dialog[open]") || list.contains(document.activeElement) && document.activeElement.matches("input")) {
    stale = true; // somebody is filtering; it is brought when they have
    return;
  }
  stale = false;
  const query = shown();
  const mark = document.querySelector("[data-records-mark]")?.dataset.recordsMark;
  if (mark) query.set("mark", mark);
  if (opened() && told === opened()) query.set("told", "1");
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const place = list.scrollTop;
  const brought = await bring(query, (answer, id) => { if (answer.headers.get("X-Open-Gone")) told = id; });
  if (!brought) return;
  brought.scrollTop = place;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

document.addEventListener("live:work", ({ detail }) => {
  if (!focused() && document.querySelector("[data-mark]")?.dataset.mark !== detail) renew();
});

let waiting = 0;
document.addEventListener("live:records", () => {
  if (!focused() || waiting) return;
  waiting = setTimeout(() => { waiting = 0; renew(); }, calm);
});
for (const type of ["close", "focusout"]) {
  document.addEventListener(type, () => { if (stale) setTimeout(renew, 0); }, true);
}
document.dispatchEvent(new CustomEvent("live:ask"));
