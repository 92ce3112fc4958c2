// Mail: a frame with a mail is as high as the mail. Its document has no
// scripts, so the page around it measures.
export function fit(frame) {
  const body = frame.contentDocument?.body;
  if (!body) return;
  const bar = body.scrollWidth > frame.clientWidth ? 16 : 0; // a wide mail scrolls sideways
  frame.style.height = `${Math.max(120, Math.ceil(body.getBoundingClientRect().height) + bar)}px`;
}

function watch(frame) {
  if (frame.dataset.watched) return;
  frame.dataset.watched = "1";
  const loaded = () => {
    fit(frame);
    frame.contentDocument?.querySelectorAll("img").forEach((img) => img.addEventListener("load", () => fit(frame)));
  };
  frame.addEventListener("load", loaded);
  if (frame.contentDocument?.readyState === "complete") loaded();
  new ResizeObserver(() => fit(frame)).observe(frame.parentElement);
}

const watchAll = () => document.querySelectorAll("iframe[data-mail]").forEach(watch);
watchAll();
document.addEventListener("htmx:afterSettle", watchAll);
