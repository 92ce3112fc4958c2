// Designer: puts the parts together. State holds the definition (state.js);
// whatever changes it goes through State.change, and everything on the screen
// is drawn from it again. The server checks and saves (server.js).
import { createActs } from "./act.js";
import { createCanvas } from "./canvas.js";
import { letDrag } from "./drag.js";
import { createKeeper } from "./keep.js";
import { listenToKeys } from "./keys.js";
import { createPanel } from "./panel.js";
import { createPicker } from "./picker.js";
import { announce, forgetActions, toast } from "./say.js";
import { createChecker, createProblems, createSaver } from "./server.js";
import { createState } from "./state.js";
import { reserve } from "./steps.js";
import { createView } from "./view.js";
import { plural } from "./words.js";

const data = JSON.parse(document.getElementById("designer-data").textContent);
// A definition leaves out the exits that are as usual; the form needs all of them.
data.sequence.options = { ...data.exits, ...data.sequence.options };
const state = createState(data.sequence);
const problems = createProblems(data.mayEdit ? data.problems : []);
const view = createView({ announce });
reserve(data.taken);
const pick = createPicker({ data, state, onPick: (offer, place) => act.add(offer, place) });
const canvas = createCanvas({ data, state, problems, pick, view });
const panel = createPanel({ data, state, problems, canvas });
const keeper = createKeeper({ data, state });
const checker = createChecker({ data, state, problems, onChecked });
const save = createSaver({ data, state, outcome: saved });
const act = createActs({ data, state, canvas, panel, save });
const at = (selector) => document.querySelector(selector);

function draw() {
  canvas.draw();
  panel.draw();
  drawTools();
}

let lastSave = ""; // what is said about the draft while nothing has changed since

function drawTools() {
  if (!data.mayEdit) return;
  at("[data-undo]").disabled = !state.canUndo;
  at("[data-redo]").disabled = !state.canRedo;
  at("[data-save]").disabled = !state.dirty;
  if (state.dirty) lastSave = "";
  at("[data-save-state]").textContent = state.dirty ? "Unsaved changes" : lastSave;
  // Either there is something to activate, or records to connect.
  const inForce = data.inForce && !state.dirty;
  at("[data-activate-part]").hidden = inForce;
  at("[data-connect-part]").hidden = !inForce;
  const count = at("[data-problem-count]");
  count.hidden = problems.all.length === 0 || state.steps.length === 0;
  count.textContent = plural(problems.all.length, "problem", "problems");
}

let before = problems.all.length;
function onChecked(ok) {
  if (!ok) return;
  draw();
  if (problems.all.length !== before) announce(problems.all.length ? plural(problems.all.length, "problem.", "problems.") : "No problems.");
  before = problems.all.length;
}

// saved shows how a save ended.
function saved(how, answer) {
  const say = at("[data-save-state]");
  say.textContent = { saving: "Saving…", saved: "Saved", stale: "Not saved", refused: "Not saved", failed: "Not saved" }[how];
  if (how === "saving") return;
  if (how === "stale") return keeper.showStale(answer);
  if (how === "saved") {
    announce("Saved.");
    problems.set(answer.problems);
    document.querySelectorAll(".page-head-title .badge").forEach((el) => el.remove());
    at(".page-head-title").insertAdjacentHTML("beforeend", answer.badges);
    at(".page-head-title h1").textContent = answer.sequence.name;
    at("[data-activate] span").textContent = answer.activate;
    data.inForce = answer.inForce;
    lastSave = "Saved";
    return draw();
  }
  if (how === "refused") {
    problems.set(answer.problems);
    draw();
    say.textContent = "Not saved";
    if (answer.problems.length) panel.jump(answer.problems[0]);
  }
  const first = answer.problems?.[0];
  toast(`Not saved. ${first ? first.message : `${answer.message} ${answer.hint}`}`.trim(), { bad: true });
}

state.on((what) => {
  if (what === "change") {
    checker.soon();
    forgetActions();
  }
  draw();
  if (what === "choose" && state.chosen) view.clear(state.chosen.id, panel.panel);
});

// What leads away from the draft saves it first, and then goes on.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("[data-options], [data-after-save]");
  if (!link || event.metaKey || event.ctrlKey || !data.mayEdit) return;
  if (link.matches("[data-options]")) {
    event.preventDefault();
    event.stopPropagation();
    document.querySelectorAll("[popover]:popover-open").forEach((p) => p.hidePopover());
    state.choose(null);
    panel.panel.scrollIntoView({ block: "nearest" });
    return panel.enter();
  }
  if (!state.dirty) return;
  event.preventDefault();
  event.stopPropagation();
  if (await save()) link.click();
}, true);

document.addEventListener("click", (event) => {
  const el = event.target.closest("[data-undo], [data-redo], [data-save], [data-move], [data-copy-step], [data-delete-step], [data-swap], [data-copy-lane], [data-close-panel], [data-problem-count]");
  if (!el) return;
  const id = state.chosen?.id;
  if (el.matches("[data-undo]")) act.undo();
  else if (el.matches("[data-redo]")) act.redo();
  else if (el.matches("[data-save]")) act.save();
  else if (el.matches("[data-problem-count]")) showProblems();
  else if (el.matches("[data-move]")) act.move(id, Number(el.dataset.move));
  else if (el.matches("[data-copy-step]")) act.copy(id);
  else if (el.matches("[data-delete-step]")) act.remove(id);
  else if (el.matches("[data-swap]")) act.swap(id);
  else if (el.matches("[data-copy-lane]")) act.copyLane(id, el.dataset.copyLane);
  else {
    state.choose(null);
    canvas.focus(id);
  }
});

function showProblems() {
  if (problems.all.length === 1) return panel.jump(problems.all[0]);
  if (matchMedia("(max-width: 960px)").matches) state.choose(null);
  panel.enterProblems();
}

// A link to a step, such as those of the confirmation, chooses it.
function followHash() {
  const id = decodeURIComponent(location.hash).replace("#step-", "");
  if (!location.hash.startsWith("#step-") || !state.find(id)) return;
  document.querySelectorAll("dialog[open]").forEach((d) => d.close());
  state.choose(id);
  canvas.focus(id);
}
window.addEventListener("hashchange", followHash);

if (data.mayEdit) letDrag({ canvas, view, state }, act.drop);
listenToKeys({ state, canvas, panel, act });
draw();
keeper.offerKept();
followHash();
