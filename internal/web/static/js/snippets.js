// Snippets: the choice in a dialog, by words and arrow keys. The chosen one is
// handed to the field as the event "snippet"; an editor that is not Trix's
// takes it itself (template.js).
const show = (root) => root.querySelectorAll?.("[data-snippets]").forEach((b) => { b.hidden = false; });
show(document);
document.addEventListener("htmx:load", (event) => show(event.detail.elt));

const shown = (list) => [...list.querySelectorAll("li:not([hidden]) [data-snippet]")];

document.addEventListener("input", (event) => {
  const list = event.target.closest?.("[data-snippet-list]");
  if (!list) return;
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  list.querySelectorAll("li").forEach((li) => { li.hidden = !words.every((w) => li.dataset.words.includes(w)); });
  list.querySelector("[data-snippet-none]").hidden = shown(list).length > 0;
});

document.addEventListener("keydown", (event) => {
  const list = event.target.closest?.("[data-snippet-list]");
  if (!list) return;
  const all = shown(list);
  const at = all.indexOf(document.activeElement);
  if (event.key === "Enter" && at < 0) {
    event.preventDefault();
    all[0]?.click();
  }
  const next = { ArrowDown: at + 1, ArrowUp: at - 1 }[event.key];
  if (next === undefined) return;
  event.preventDefault();
  (all[next] ?? (next < 0 ? list.querySelector("input") : all[at]))?.focus();
});

document.addEventListener("click", (event) => {
  const chosen = event.target.closest?.("[data-snippet]");
  if (!chosen) return;
  const field = document.getElementById(chosen.closest("[data-snippet-list]").dataset.snippetList);
  const html = chosen.parentElement.querySelector("textarea").value;
  chosen.closest("dialog")?.close();
  const editor = document.getElementById(`${field.id}-editor`);
  if (editor?.editor) {
    editor.focus();
    editor.editor.insertHTML(html);
  } else {
    field.dispatchEvent(new CustomEvent("snippet", { detail: html }));
  }
});
