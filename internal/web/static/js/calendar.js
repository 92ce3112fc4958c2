// Calendar: an activity is dragged to another time, or moved by keys; arrows
// walk through the days, J and K through what is planned. The forms of the
// page do the same without this file.

const quarter = 15;
const root = () => document.getElementById("calendar");
const visible = (el) => el.checkVisibility?.({ visibilityProperty: true }) ?? el.offsetParent !== null;
const singleKeys = () => localStorage.getItem("cadenza-single-keys") !== "off";
const two = (n) => String(n).padStart(2, "0");

// Times are local ones of the calendar's zone, without any zone: "2026-11-28T10:30". UTC makes their arithmetic plain.
const read = (text) => new Date(`${text}:00Z`);
const write = (at) => at.toISOString().slice(0, 16);

// move asks the server; its answer is the calendar, or the form with what is wrong.
let refocus = "";
function move(entry, until) {
  const path = entry.dataset.move;
  const back = new URL(entry.querySelector(".cal-move").href).searchParams.get("back");
  refocus = entry.contains(document.activeElement) ? path : "";
  const how = { target: root(), values: { until, back } };
  how.swap = "outerHTML show:none";
  htmx.ajax("POST", path, how);
}

document.addEventListener("htmx:afterSettle", () => {
  if (!refocus) return;
  const entry = [...document.querySelectorAll(`.cal-entry[data-move="${CSS.escape(refocus)}"]`)].find(visible);
  refocus = "";
  entry?.querySelector(".cal-link").focus();
});

// The form of a move is a window over the page: it goes when the calendar comes.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id === "calendar" && event.detail.xhr.status < 400) document.querySelectorAll("dialog[open]").forEach((d) => d.close());
});

// --- the page opens at the start of the working hours, or at now where that would be out of sight. What is due at night stands above.
const place = (el) => el.getBoundingClientRect().top + scrollY;
const shownOf = (selector) => [...(root()?.querySelectorAll(selector) ?? [])].find(visible);

function openAtWork() {
  const begins = shownOf("[data-begins]");
  if (!begins) return;
  const week = begins.closest(".cal-week");
  if (week && getComputedStyle(week).overflowY === "auto") return openWithin(week, begins);
  const head = shownOf(".cal-week thead th, .cal-bar-day");
  const covered = head ? parseFloat(getComputedStyle(head).top) + head.offsetHeight : parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0;
  // The name of an hour stands across its line.
  let top = begins.previousElementSibling ? place(begins) - covered - 14 : 0;
  const now = shownOf(".cal-now");
  if (now && (place(now) < top + covered || place(now) > top + innerHeight)) top = place(now) - (innerHeight + covered) / 2;
  scrollTo({ top, behavior: "instant" });
}

// openWithin does so for a week on a phone, which is scrolled within itself; today is brought beside the hours.
function openWithin(week, begins) {
  const box = week.getBoundingClientRect();
  const [head, today] = [week.querySelector("thead"), week.querySelector("thead .is-today")];
  const top = begins.previousElementSibling ? begins.getBoundingClientRect().top - box.top + week.scrollTop - head.offsetHeight - 10 : 0;
  const left = today ? today.getBoundingClientRect().left - box.left + week.scrollLeft - head.querySelector("td").offsetWidth : 0;
  week.scrollTo({ top, left, behavior: "instant" });
}

// Who comes back, loads anew or has just moved something finds the place where they were.
if (performance.getEntriesByType("navigation")[0]?.type === "navigate" && !location.hash && !location.search.includes("moved=")) openAtWork();
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.requestConfig?.verb === "get" && event.detail.requestConfig.path.startsWith("/calendar") && event.detail.requestConfig.target?.id === "calendar") openAtWork();
});

// --- dragging, with a mouse or a pen: a finger scrolls, and has the button
let drag = null;

document.addEventListener("pointerdown", (event) => {
  const entry = event.target.closest?.(".cal-entry[data-move]");
  if (!entry || event.button !== 0 || event.pointerType === "touch" || event.target.closest(".cal-move")) return;
  drag = { entry, x: event.clientX, y: event.clientY, ghost: null, until: "" };
});

document.addEventListener("pointermove", (event) => {
  if (!drag) return;
  if (!drag.ghost && Math.hypot(event.clientX - drag.x, event.clientY - drag.y) < 6) return;
  if (!drag.ghost) lift();
  event.preventDefault();
  drag.ghost.style.transform = `translate(${event.clientX - 20}px, ${event.clientY - 16}px)`;
  hover(event);
  const edge = 70;
  if (event.clientY < edge) scrollBy(0, -14);
  else if (event.clientY > innerHeight - edge) scrollBy(0, 14);
});

function lift() {
  drag.ghost = drag.entry.cloneNode(true);
  drag.ghost.classList.add("cal-ghost");
  drag.ghost.setAttribute("aria-hidden", "true");
  drag.ghost.append(document.createElement("output"));
  drag.entry.classList.add("is-dragged");
  document.body.classList.add("cal-dragging");
  document.body.append(drag.ghost);
}

// hover finds the quarter of an hour under the pointer.
function hover(event) {
  const cell = document.elementFromPoint(event.clientX, event.clientY)?.closest("[data-slot]");
  document.querySelectorAll(".cal-cell.is-over").forEach((c) => c.classList.toggle("is-over", c === cell));
  drag.until = "";
  const label = drag.ghost.querySelector("output");
  if (!cell) {
    label.textContent = "";
    return;
  }
  cell.classList.add("is-over");
  const box = cell.getBoundingClientRect();
  const minutes = Math.max(0, Math.min(3, Math.floor(((event.clientY - box.top) / box.height) * 4))) * quarter;
  drag.until = `${cell.dataset.slot}:${two(minutes)}`;
  label.textContent = read(drag.until).toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short", timeZone: "UTC" }) + `, ${drag.until.slice(11)}`;
}

function drop() {
  const { entry, ghost, until } = drag;
  drag = null;
  ghost?.remove();
  entry.classList.remove("is-dragged");
  document.body.classList.remove("cal-dragging");
  document.querySelectorAll(".cal-cell.is-over").forEach((c) => c.classList.remove("is-over"));
  return ghost ? { entry, until } : null;
}

document.addEventListener("pointerup", () => {
  const dropped = drag && drop();
  if (!dropped) return;
  // The click that follows is the end of the drag, not a wish to open the activity.
  const swallow = (click) => { click.preventDefault(); click.stopPropagation(); };
  addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => removeEventListener("click", swallow, { capture: true }), 50);
  if (dropped.until && dropped.until !== dropped.entry.dataset.at) move(dropped.entry, dropped.until);
});
document.addEventListener("pointercancel", () => { if (drag) drop(); });

// --- keys
const typing = (el) => el.isContentEditable || el.matches?.("input, textarea, select");

const shifts = {
  ArrowUp: (at) => at.setUTCMinutes(at.getUTCMinutes() - quarter),
  ArrowDown: (at) => at.setUTCMinutes(at.getUTCMinutes() + quarter),
  ArrowLeft: (at) => at.setUTCDate(at.getUTCDate() - 1),
  ArrowRight: (at) => at.setUTCDate(at.getUTCDate() + 1),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drag) return void drop();
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || typing(event.target) || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const entry = event.target.closest?.(".cal-entry[data-move]");
  if (event.shiftKey && entry && shifts[event.key]) {
    event.preventDefault();
    const at = read(entry.dataset.at);
    shifts[event.key](at);
    move(entry, write(at));
    return;
  }
  if (event.shiftKey) return;
  if (event.key === "ArrowLeft" || event.key === "ArrowRight") return press(event, event.key === "ArrowLeft" ? "h" : "l");
  if (!singleKeys()) return;
  if (event.key === "m" && entry) {
    event.preventDefault();
    entry.querySelector(".cal-move").click();
  }
  if (event.key === "j" || event.key === "k") walk(event, event.key === "j" ? 1 : -1);
});

function press(event, key) {
  const link = [...(root()?.querySelectorAll(`[data-key="${key}"]`) ?? [])].find(visible);
  if (!link) return;
  event.preventDefault();
  link.click();
}

function walk(event, by) {
  const all = [...(root()?.querySelectorAll(".cal-link") ?? [])].filter(visible);
  if (!all.length) return;
  event.preventDefault();
  const at = all.indexOf(document.activeElement);
  const next = all[at < 0 ? 0 : Math.max(0, Math.min(all.length - 1, at + by))];
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

// --- the line of the present moment goes on by itself
let begun = Date.now();
document.addEventListener("htmx:afterSettle", () => { begun = Date.now(); });
setInterval(() => {
  const line = [...document.querySelectorAll(".cal-now")].find(visible);
  if (!line || drag || document.hidden || document.querySelector("dialog[open]")) return;
  const minutes = Number(line.dataset.now.slice(3));
  const passed = minutes + (Date.now() - begun) / 60000;
  if (passed >= 60) return location.reload();
  document.querySelectorAll(".cal-now").forEach((l) => l.style.setProperty("--twelfth", passed / 5));
}, 30000);
