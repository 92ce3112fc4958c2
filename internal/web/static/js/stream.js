// The one stream of server-sent events of a page. Browsers give few
// connections to a server, so whoever listens for anything shares it: each
// event goes to the document as "live:" and its name. Who listens later than
// the stream began asks with "live:ask" for what was said last.
const quietRetry = 3000;
const names = ["work", "notifications", "records"];
const last = {};
let source = null;

const tell = (name) => document.dispatchEvent(new CustomEvent(`live:${name}`, { detail: last[name] }));

function connect() {
  if (source || document.hidden) return;
  source = new EventSource(document.querySelector("[data-records-mark]") ? "/live?records=1" : "/live");
  for (const name of names) {
    source.addEventListener(name, (event) => {
      last[name] = event.data;
      tell(name);
    });
  }
  source.onerror = () => {
    if (source?.readyState !== EventSource.CLOSED) return; // the browser tries again by itself
    source = null;
    setTimeout(connect, quietRetry);
  };
}

// A page that nobody looks at holds no connection.
function rest() {
  source?.close();
  source = null;
}

document.addEventListener("live:ask", () => Object.keys(last).forEach(tell));
document.addEventListener("visibilitychange", () => (document.hidden ? rest() : connect()));
addEventListener("pagehide", rest);
addEventListener("pageshow", connect);
connect();
