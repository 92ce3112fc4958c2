// Phone: the dock in which a call stands. A link to a number becomes a call
// over the server (WebRTC); what becomes of it comes as server-sent events:
// the list of our calls, whenever one of them changes.
import { stayWhile } from "./stay.js";

const dock = document.getElementById("dock");
const part = (name) => dock.querySelector(`[data-dock-${name}]`);
const able = dock && window.RTCPeerConnection && navigator.mediaDevices?.getUserMedia;

let call = null; // the one of this page: { id, pc, stream, since, over, activity }
let ring = null; // one that rings for us
let events = null;
let tone = null;
let latest = []; // what the server has said last
const dismissed = new Set();
const channel = new BroadcastChannel("cadenza-phone");

// --- asking the server
async function ask(path, fields = {}) {
  const body = new URLSearchParams(fields);
  const answer = await fetch(path, { method: "POST", body, headers: { Accept: "application/json" } });
  if (answer.status === 204) return null;
  const said = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(said.problems?.[0]?.message || [said.message, said.hint].filter(Boolean).join(" ") || "The server does not answer as it should. Try again.");
  return said;
}

const on = (verb, fields) => ask(`/phone/calls/${call.id}/${verb}`, fields);

// --- the browser's side of a call
async function microphone() {
  const device = localStorage.getItem("cadenza-audioinput");
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: { deviceId: device || undefined, echoCancellation: true, noiseSuppression: true } });
  } catch (error) {
    if (error.name === "NotAllowedError") throw new Error("The browser does not give the microphone to this page. Allow it beside the address, then call again.");
    if (error.name === "NotFoundError") throw new Error("There is no microphone. Connect one, then call again.");
    throw new Error("The microphone cannot be used. Does another program have it?");
  }
}

async function connect(send) {
  call.stream = await microphone();
  const pc = call.pc = new RTCPeerConnection();
  pc.ontrack = ({ streams, track }) => { part("audio").srcObject = streams[0] ?? new MediaStream([track]); };
  call.stream.getAudioTracks().forEach((t) => pc.addTrack(t, call.stream));
  speaker();
  await pc.setLocalDescription(await pc.createOffer());
  const begun = await send(pc.localDescription.sdp);
  if (!call || call.pc !== pc) return void ask(`/phone/calls/${begun.id}/hang-up`); // given up meanwhile
  call.id = begun.id;
  await pc.setRemoteDescription({ type: "answer", sdp: begun.answer });
  listen();
  take(latest); // the other side may have answered before we knew which call is ours
}

async function begin(fields, send) {
  call = { ...fields };
  show("connecting");
  try {
    await connect(send);
  } catch (error) {
    fail(error.message);
  }
}

function release() {
  call?.pc?.close();
  call?.stream?.getTracks().forEach((t) => t.stop());
  part("audio").srcObject = null;
}

function fail(text) {
  release();
  if (call) Object.assign(call, { over: true, id: "" });
  show("over", text);
}

// --- numbers become calls
document.addEventListener("click", (event) => {
  const link = event.target.closest?.('a[href^="tel:"]');
  const form = link?.closest("[data-record]");
  if (!able || !form || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  if (call && !call.over) return say("You are in a call. Hang up first.");
  const number = decodeURIComponent(link.getAttribute("href").slice(4).split(";")[0]);
  const { record, name } = form.dataset;
  // A call to a record for which a call is to be done is that call.
  const activity = form.dataset.activity ?? document.querySelector(`form[data-call][data-record="${CSS.escape(record)}"]`)?.dataset.activity ?? "";
  const written = [link, form.querySelector(".dialer-sub a")].map((el) => el?.textContent.trim()).find((t) => t?.replace(/[^+0-9]/g, "") === number);
  const shown = written ?? number;
  begin({ number: shown, name, activity, record }, (offer) => ask("/phone/calls", { number, activity, record: activity ? "" : record, offer }));
}, true);

const say = (text) => document.dispatchEvent(new CustomEvent("cadenza:flash", { detail: { text, bad: true } }));

// --- what becomes of our calls. One page of all that are open listens for
// calls that come in and tells the others; a page with a call listens itself.
function listen() {
  if (events) return;
  events = new EventSource("/phone/events");
  events.onmessage = (event) => {
    const list = JSON.parse(event.data);
    channel.postMessage(list);
    take(list);
  };
}

channel.onmessage = ({ data }) => { if (!events) take(data); };
if (able && navigator.locks) navigator.locks.request("cadenza-phone", () => new Promise(listen));

function take(list) {
  latest = list;
  if (call?.id) {
    const mine = list.find((c) => c.id === call.id);
    if (mine) follow(mine);
  }
  const incoming = list.find((c) => c.incoming && !c.mine && c.state === "ringing" && !dismissed.has(c.id));
  if ((!call || call.over) && incoming?.id !== ring?.id) {
    ring = incoming ?? null;
    if (ring) {
      close();
      show("ringing");
    } else if (!call) {
      dock.hidden = true;
    }
    bell(Boolean(ring));
  }
}

function follow(mine) {
  if (call.over) return;
  call.state = mine.state;
  if (mine.answered && !call.since) call.since = Date.now() - mine.seconds * 1000;
  if (mine.state !== "ended") return show("call");
  Object.assign(call, { over: true, seconds: mine.seconds });
  release();
  show("over", mine.text);
  if (mine.asks) outcome(mine);
}

// The outcome is asked for in the panel of the activity, when that is still
// on the page, else in the dock.
async function outcome(mine) {
  const form = mine.activity && document.querySelector(`form[data-call][data-activity="${CSS.escape(mine.activity)}"]`);
  if (form) {
    form.elements.duration.value = mine.seconds;
    const face = form.querySelector("[role=timer]");
    if (face) face.textContent = clock(mine.seconds);
    form.querySelector("[name=outcome]")?.focus();
    form.scrollIntoView({ block: "nearest" });
    return;
  }
  const box = part("outcome");
  const answer = await fetch(`/phone/calls/${mine.id}/outcome`, { headers: { "HX-Request": "true" } });
  if (!answer.ok || call?.id !== mine.id) return;
  box.innerHTML = await answer.text();
  box.hidden = false;
  window.htmx?.process(box);
  box.querySelector("[name=outcome]")?.focus();
}

// --- the face of the dock
const words = { connecting: "connecting", dialling: "calling", ringing: "ringing", talking: "connected", held: "on hold" };

function show(face, text = "") {
  const talking = face === "connecting" || face === "call";
  const now = face === "ringing" ? ring : call;
  dock.hidden = false;
  dock.dataset.face = face;
  part("name").textContent = now?.name || (face === "ringing" ? "Unknown caller" : now?.number);
  part("number").textContent = now?.number || "Number withheld";
  const state = face === "ringing" ? "calls you" : face === "over" ? "ended" : words[call.state] ?? words.connecting;
  part("state").textContent = ` · ${state}`;
  part("ringing").hidden = face !== "ringing";
  part("talking").hidden = !talking;
  part("over").hidden = face !== "over";
  part("problem").hidden = !text;
  part("problem").textContent = text;
  if (!talking) for (const name of ["keypad", "devices"]) toggle(name, false);
  if (face !== "over") part("outcome").hidden = true;
  const record = now?.record;
  part("record").hidden = !record;
  if (record) part("record").href = `/records/${record}`;
  const answered = talking && Boolean(call.since);
  for (const does of ["mute", "hold", "keypad"]) button(does).disabled = !answered && does !== "mute";
  button("hold").setAttribute("aria-pressed", String(call?.state === "held"));
  tick();
}

const button = (does) => dock.querySelector(`[data-phone=${does}]`);
const clock = (s) => `${String(Math.floor(s / 60)).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;

function tick() {
  const seconds = call?.over ? call.seconds : call?.since && Math.floor((Date.now() - call.since) / 1000);
  part("clock").textContent = seconds === undefined || ring ? "" : clock(seconds);
}
setInterval(() => { if (call && !call.over) tick(); }, 500);

function toggle(name, open = part(name).hidden) {
  part(name).hidden = !open;
  button(name).setAttribute("aria-pressed", String(open));
}

function close() {
  call = null;
  part("outcome").hidden = true;
  part("outcome").replaceChildren();
  part("pressed").textContent = "";
  dock.hidden = true;
}

// --- keys, which work while somebody types a note of the call
const chords = { KeyM: "mute", KeyH: "hang-up" };
document.addEventListener("keydown", (event) => {
  const name = chords[event.code];
  if (!name || !event.ctrlKey || !event.shiftKey || event.altKey || event.metaKey || event.repeat || !call || call.over || ring) return;
  event.preventDefault();
  button(name).click();
});

// --- the buttons
const does = {
  answer() {
    const { id, ...rest } = ring;
    ring = null;
    bell(false);
    begin(rest, (offer) => ask(`/phone/calls/${id}/answer`, { offer }));
  },
  decline() {
    dismissed.add(ring.id);
    ask(`/phone/calls/${ring.id}/hang-up`).catch(() => {});
    ring = null;
    bell(false);
    close();
  },
  "hang-up"() {
    if (!call.id) return release(), close();
    on("hang-up").catch((error) => fail(error.message));
  },
  mute(b) {
    const muted = b.getAttribute("aria-pressed") !== "true";
    call.stream?.getAudioTracks().forEach((t) => { t.enabled = !muted; });
    b.setAttribute("aria-pressed", String(muted));
  },
  hold(b) {
    on("hold", b.getAttribute("aria-pressed") === "true" ? {} : { on: "1" }).catch((error) => say(error.message));
  },
  keypad() { toggle("keypad"); },
  devices() {
    toggle("devices");
    if (!part("devices").hidden) list();
  },
  close,
};

function press(key) {
  part("pressed").textContent += key;
  on("keys", { keys: key }).catch((error) => say(error.message));
}

dock?.addEventListener("click", (event) => {
  const b = event.target.closest("[data-phone], [data-phone-key]");
  if (b?.dataset.phoneKey) press(b.dataset.phoneKey);
  else if (b) does[b.dataset.phone](b);
});

// The digits of the keyboard are those of the keypad while it is open.
document.addEventListener("keydown", (event) => {
  if (!call || part("keypad").hidden || event.ctrlKey || event.metaKey || event.altKey) return;
  if (!/^[0-9*#]$/.test(event.key) || event.target.matches("input, textarea, select, [contenteditable]")) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(event.key);
}, true);

// --- devices
async function list() {
  const devices = await navigator.mediaDevices.enumerateDevices();
  dock.querySelectorAll("[data-phone-device]").forEach((field) => {
    const kind = field.dataset.phoneDevice;
    const chosen = localStorage.getItem(`cadenza-${kind}`) ?? "";
    field.replaceChildren(new Option("The usual one", ""), ...devices.filter((d) => d.kind === kind && d.deviceId && d.deviceId !== "default").map((d) => new Option(d.label || d.deviceId, d.deviceId, false, d.deviceId === chosen)));
    field.disabled = kind === "audiooutput" && !part("audio").setSinkId;
  });
}

function speaker() {
  part("audio").setSinkId?.(localStorage.getItem("cadenza-audiooutput") ?? "").catch(() => {});
}

dock?.addEventListener("change", async (event) => {
  const kind = event.target.dataset.phoneDevice;
  if (!kind) return;
  localStorage.setItem(`cadenza-${kind}`, event.target.value);
  if (kind === "audiooutput") return speaker();
  if (!call?.pc) return;
  try {
    const fresh = await microphone();
    const muted = button("mute").getAttribute("aria-pressed") === "true";
    fresh.getAudioTracks().forEach((t) => { t.enabled = !muted; });
    await call.pc.getSenders().find((s) => s.track?.kind === "audio")?.replaceTrack(fresh.getAudioTracks()[0]);
    call.stream.getTracks().forEach((t) => t.stop());
    call.stream = fresh;
  } catch (error) {
    say(error.message);
  }
});

// --- a call that comes in can be heard, once somebody has used the page
function bell(rings) {
  clearInterval(tone?.timer);
  tone?.context.close();
  tone = null;
  if (!rings) return;
  const context = new AudioContext();
  const ringOnce = () => {
    const gain = context.createGain();
    gain.gain.value = 0.08;
    gain.connect(context.destination);
    for (const frequency of [440, 480]) {
      const voice = context.createOscillator();
      voice.frequency.value = frequency;
      voice.connect(gain);
      voice.start();
      voice.stop(context.currentTime + 1);
    }
  };
  tone = { context, timer: setInterval(ringOnce, 3000) };
  ringOnce();
}

// --- a page with a call is not left by a slip, and says so when it is left
const live = () => call && !call.over;
addEventListener("beforeunload", (event) => { if (live()) event.preventDefault(); });
addEventListener("pagehide", () => {
  if (live() && call.id) navigator.sendBeacon(`/phone/calls/${call.id}/hang-up`, new URLSearchParams({ lost: "1" }));
});

stayWhile(live);
