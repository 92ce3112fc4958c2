// Dialogs: <button data-dialog="id"> opens the <dialog id>; data-close closes
// the one around it; a dialog with data-open that htmx brings opens at once.
// Focus moves in and back by the browser; a click beside the dialog closes it.

function open(dialog) {
  if (dialog.open) return;
  document.querySelectorAll("[popover]:popover-open").forEach((p) => p.hidePopover());
  dialog.showModal();
}

document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  if (opener && !event.metaKey && !event.ctrlKey) {
    const dialog = document.getElementById(opener.dataset.dialog);
    if (dialog) {
      event.preventDefault();
      open(dialog);
    }
    return;
  }
  const closer = event.target.closest("[data-close]");
  if (closer) closer.closest("dialog")?.close();
});

// A press that both starts and ends on the backdrop closes; a text selection
// that slips out of the window does not.
let pressed = null;
document.addEventListener("pointerdown", (event) => { pressed = event.target; });
document.addEventListener("click", (event) => {
  const d = event.target;
  if (d instanceof HTMLDialogElement && pressed === d && outside(d, event)) d.close();
});

function outside(dialog, event) {
  const box = dialog.getBoundingClientRect();
  return event.clientX < box.left || event.clientX > box.right || event.clientY < box.top || event.clientY > box.bottom;
}

// Dialogs that came as a fragment leave the page again when they close.
function openArrived(root) {
  root.querySelectorAll?.("dialog[data-open]:not([open])").forEach((dialog) => {
    open(dialog);
    if (dialog.parentElement?.id === "dialogs") dialog.addEventListener("close", () => dialog.remove(), { once: true });
  });
}

openArrived(document);
document.addEventListener("htmx:afterSwap", (event) => openArrived(event.target));
document.addEventListener("htmx:oobAfterSwap", (event) => openArrived(event.detail.target));
// A server may answer a form in a dialog with the header HX-Trigger: close-dialog.
document.addEventListener("close-dialog", () => document.querySelectorAll("dialog[open]").forEach((d) => d.close()));
