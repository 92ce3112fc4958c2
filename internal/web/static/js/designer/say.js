// Say: what is read out, and short messages with a way back.

// announce has a screen reader say a text. The same text twice is said twice.
export function announce(text) {
  const box = document.querySelector("[data-live]");
  box.textContent = "";
  requestAnimationFrame(() => { box.textContent = text; });
}

// forgetActions takes short messages with an action away: what they would undo
// is no longer the last thing that happened.
export function forgetActions() {
  document.querySelectorAll("[data-flash-action]").forEach((el) => el.remove());
}

// toast shows a short message; action, if given, is { label, run }.
export function toast(text, { bad = false, action = null } = {}) {
  document.dispatchEvent(new CustomEvent("cadenza:flash", { detail: { text, bad } }));
  const box = document.querySelector("#flash")?.lastElementChild;
  if (!box || !action) return;
  box.dataset.flashAction = "";
  const button = document.createElement("button");
  button.type = "button";
  button.className = "btn btn-ghost btn-sm";
  button.textContent = action.label;
  button.addEventListener("click", () => {
    box.remove();
    action.run();
  });
  box.querySelector("[data-dismiss]").before(button);
}
