// Notifications: the count beside the bell is that of this moment, and the
// page of notifications shows new ones as they come.
const most = 99;

function count(n) {
  document.querySelectorAll("[data-live-count=notifications]").forEach((el) => {
    el.hidden = n === 0;
    el.textContent = n > most ? `${most}+` : String(n);
  });
}

async function bring(mark) {
  const list = document.getElementById("notification-list");
  if (!list || list.dataset.mark === mark || new URLSearchParams(location.search).has("cursor")) return;
  const answer = await fetch(location.href, { headers: { "HX-Request": "true" } }).catch(() => null);
  if (!answer?.ok || answer.redirected) return;
  const parsed = document.createElement("template");
  parsed.innerHTML = await answer.text();
  const fresh = parsed.content.getElementById("notification-list");
  if (!fresh || !list.isConnected) return;
  const focused = list.contains(document.activeElement) ? document.activeElement.id : "";
  list.replaceWith(fresh);
  window.htmx?.process(fresh);
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
}

document.addEventListener("live:notifications", ({ detail }) => {
  count(Number.parseInt(detail, 10));
  bring(detail);
});
document.dispatchEvent(new CustomEvent("live:ask"));
