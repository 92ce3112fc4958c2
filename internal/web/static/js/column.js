// The list column of the work list, brought anew by itself. What is open beside
// it stays untouched: somebody may be writing there, or speaking.

export const column = () => document.querySelector(".split-list");

// opened is the activity in the panel, also when the list shows another page.
export const opened = () => document.querySelector("[data-open]")?.dataset.open ?? "";

let latest = 0;

// bring puts the rows of a query into the column and gives it; null when that failed or came too late: the seller went on
// meanwhile, or something newer was asked for.
export async function bring(query, heard = () => {}) {
  const at = column();
  const id = opened();
  const ask = ++latest;
  query = new URLSearchParams(query);
  if (id) query.set("open", id);
  const answer = await fetch(`/work/rows?${query}`, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return null;
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
