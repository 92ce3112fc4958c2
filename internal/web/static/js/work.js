// Work: what the work list and a record's page need beside the server: the
// list keeps its place when the page is brought anew, and a letter that is not
// sent is not lost by a slip.
import "./snippets.js";
import "./kept.js";
import { composing, keepNow } from "./composer.js";

// --- the list keeps its place, and the focus finds a row again
let place = 0;
let sought = null; // what stands in the search while somebody writes in it

document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.detail.target?.matches?.(".split")) return;
  place = document.querySelector(".split-list")?.scrollTop ?? 0;
  document.querySelectorAll("dialog[open]").forEach((d) => d.close());
  sought = document.activeElement?.matches(".split-list [type=search]") ? document.activeElement.value : null;
});

// What the search finds comes with a new field: whoever writes stays in it, and what was written meanwhile is sought too.
document.addEventListener("htmx:afterSwap", (event) => {
  const field = sought === null ? null : document.querySelector(".split-list [type=search]");
  if (!field || !event.detail.target?.matches?.(".split")) return;
  const more = field.value !== sought;
  field.value = sought;
  sought = null;
  field.focus({ preventScroll: true });
  field.setSelectionRange(field.value.length, field.value.length);
  if (more) field.dispatchEvent(new Event("input", { bubbles: true }));
});

document.addEventListener("htmx:afterSettle", (event) => {
  const split = event.target.closest?.(".split") ?? document.querySelector(".split");
  if (!split || !event.target.matches?.(".split")) return;
  const list = split.querySelector(".split-list");
  showDue(split.querySelector("[data-due]")?.dataset.due);
  if (!list) return settleRun(split);
  list.scrollTop = place;
  const row = list.querySelector("[aria-current]");
  row?.scrollIntoView({ block: "nearest" });
  if (split.classList.contains("show-detail") && matchMedia("(max-width: 760px)").matches) scrollTo(0, 0);
  if (document.activeElement === document.body && !split.querySelector("[data-focus]")) row?.focus({ preventScroll: true });
});

// Flow mode has no list: the focus goes into the activity, so that Tab leads to what is filled in.
function settleRun(split) {
  scrollTo(0, 0);
  if (document.activeElement === document.body && !split.querySelector("[data-focus]")) split.querySelector("#upnext")?.focus({ preventScroll: true });
}

// The figure beside "Work list" in the navigation follows the list, also when it is brought anew by itself.
document.addEventListener("work:rows", ({ detail }) => showDue(detail.querySelector("[data-due]")?.dataset.due));
function showDue(due) {
  if (due === undefined) return;
  document.querySelectorAll('a[href="/work"] :is(.count, .bottombar-count)').forEach((el) => { el.textContent = Number(due).toLocaleString("en"); el.hidden = due === "0"; });
}

// --- forms that would be missed: asked before the page is left
const changed = new WeakSet();
const guarded = () => [...document.querySelectorAll("form[data-guard]")].find((f) => changed.has(f));
document.addEventListener("cadenza:kept", (event) => { if (event.detail.kept) changed.delete(event.detail.form); });

for (const type of ["input", "trix-change"]) {
  document.addEventListener(type, (event) => {
    const form = event.target.closest?.("form[data-guard]");
    if (form && event.isTrusted | (type === "trix-change" && form.contains(document.activeElement))) changed.add(form);
  });
}

document.addEventListener("submit", (event) => { changed.delete(event.target); });

addEventListener("beforeunload", (event) => {
  const form = guarded();
  if (form && composing() === form) keepNow(form);
  if (form) event.preventDefault();
});

document.addEventListener("htmx:confirm", (event) => {
  const form = guarded();
  if (!form || event.detail.elt === form || "snippets" in event.detail.elt.dataset || event.detail.elt.hasAttribute("data-quiet")) return;
  if (composing() === form) { // it is kept first, and then left without a question
    event.preventDefault();
    keepNow(form).then((kept) => {
      if (kept || window.confirm("What you have written is not kept yet. Leave it?")) event.detail.issueRequest(true);
    });
    return;
  }
  if (!window.confirm("What you have written is not sent yet. Leave it?")) event.preventDefault();
  else changed.delete(form);
});

// Ctrl+Enter sends the form in which somebody writes.
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const form = event.target.closest?.("form");
  const button = form?.querySelector("button[type=submit].btn-primary:not(:disabled)") ?? document.querySelector(`button[form="${CSS.escape(form?.id || "-")}"]`);
  if (!form || !button) return;
  event.preventDefault();
  form.requestSubmit(button);
});

// X ticks the row in which the focus is.
document.addEventListener("keydown", (event) => {
  if (event.key !== "x" || event.ctrlKey || event.metaKey || event.altKey || localStorage.getItem("cadenza-single-keys") === "off") return;
  const box = event.target.closest?.("tr")?.querySelector(".pick input");
  if (!box || event.target.matches("input:not([type=checkbox]), textarea, select")) return;
  event.preventDefault();
  box.click();
});

// A sequence that is about to move on: look again soon.
if (document.querySelector("[data-look-again]")) setTimeout(() => { if (!guarded()) location.reload(); }, 1500);
