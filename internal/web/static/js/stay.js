// Stay: while somebody speaks, no page is loaded, because that would end the
// call. What leads elsewhere opens beside it; a form is sent from here, and the
// page that answers it takes the place of what is shown.

const say = (text) => document.dispatchEvent(new CustomEvent("cadenza:flash", { detail: { text, bad: true } }));

// stayWhile keeps the page as long as live gives true.
export function stayWhile(live) {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[href]");
    if (!live() || event.defaultPrevented || !link || link.target || link.origin !== location.origin || link.hasAttribute("hx-get")) return;
    if (link.getAttribute("href").startsWith("#")) return;
    event.preventDefault();
    window.open(link.href, "_blank", "noopener");
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    const by = event.submitter;
    const method = by?.formMethod || form.method;
    if (!live() || event.defaultPrevented || method === "dialog") return;
    event.preventDefault();
    const values = new FormData(form, by);
    const address = new URL(by?.getAttribute("formaction") ?? form.getAttribute("action") ?? location.href, location.href);
    if (method === "get") {
      address.search = new URLSearchParams(values);
      window.open(address, "_blank", "noopener");
    } else {
      send(form, address, form.enctype === "multipart/form-data" ? values : new URLSearchParams(values));
    }
  });
}

async function send(form, address, body) {
  if (form.ariaBusy === "true") return; // pressed twice
  form.ariaBusy = "true";
  try {
    const answer = await fetch(address, { method: "POST", body });
    show(await answer.text(), answer.url);
  } catch {
    say("The server does not answer. Check the connection and try again.");
  } finally {
    form.ariaBusy = null;
  }
}

// show puts the page that answered in the place of this one, with the scripts that it needs.
function show(html, address) {
  const next = new DOMParser().parseFromString(html, "text/html");
  if (next.body.childElementCount && !next.getElementById("dock")) return location.assign(address); // signed out, for one
  if (!next.getElementById("main")) return say("Something went wrong. Nothing was changed; try again.");
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  history.replaceState(null, "", address);
  htmx.swap("#main", html, { swapStyle: "outerHTML", swapDelay: 0, settleDelay: 0 }, { select: "#main", selectOOB: "#flash:beforeend" });
  for (const { src } of next.querySelectorAll("script[type=module][src]")) import(src); // one that is here already is not run again
}
