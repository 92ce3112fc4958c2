// Template: the editor of a mail, or of a snippet, which has no subject and no
// preview. The text area with the HTML is the truth; the
// formatted text is laid over it and writes into it only when somebody changes
// something, so a mail from elsewhere keeps its tables and styles. Merge tags
// are pieces that cannot be torn: they are written back character by character.
import { fit } from "./mail.js";
import "./snippets.js";

const form = document.querySelector("[data-template]");
const box = document.querySelector("[data-editor]");
const source = document.getElementById(box.dataset.editor);
const subject = document.getElementById("f-subject");
const dialog = document.getElementById("merge-dialog");
const tagPattern = /\{\{[\s\S]*?\}\}|\{%[\s\S]*?%\}/g;
const simpleTag = /^\{\{\s*(?:record\.)?([\w.]+)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?\}\}$/;

// --- merge tags as pieces

const escapeTag = (tag) => tag.replace(/"/g, "&quot;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
const fieldLabel = (name) => [...document.getElementById("f-merge").options].find((o) => o.value === name)?.text;

function piece(tag) {
  const el = document.createElement("span");
  const [, name, double, single] = simpleTag.exec(tag) ?? [];
  const fallback = double ?? single;
  el.className = "merge";
  el.contentEditable = "false";
  el.dataset.tag = tag;
  el.title = tag;
  el.textContent = name ? fieldLabel(name) ?? name : tag;
  if (name && !fieldLabel(name)) el.classList.add("is-unknown");
  if (fallback) {
    const or = document.createElement("i");
    or.textContent = ` or ${fallback}`;
    el.append(or);
  }
  return el;
}

// read turns HTML into the nodes of the formatted text. The parser's document
// runs nothing and fetches nothing.
function read(html) {
  const doc = new DOMParser().parseFromString(html.replace(tagPattern, escapeTag), "text/html");
  doc.querySelectorAll("script, style, iframe, object, embed, link, meta, base, form").forEach((el) => el.remove());
  const walker = doc.createTreeWalker(doc.body, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) texts.push(walker.currentNode);
  for (const node of texts) {
    const parts = node.data.split(new RegExp(`(${tagPattern.source})`));
    if (parts.length > 1) node.replaceWith(...parts.filter(Boolean).map((p, i, all) => (p.match(new RegExp(`^(?:${tagPattern.source})$`)) ? piece(p) : p)));
  }
  const nodes = document.createDocumentFragment();
  nodes.append(...[...doc.body.childNodes].map((n) => document.importNode(n, true)));
  return nodes;
}

// write gives the HTML of the formatted text.
function write() {
  const copy = text.cloneNode(true);
  copy.querySelectorAll(".merge").forEach((el) => el.replaceWith(el.dataset.tag));
  // Only what the browser's editing leaves behind; everything else stays.
  copy.querySelectorAll("p:last-child > br:only-child").forEach((br) => br.parentElement.textContent === "" && copy.children.length === 1 && br.parentElement.remove());
  return copy.innerHTML.replace(/(?<=[^>\s;])&nbsp;(?=[^<\s&])/g, " ").replace(/<\/(p|ul|ol|blockquote|h\d|table|div)>(?=<)/g, "</$1>\n").trim();
}

// --- the formatted text

const text = document.createElement("div");
text.id = `${source.id}-editor`;
text.className = "editor-text mailtext";
text.contentEditable = "true";
text.setAttribute("role", "textbox");
text.setAttribute("aria-multiline", "true");
text.setAttribute("aria-labelledby", `${source.id}-label`);
if (source.getAttribute("aria-describedby")) text.setAttribute("aria-describedby", source.getAttribute("aria-describedby"));
source.before(text);

function load() {
  text.replaceChildren(read(source.value));
  if (!text.firstChild) text.innerHTML = "<p><br></p>";
}

function store() {
  source.value = write();
  source.dispatchEvent(new Event("input", { bubbles: true }));
}

document.execCommand("defaultParagraphSeparator", false, "p");
document.execCommand("styleWithCSS", false, false);

let asSource = false;
function show(html) {
  asSource = html;
  source.hidden = !html;
  text.hidden = html;
  box.querySelector("[data-source]").setAttribute("aria-pressed", String(html));
  box.querySelectorAll("[data-format] button").forEach((b) => { b.disabled = html; });
  if (!html) load();
}

text.addEventListener("input", store);
text.addEventListener("paste", (event) => {
  event.preventDefault();
  const html = event.clipboardData.getData("text/html");
  if (html) {
    const clean = document.createElement("div");
    clean.append(tidy(read(html)));
    document.execCommand("insertHTML", false, clean.innerHTML);
  } else {
    const lines = event.clipboardData.getData("text/plain").split(/\r?\n/).map((line) => line.replace(/[&<>]/g, (c) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;" })[c]));
    document.execCommand("insertHTML", false, lines.join("<br>"));
    revive();
  }
});

// tidy keeps of pasted text what a mail needs, and drops the styles of its origin.
function tidy(nodes) {
  const keep = "P BR B STRONG I EM U A UL OL LI BLOCKQUOTE H1 H2 H3 TABLE TBODY THEAD TR TD TH".split(" ");
  nodes.querySelectorAll("*").forEach((el) => {
    if (el.classList.contains("merge")) return;
    if (!keep.includes(el.tagName)) {
      el.replaceWith(...el.childNodes);
      return;
    }
    for (const name of el.getAttributeNames()) if (!(name === "href" && el.tagName === "A" && /^(https?:|mailto:|tel:)/i.test(el.href))) el.removeAttribute(name);
  });
  return nodes;
}

// revive makes pieces of merge tags that were typed or pasted as text.
function revive() {
  const walker = document.createTreeWalker(text, NodeFilter.SHOW_TEXT);
  const found = [];
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest(".merge") && walker.currentNode.data.search(tagPattern) >= 0) found.push(walker.currentNode);
  for (const node of found) {
    const parts = node.data.split(new RegExp(`(${tagPattern.source})`)).filter(Boolean);
    node.replaceWith(...parts.map((p) => (p.search(tagPattern) === 0 ? piece(p) : p)));
  }
}
text.addEventListener("blur", revive);

// --- tools

const link = box.querySelector("[data-link]");
const address = link.querySelector("input");
let place = null; // where the cursor was in the formatted text

document.addEventListener("selectionchange", () => {
  const selection = getSelection();
  if (!selection.rangeCount || !text.contains(selection.anchorNode)) return;
  place = selection.getRangeAt(0).cloneRange();
  box.querySelectorAll("[data-command]").forEach((b) => {
    if (["bold", "italic", "insertUnorderedList", "insertOrderedList"].includes(b.dataset.command)) b.setAttribute("aria-pressed", String(document.queryCommandState(b.dataset.command)));
  });
});

function back() {
  text.focus();
  if (!place || !text.contains(place.startContainer)) return;
  getSelection().removeAllRanges();
  getSelection().addRange(place);
}

const around = (selector) => {
  const node = place?.commonAncestorContainer;
  return (node?.nodeType === 1 ? node : node?.parentElement)?.closest(selector);
};

function command(name) {
  if (name === "link") {
    link.hidden = !link.hidden;
    address.value = around("a")?.getAttribute("href") ?? "";
    if (!link.hidden) address.focus();
    return;
  }
  back();
  if (name === "blockquote") document.execCommand("formatBlock", false, around("blockquote") ? "p" : "blockquote");
  else document.execCommand(name);
}

function setLink(href) {
  link.hidden = true;
  const old = around("a");
  if (old) {
    const all = document.createRange();
    all.selectNodeContents(old);
    place = all;
  }
  back();
  if (!href) document.execCommand("unlink");
  else {
    const full = /^([a-z]+:|\{\{|\/)/i.test(href) ? href : href.includes("@") ? `mailto:${href}` : `https://${href}`;
    if (place?.collapsed) document.execCommand("insertText", false, href);
    if (place?.collapsed) getSelection().modify("extend", "backward", "word");
    document.execCommand("createLink", false, full);
  }
}

box.addEventListener("mousedown", (event) => { if (event.target.closest("[data-command]")) event.preventDefault(); });
box.addEventListener("click", (event) => {
  const b = event.target.closest("button");
  if (b?.dataset.command) command(b.dataset.command);
  else if (b && "source" in b.dataset) show(!asSource);
  else if (b && "linkSet" in b.dataset) setLink(address.value.trim());
  else if (b && "linkRemove" in b.dataset) setLink("");
});
address.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    setLink(address.value.trim());
  } else if (event.key === "Escape") {
    link.hidden = true;
    back();
  }
});

// --- the merge-field picker

let into = null; // "f-subject", "f-html" or the piece that is changed

function tagOf() {
  const name = dialog.querySelector("[data-merge-field]").value;
  const fallback = dialog.querySelector("[name=fallback]").value.replace(/[{}%]/g, "").trim();
  if (!fallback) return `{{ ${name} }}`;
  const quote = fallback.includes('"') ? "'" : '"';
  return `{{ ${name} | default: ${quote}${fallback.replaceAll(quote, "")}${quote} }}`;
}
const showTag = () => { dialog.querySelector("[data-merge-tag]").textContent = tagOf(); };

function pick(where) {
  into = where;
  const [, name, double, single] = (where.dataset && simpleTag.exec(where.dataset.tag)) || [];
  dialog.querySelector("h2").textContent = name ? "Change the merge field" : "Insert a merge field";
  dialog.querySelector(".btn-primary span").textContent = name ? "Change" : "Insert";
  if (name) dialog.querySelector("[data-merge-field]").value = name;
  dialog.querySelector("[name=fallback]").value = double ?? single ?? "";
  showTag();
  dialog.showModal();
}

function insertTag(tag) {
  if (into instanceof Element) {
    into.replaceWith(piece(tag));
    store();
  } else if (into === "f-html" && !asSource) {
    back();
    const el = piece(tag);
    const range = getSelection().rangeCount ? getSelection().getRangeAt(0) : null;
    if (!range || !text.contains(range.startContainer)) (text.lastElementChild ?? text).append(el);
    else {
      range.deleteContents();
      range.insertNode(el);
    }
    getSelection().collapse(el.parentNode, [...el.parentNode.childNodes].indexOf(el) + 1);
    store();
  } else {
    const field = into === "f-html" ? source : subject;
    field.setRangeText(tag, field.selectionStart ?? field.value.length, field.selectionEnd ?? field.value.length, "end");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    field.focus();
  }
}

document.querySelectorAll("[data-pick]").forEach((b) => {
  b.hidden = false;
  b.addEventListener("click", () => pick(b.dataset.pick));
});
text.addEventListener("click", (event) => {
  const el = event.target.closest(".merge");
  if (el && simpleTag.test(el.dataset.tag)) pick(el);
});
dialog.addEventListener("input", showTag);
dialog.querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  dialog.close();
  insertTag(tagOf());
});

// --- snippets

source.addEventListener("snippet", (event) => {
  if (asSource) {
    source.setRangeText(event.detail, source.selectionStart, source.selectionEnd, "end");
    source.dispatchEvent(new Event("input", { bubbles: true }));
    source.focus();
    return;
  }
  back();
  const nodes = read(event.detail);
  const blocks = [...nodes.children].filter((el) => el.matches("p, ul, ol, blockquote, table, div, h1, h2, h3"));
  const here = place && text.contains(place.startContainer) ? place : null;
  const one = blocks.length === 0 || (blocks.length === 1 && blocks[0].tagName === "P");
  if (one) blocks[0]?.replaceWith(...blocks[0].childNodes); // it goes on in the line
  const block = [...text.children].find((el) => here && el.contains(here.startContainer)) ?? text.lastElementChild;
  const last = nodes.lastChild;
  if (one && here) {
    here.deleteContents();
    here.insertNode(nodes);
  } else if (one) {
    (block ?? text).append(nodes);
  } else {
    if (block) block.after(nodes);
    else text.append(nodes);
    if (block?.textContent === "" && !block.querySelector("img")) block.remove();
  }
  getSelection().collapse(last, last.nodeType === 3 ? last.length : last.childNodes.length);
  store();
});

// --- the preview

const preview = document.querySelector("[data-preview]");
const frame = preview?.querySelector("iframe");
const plain = document.getElementById("preview-text");
let part = "html";

// fill puts the text of the preview into the frame, whose own policy lets the
// mail's styles act there and nothing else.
function fill() {
  if (!preview) return;
  const html = preview.querySelector("[data-mail-html]");
  const parts = preview.querySelector("[data-parts]");
  parts.hidden = false;
  parts.querySelectorAll("[data-part]").forEach((b) => b.setAttribute("aria-pressed", String(b.dataset.part === part)));
  frame.hidden = part !== "html";
  plain.hidden = part !== "text";
  if (!html) return;
  plain.textContent = preview.querySelector("[data-mail-text]").value;
  const body = frame.contentDocument?.body;
  if (body && frame.contentWindow.location.protocol !== "about:") {
    body.innerHTML = html.value;
    fit(frame);
  }
}
frame?.addEventListener("load", fill);
preview?.addEventListener("click", (event) => {
  const b = event.target.closest("[data-part]");
  if (!b) return;
  part = b.dataset.part;
  fill();
});
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.target.id === "preview-parts") fill();
  if (event.target.id === "preview-record") refresh();
  if (event.target.id === "f-merge") load();
});

let pause = 0;
function refresh() {
  clearTimeout(pause);
  if (preview) pause = setTimeout(() => window.htmx.trigger(preview, "preview"), 350);
}

// --- what is not saved is not lost by a slip

let changed = Boolean(document.querySelector(".field-error, .alert.tone-red[tabindex]"));
for (const type of ["input", "change"]) {
  form.addEventListener(type, (event) => {
    if ("quiet" in event.target.dataset) return;
    if (event.target.name !== "record") changed = true;
    refresh();
  });
}
form.addEventListener("submit", (event) => {
  if (event.submitter?.hasAttribute("formtarget")) return;
  changed = false;
});
addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
document.addEventListener("keydown", (event) => {
  if (event.key.toLowerCase() !== "s" || !(event.ctrlKey || event.metaKey)) return;
  event.preventDefault();
  form.requestSubmit(document.querySelector("[data-save]"));
});

box.querySelector("[data-tools]").hidden = false;
for (const field of [subject, source]) field?.setSelectionRange(field.value.length, field.value.length);
show(false);
fill();
