// Kept: what somebody has typed about an activity, and the clock of a call,
// outlive the page: the list is brought anew after every action, a record is
// looked up in between. Kept in this tab until the form is sent.
const key = (form) => `cadenza-kept-${form.id}`;
const forms = () => document.querySelectorAll("form[id^=done-]");

function keep(form) {
  const note = form.elements.note?.value ?? "";
  const outcome = form.elements.outcome?.value ?? "";
  if (note || outcome) sessionStorage.setItem(key(form), JSON.stringify({ note, outcome }));
  else sessionStorage.removeItem(key(form));
}

function bringBack(form) {
  const kept = JSON.parse(sessionStorage.getItem(key(form)) ?? "null");
  if (!kept || form.elements.note?.value) return;
  if (form.elements.note) form.elements.note.value = kept.note;
  const chosen = kept.outcome && form.querySelector(`[name=outcome][value="${CSS.escape(kept.outcome)}"]`);
  if (chosen) chosen.checked = true;
}

for (const type of ["input", "change"]) {
  document.addEventListener(type, (event) => {
    const form = event.target.closest?.("form[id^=done-]");
    if (form) keep(form);
  });
}

document.addEventListener("submit", (event) => { if (event.target.getAttribute?.("id")?.startsWith("done-")) sessionStorage.removeItem(key(event.target)); });
// What did not arrive is still unsent.
document.addEventListener("htmx:sendError", () => forms().forEach(keep));
document.addEventListener("htmx:responseError", () => forms().forEach(keep));

// --- calls: a clock from the moment the number is dialled
const storedCall = "cadenza-call";
let call = JSON.parse(sessionStorage.getItem(storedCall) ?? "null");

function setCall(next) {
  call = next;
  if (next) sessionStorage.setItem(storedCall, JSON.stringify(next));
  else sessionStorage.removeItem(storedCall);
}

const clock = (seconds) => `${String(Math.floor(seconds / 60)).padStart(2, "0")}:${String(seconds % 60).padStart(2, "0")}`;

function tick() {
  const form = call && document.getElementById(call.id);
  if (!form) return;
  const seconds = Math.floor((Date.now() - call.since) / 1000);
  const face = form.querySelector("[role=timer]");
  if (face) face.textContent = clock(seconds);
  form.elements.duration.value = seconds;
}

function showCall(form, running) {
  const end = form.querySelector("[data-call-end]");
  if (end) end.disabled = !running;
  const state = form.querySelector(".dialer-sub span");
  if (state) state.textContent = running ? " · calling" : " · ended";
}

document.addEventListener("click", (event) => {
  const start = event.target.closest?.("[data-call-start], [data-call] .dialer-sub a");
  if (start) {
    const form = start.closest("[data-call]");
    if (call?.id !== form.id) setCall({ id: form.id, since: Date.now() });
    showCall(form, true);
    tick();
    return;
  }
  const end = event.target.closest?.("[data-call-end]");
  if (end && call) {
    const form = end.closest("[data-call]");
    tick();
    setCall(null);
    showCall(form, false);
    form.querySelector("[name=outcome]")?.focus();
  }
});

// Before htmx reads the form, so that it has the last second, too.
document.addEventListener("submit", (event) => {
  if (event.target.id !== call?.id) return;
  tick();
  setCall(null);
}, true);

setInterval(tick, 500);

function settle() {
  forms().forEach(bringBack);
  const form = call && document.getElementById(call.id);
  if (form) {
    showCall(form, true);
    tick();
  }
}
settle();
document.addEventListener("htmx:afterSettle", settle);
