// Live updates of the work list: stream.js hears that something changed, and
// the list column is brought anew in its place. What is open beside it stays:
// somebody may be writing there.
import { bring, column, opened } from "./column.js";

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
  const query = new URLSearchParams(location.search);
  if (opened() && told === opened()) query.set("told", "1");
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  const place = list.scrollTop;
  const brought = await bring(query, (answer, id) => { if (answer.headers.get("X-Open-Gone")) told = id; });
  if (!brought) return;
  brought.scrollTop = place;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

document.addEventListener("live:work", ({ detail }) => {
  if (document.querySelector("[data-mark]")?.dataset.mark !== detail) renew();
});
for (const type of ["close", "focusout"]) {
  document.addEventListener(type, () => { if (stale) setTimeout(renew, 0); }, true);
}
document.dispatchEvent(new CustomEvent("live:ask"));
