// An email to many: the preview is put into its frame, whose own policy lets
// the styles of mail be.
import { fit } from "./mail.js";

const frame = document.querySelector(".bulkmail-preview iframe");
const source = document.querySelector("[data-mail-html]");

function fill() {
  const body = frame?.contentDocument?.body;
  if (!body || frame.contentWindow.location.protocol === "about:") return;
  body.innerHTML = source.value;
  fit(frame);
}

frame?.addEventListener("load", fill);
if (frame?.contentDocument?.readyState === "complete") fill();
