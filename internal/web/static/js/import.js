// Import: a file that is too large is refused before it travels, and the
// columns are read anew as soon as encoding, delimiter or header change.
document.addEventListener("change", (event) => {
  const input = event.target.closest?.("input[type=file][data-limit]");
  if (!input) return;
  const file = input.files?.[0];
  const limit = Number(input.dataset.limit);
  const large = file && file.size > limit;
  input.setCustomValidity(large ? `The file is larger than ${Math.round(limit / 1048576)} MB. Split it and import the parts one after the other.` : "");
  if (large) input.reportValidity();
});

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-upload]")) return;
  const button = form.querySelector("button[type=submit]");
  button.disabled = true;
  button.querySelector("span").textContent = "Uploading …";
});
addEventListener("pageshow", () => document.querySelectorAll("[data-upload] button[type=submit]").forEach((b) => { b.disabled = false; }));

const reread = document.querySelector("[data-reread-now]");
if (reread) reread.hidden = true;
document.addEventListener("change", (event) => {
  if (event.target.closest?.("[data-reread]") && reread) reread.form.requestSubmit(reread);
  const row = event.target.closest?.(".columns-table tr");
  if (!row) return;
  row.classList.toggle("is-left-out", event.target.value === "");
  const n = document.querySelectorAll(".is-left-out").length;
  document.querySelector("[data-left-out]").textContent = n ? `${n} ${n === 1 ? "column is" : "columns are"} left out.` : "Every column fills a field.";
});
