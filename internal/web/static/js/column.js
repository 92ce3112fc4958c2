// The list column of the work list, or of the focused view of records, brought
// anew by itself. What is open beside it stays untouched: somebody may be
// writing there, or speaking.

export const column = () => document.querySelector(".split-list");

// opened is the activity or record in the panel, also when the list shows another page.
const about = () => document.querySelector("[data-open]")?.dataset ?? {};
export const opened = () => about().open ?? "";

// focused tells that the column shows the cards of records.
export const focused = () => Boolean(about().rowsFrom);

// shown is the query of the column: that of the address, or of the list over which something is being written.
export function shown() {
  const query = new URLSearchParams(location.search);
  const back = query.get("back");
  return focused() && back ? new URL(back, location).searchParams : query;
}

let latest = 0;

// bring puts the rows of a query into the column and gives it; null when that failed or came too late: the seller went on
// meanwhile, or something newer was asked for.
export async function bring(query, heard = () => {}) {
  const at = column();
  const id = opened();
  const ask = ++latest;
  query = new URLSearchParams(query);
  query.delete("open");
  if (id) query.set("open", id);
  if (about().activity) query.set("activity", about().activity);
  const answer = await fetch(`${about().rowsFrom ?? "/work/rows"}?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.status === 204 || answer.redirected) return null; // 204: all is as it was
  heard(answer, id);
  const html = await answer.text();
  if (ask !== latest || opened() !== id || !at?.isConnected) return null;
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const flashes = parsed.content.querySelectorAll("[hx-swap-oob]");
  flashes.forEach((f) => f.remove());
  at.replaceChildren(parsed.content);
  htmx.process(at);
  flashes.forEach((f) => {
    f.removeAttribute("hx-swap-oob");
    document.getElementById("flash")?.append(...f.childNodes);
  });
  document.dispatchEvent(new CustomEvent("work:rows", { detail: at }));
  return at;
}
