// Composer: what somebody writes is kept on the server as they type, so that
// nothing is lost by a slip, a reload or another browser. The form says where
// (data-composer); the answer brings the line that says so, and what to look
// at before the email is sent.
const pauseAfter = 900; // ms without a key
const longest = 60_000; // bytes that a browser sends while a page goes away
const forms = new WeakMap();

function stateOf(form) {
  let s = forms.get(form);
  if (!s) forms.set(form, (s = { dirty: false, over: false, timer: 0, saving: null, stopped: false, written: false }));
  return s;
}

const composerOf = (el) => el?.closest?.("form[data-composer]");
const current = () => document.querySelector("form[data-composer]");

function body(form) {
  const data = new FormData(form);
  data.delete("file");
  const out = new URLSearchParams();
  for (const [name, value] of data) out.append(name, value);
  return out;
}

// touched notes that something is not kept yet, and keeps it when typing pauses.
function touched(form, soon = false) {
  const s = stateOf(form);
  if (s.stopped) return;
  s.dirty = true;
  clearTimeout(s.timer);
  s.timer = setTimeout(() => keep(form), soon ? 0 : pauseAfter);
}

// keep sends what is not kept yet; it gives whether all is kept now.
async function keep(form, last = false) {
  const s = stateOf(form);
  clearTimeout(s.timer);
  if (s.saving) await s.saving;
  if (!s.dirty || s.stopped) return !s.dirty;
  const data = body(form);
  if (s.over) data.set("over", "1");
  s.dirty = s.over = false;
  s.saving = send(form, data, last && data.toString().length < longest);
  const kept = await s.saving;
  s.saving = null;
  if (!kept) s.dirty = true;
  document.dispatchEvent(new CustomEvent("cadenza:kept", { detail: { form, kept: kept && !s.dirty } }));
  return kept && !s.dirty;
}

async function send(form, data, keepalive) {
  try {
    const answer = await fetch(form.dataset.composer, { method: "POST", body: data, headers: { "HX-Request": "true" }, keepalive });
    const text = await answer.text();
    if (text.includes('id="draft-status"')) show(form, text);
    else if (!answer.ok) throw new Error(String(answer.status));
    if (answer.status === 409) stateOf(form).stopped = true; // until somebody has chosen
    return answer.ok;
  } catch {
    unsaved(form);
    return false;
  }
}

// show puts the parts of an answer into their places, unless somebody is in them.
function show(form, text) {
  if (!form.isConnected) return;
  const parts = new DOMParser().parseFromString(text, "text/html");
  for (const id of ["draft-status", "composer-check"]) {
    const next = parts.getElementById(id);
    const now = document.getElementById(id);
    if (!next || !now || now.outerHTML === next.outerHTML) continue;
    if (id === "composer-check" && now.contains(document.activeElement) && next.querySelector("[name=empty_fields]")) continue;
    now.replaceWith(next);
    window.htmx?.process(next);
  }
  mark();
}

// unsaved says that the server did not answer; the next key tries again.
function unsaved(form) {
  const at = form.querySelector("#draft-status");
  if (!at || at.querySelector("[data-offline]")) return;
  const p = document.createElement("p");
  p.className = "draft-refused";
  p.setAttribute("role", "alert");
  p.dataset.offline = "";
  p.textContent = "Not kept: the server does not answer. It is tried again as you write.";
  at.append(p);
}

for (const type of ["input", "change", "trix-change"]) {
  document.addEventListener(type, (event) => {
    const form = composerOf(event.target);
    if (!form || event.target.closest(".later-panel, .trix-dialog") || event.target.matches("[type=file]")) return;
    if (type === "trix-change" && !form.contains(document.activeElement)) return;
    if (type === "change" && event.target.matches("#f-template, #f-thread")) return; // its answer is a new form
    if (type === "trix-change") stateOf(form).written = true;
    touched(form);
  });
}
document.addEventListener("focusout", (event) => {
  const form = composerOf(event.target);
  if (form && stateOf(form).dirty && !form.contains(event.relatedTarget)) touched(form, true);
});

// A choice of the server's (another template, a file) is kept at once.
function begun() {
  const form = current();
  if (form && "begun" in form.dataset) {
    delete form.dataset.begun;
    touched(form, true);
  }
  // An email that begins empty is written from its subject on; a filled one is read first, and Tab leads into it.
  if (form && document.activeElement === form && form.elements.subject?.value === "") form.elements.subject.focus();
  mark();
}
document.addEventListener("htmx:afterSettle", (event) => {
  begun();
  const form = composerOf(event.target);
  if (form && event.target.matches("#f-files, #composer-thread")) touched(form, true);
});

// The page goes away: the last words go with it.
for (const type of ["pagehide", "visibilitychange"]) {
  document.addEventListener(type, () => {
    const form = current();
    if (form && document.visibilityState === "hidden") keep(form, true);
  });
}
document.addEventListener("submit", (event) => {
  const form = composerOf(event.target);
  if (!form) return;
  const s = stateOf(form);
  clearTimeout(s.timer);
  s.dirty = false;
}, true);

// Leaving within the page waits until all is kept; work.js asks when it cannot be.
export const composing = () => {
  const form = current();
  return form && (stateOf(form).dirty || stateOf(form).saving) ? form : null;
};
export const keepNow = (form) => keep(form, true);

// Another template takes the place of the text: what somebody has written is not given up without a question.
document.addEventListener("htmx:confirm", (event) => {
  const form = composerOf(event.detail.elt);
  if (!form || !event.detail.elt.matches("#f-template")) return;
  const s = stateOf(form);
  if (s.written || form.querySelector("[data-draft-discard]")) {
    if (!window.confirm("Put the template in the place of what you have written?")) {
      event.preventDefault();
      event.stopImmediatePropagation();
      event.detail.elt.value = event.detail.elt.querySelector("option[selected]")?.value ?? "";
      return;
    }
  }
  clearTimeout(s.timer);
  s.dirty = false;
  event.stopImmediatePropagation();
});

// What could not be sent is kept again.
for (const type of ["htmx:sendError", "htmx:responseError"]) {
  document.addEventListener(type, (event) => {
    const form = composerOf(event.detail.elt);
    if (form && event.detail.elt === form) touched(form, true);
  });
}

// A close that loads another page waits until all is kept.
document.addEventListener("click", (event) => {
  const close = event.target.closest?.("a[data-composer-close]:not([hx-get])");
  const form = composerOf(close);
  if (!form || event.metaKey || event.ctrlKey || composing() !== form) return;
  event.preventDefault();
  keep(form, true).finally(() => { location.href = close.href; });
});

document.addEventListener("click", (event) => {
  const over = event.target.closest?.("[data-draft-over]");
  const form = composerOf(event.target);
  if (over && form) {
    Object.assign(stateOf(form), { stopped: false, over: true });
    touched(form, true);
  }
  if (form && event.target.closest("[data-draft-discard]")) {
    const s = stateOf(form);
    clearTimeout(s.timer);
    s.dirty = false;
  }
  const gap = event.target.closest?.("[data-gap]");
  if (gap) goTo(gap);
}, true);

// goTo puts the cursor to a merge field.
function goTo(gap) {
  const field = document.getElementById(gap.dataset.gapIn);
  const editor = document.getElementById(`${gap.dataset.gapIn}-editor`)?.editor;
  const text = editor ? editor.getDocument().toString() : field.value;
  const name = gap.dataset.gap.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const found = new RegExp(`\\{[{%][^{}]*${name}[^{}]*[%}]\\}|\\{`).exec(text);
  if (!found) return;
  const range = [found.index, found.index + found[0].length];
  if (editor) {
    editor.element.focus();
    editor.setSelectedRange(range);
  } else {
    field.focus();
    field.setSelectionRange(...range);
  }
}

// mark paints the merge fields that stand in the text, without touching it.
function mark() {
  if (!window.CSS?.highlights) return;
  const editor = current()?.querySelector("trix-editor");
  const ranges = [];
  if (editor) {
    const walk = document.createTreeWalker(editor, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      for (const found of node.data.matchAll(/\{[{%][^{}]*[%}]\}/g)) {
        const range = new Range();
        range.setStart(node, found.index);
        range.setEnd(node, found.index + found[0].length);
        ranges.push(range);
      }
    }
  }
  CSS.highlights.set("gap", new Highlight(...ranges));
}
document.addEventListener("trix-change", mark);
document.addEventListener("trix-initialize", mark);

// --- keys: Escape closes, Enter in a line of the head does not send
document.addEventListener("keydown", (event) => {
  const own = event.target.closest?.(".later-own");
  if (own && event.key === "Enter" && !event.target.matches("button")) {
    event.preventDefault();
    event.stopImmediatePropagation();
    own.querySelector("button[type=submit]").click();
    return;
  }
  const form = composerOf(event.target);
  if (!form || event.defaultPrevented || event.isComposing) return;
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey && event.target.matches(".composer-head input")) {
    event.preventDefault();
    return;
  }
  if (event.key !== "Escape" || event.target.closest(".trix-dialog, dialog")) return;
  event.preventDefault();
  const later = event.target.closest("details.later[open]");
  if (later) {
    later.open = false;
    later.querySelector("summary").focus();
    return;
  }
  form.querySelector("[data-composer-close]")?.click();
}, true);

// --- files: dropped onto the email, or into its text
function attach(form, files) {
  const input = form.querySelector("#f-file");
  if (!input || input.disabled || !files.length) return;
  const list = new DataTransfer();
  for (const file of files) list.items.add(file);
  input.files = list.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}
const carries = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
for (const type of ["dragenter", "dragover", "dragleave", "drop"]) {
  document.addEventListener(type, (event) => {
    const form = composerOf(event.target);
    if (!form || !carries(event)) return;
    event.preventDefault();
    form.classList.toggle("is-over", type === "dragenter" || type === "dragover");
    if (type !== "drop") return;
    event.stopPropagation();
    attach(form, event.dataTransfer.files);
  }, true);
}
document.addEventListener("trix-file-accept", (event) => {
  const form = composerOf(event.target);
  if (!form) return;
  event.preventDefault();
  attach(form, [event.file]);
});
begun();
