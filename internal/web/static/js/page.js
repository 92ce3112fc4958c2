// Page: the small behaviours that attributes ask for on any page.

// Theme: kept in a cookie, so that the server writes it into the next page.
function setTheme(choice) {
  const root = document.documentElement;
  if (choice === "auto") {
    root.removeAttribute("data-theme");
    document.cookie = "theme=;path=/;max-age=0;samesite=lax";
  } else {
    root.dataset.theme = choice;
    document.cookie = `theme=${choice};path=/;max-age=31536000;samesite=lax`;
  }
  document.querySelectorAll("[data-theme-choice]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.themeChoice === choice)));
}

// The drawer of a phone.
function setDrawer(open) {
  document.body.classList.toggle("drawer-open", open);
  const main = document.querySelector(".main");
  if (main) main.inert = open;
  document.querySelector(open ? "[data-drawer=close]" : "[data-drawer=open]")?.focus();
}

async function copy(button) {
  const source = document.getElementById(button.dataset.copy);
  const text = source.value ?? source.textContent;
  const label = button.querySelector("[data-copy-label]") ?? button;
  const before = label.textContent;
  try {
    await navigator.clipboard.writeText(text);
    label.textContent = "Copied";
  } catch {
    // Without a secure address the browser refuses: choose the text instead.
    source.select?.();
    label.textContent = "Press Ctrl+C";
  }
  setTimeout(() => { label.textContent = before; }, 2000);
}

function insert(button) {
  const field = document.getElementById(button.dataset.insertInto);
  const rich = document.getElementById(`${button.dataset.insertInto}-editor`);
  if (rich?.editor) {
    rich.editor.insertString(button.dataset.insert);
    rich.focus();
  } else if (field) {
    field.setRangeText(button.dataset.insert, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

// Problems link to the fields that they are about. In a dialog over a form with a field of the same name, the field has another id.
function showField(event, link) {
  const id = link.hash.slice(1);
  if (document.getElementById(id)) return;
  const around = link.closest("dialog") ?? document.querySelector(".main");
  const field = around?.querySelector(`[name="${CSS.escape(id.slice(2))}"]:not([type=hidden])`);
  if (!field) return;
  event.preventDefault();
  field.focus();
}

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest?.(selector);
  let el;
  if ((el = at("[data-theme-choice]"))) setTheme(el.dataset.themeChoice);
  else if ((el = at("[data-drawer]"))) {
    event.preventDefault();
    setDrawer(el.dataset.drawer === "open");
  } else if ((el = at("[data-copy]"))) copy(el);
  else if ((el = at("[data-insert]"))) insert(el);
  else if ((el = at('.alert-list a[href^="#f-"]'))) showField(event, el);
  else if ((el = at("[data-dismiss]"))) el.closest("[data-flash]")?.remove();
  else if (document.body.classList.contains("drawer-open") && !at(".sidebar")) setDrawer(false);
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && document.body.classList.contains("drawer-open")) setDrawer(false);
});

// Filters act as they change; the search field waits until typing pauses.
let pause = 0;
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-autosubmit]");
  if (form && event.target.matches("select, [type=checkbox], [type=radio]")) form.requestSubmit();
});
document.addEventListener("input", (event) => {
  const form = event.target.closest("form[data-autosubmit][hx-get]");
  if (!form || !event.target.matches("[type=search]")) return;
  clearTimeout(pause);
  pause = setTimeout(() => form.requestSubmit(), 250);
});

// File inputs that take a dropped file.
document.addEventListener("change", (event) => {
  const zone = event.target.closest("[data-dropzone]");
  if (!zone) return;
  const label = zone.querySelector("[data-dropzone-label]");
  const file = event.target.files?.[0];
  label.dataset.empty ??= label.textContent;
  label.textContent = file ? `${file.name} · ${size(file.size)}` : label.dataset.empty;
  zone.classList.toggle("is-filled", Boolean(file));
});
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    event.target.closest?.("[data-dropzone]")?.classList.toggle("is-over", type === "dragenter" || type === "dragover");
  });
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${Math.round(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

// Clocks of running calls.
setInterval(() => {
  document.querySelectorAll("[data-clock]").forEach((el) => {
    const [min = 0, sec = 0] = el.textContent.trim().split(":").map(Number);
    const total = (min || 0) * 60 + (sec || 0) + 1;
    el.textContent = `${String(Math.floor(total / 60)).padStart(2, "0")}:${String(total % 60).padStart(2, "0")}`;
  });
}, 1000);

// Short messages leave by themselves, errors and those in use stay.
function watchFlash(root) {
  root.querySelectorAll?.("[data-flash]:not(.tone-red):not([data-timed])").forEach((el) => {
    el.dataset.timed = "1";
    const leave = () => (el.matches(":hover, :focus-within") ? setTimeout(leave, 3000) : el.remove());
    setTimeout(leave, (Number(el.dataset.seconds) || 7) * 1000);
  });
}

// A message whose button was used has had its say.
document.addEventListener("htmx:afterRequest", (event) => event.detail.elt.closest?.("[data-flash]")?.remove());

// Flash shows a message made in the browser; other modules may send the event.
document.addEventListener("cadenza:flash", (event) => {
  const box = document.getElementById("flash");
  if (!box) return;
  const el = document.createElement("div");
  el.className = `flash ${event.detail.bad ? "tone-red" : ""}`;
  el.dataset.flash = "";
  const text = document.createElement("p");
  text.textContent = event.detail.text;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-ghost btn-sm";
  close.dataset.dismiss = "";
  close.textContent = "Dismiss";
  el.append(text, close);
  box.append(el);
  watchFlash(box);
});

const say = (text) => document.dispatchEvent(new CustomEvent("cadenza:flash", { detail: { text, bad: true } }));
document.addEventListener("htmx:responseError", (event) => say(decodeURIComponent(event.detail.xhr.getResponseHeader("X-Problem") ?? "") || "Something went wrong. Nothing was changed; try again."));
document.addEventListener("htmx:sendError", () => say("The server does not answer. Check the connection and try again."));

// The editor of formatted text is large, so only a page with one fetches it.
// It makes style sheets of its own, which the policy refuses and 75-rich.css
// replaces: it is given an element that only bears the name.
function loadEditor() {
  if (!document.querySelector("trix-editor") || customElements.get("trix-editor")) return;
  const make = document.createElement;
  document.createElement = function (name, options) {
    return name === "style" ? document.createElementNS("urn:cadenza", name) : make.call(document, name, options);
  };
  import("/static/vendor/trix.esm.min.js");
}
document.addEventListener("click", (event) => {
  const label = event.target.closest?.("label[for]");
  if (label) document.getElementById(`${label.htmlFor}-editor`)?.focus();
});

// A fresh form that asks for a time zone begins with the browser's own.
function guessZone(root) {
  const field = root.querySelector?.("[data-zone-guess]");
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (field && zone && field.value === field.defaultValue) field.value = zone;
}

// A page that answers a form stands in the history as what was sent: going back to it would ask to send it again, or fail. It stands there
// as the page that the form was on.
if (document.documentElement.dataset.sent && document.referrer.startsWith(`${location.origin}/`)) {
  history.replaceState(history.state, "", document.referrer);
}

function settle(root) {
  loadEditor();
  guessZone(root);
  watchFlash(root);
  root.querySelector?.("[data-focus]")?.focus();
}
settle(document);
document.addEventListener("htmx:afterSettle", (event) => settle(event.target));
document.addEventListener("htmx:oobAfterSwap", (event) => watchFlash(document.getElementById("flash") ?? event.target));
