// Live updates of the work list: stream.js hears that something changed, and
// the list column is brought anew in its place. What is open beside it stays:
// somebody may be writing there.
let stale = false;
let told = "";

function opened() {
  return document.querySelector(".split-list [aria-current]")?.id.replace(/^row-/, "") ?? "";
}

async function bring() {
  const column = document.querySelector(".split-list");
  if (!column) return;
  if (document.querySelector("dialog[open]") || column.contains(document.activeElement) && document.activeElement.matches("input")) {
    stale = true; // somebody is filtering; it is brought when they have
    return;
  }
  stale = false;
  const query = new URLSearchParams(location.search);
  const id = opened();
  if (id) query.set("open", id);
  if (id && told === id) query.set("told", "1");
  const answer = await fetch(`/work/rows?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  if (answer.headers.get("X-Open-Gone")) told = id;
  const html = await answer.text();
  if (opened() !== id || !column.isConnected) return; // the seller went on meanwhile
  const focused = column.contains(document.activeElement) ? document.activeElement.id : "";
  const place = column.scrollTop;
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const flashes = parsed.content.querySelectorAll("[hx-swap-oob]");
  flashes.forEach((f) => f.remove());
  column.replaceChildren(parsed.content);
  htmx.process(column);
  flashes.forEach((f) => {
    f.removeAttribute("hx-swap-oob");
    document.getElementById("flash")?.append(...f.childNodes);
  });
  column.scrollTop = place;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new CustomEvent("work:rows", { detail: column }));
}

document.addEventListener("live:work", ({ detail }) => {
  if (document.querySelector("[data-mark]")?.dataset.mark !== detail) bring();
});
for (const type of ["close", "focusout"]) {
  document.addEventListener(type, () => { if (stale) setTimeout(bring, 0); }, true);
}
document.dispatchEvent(new CustomEvent("live:ask"));
