// Keep: nothing is lost. Leaving with unsaved changes asks first; a version
// that could not be saved, because somebody else had saved, is kept in this tab.

export function createKeeper({ data, state }) {
  const key = `cadenza-kept-${data.id}`;
  const dialog = document.getElementById("stale");
  const offer = document.querySelector("[data-kept]");
  let leaving = false;

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && data.mayEdit && state.dirty) event.preventDefault();
  });
  // A form of a dialog was sent: the person knows what happens to the sequence.
  document.addEventListener("submit", (event) => {
    if (event.target.closest("#dialogs")) leaving = true;
  });

  dialog.querySelector("[data-stale-reload]").addEventListener("click", () => {
    sessionStorage.setItem(key, JSON.stringify(state.def));
    leaving = true;
    location.reload();
  });

  // tell shows what differs between a definition and the draft, in the server's
  // words. Without an answer the rest of the dialog does as well.
  async function tell(place, definition, query) {
    place.hidden = true;
    try {
      const response = await fetch(`${data.path}/draft/since${query}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: definition,
      });
      if (!response.ok) return;
      place.innerHTML = await response.text();
      place.hidden = false;
    } catch {
      // The server does not answer; whoever saves next is told so.
    }
  }

  function offerKept() {
    const kept = sessionStorage.getItem(key);
    if (!kept || !data.mayEdit) return;
    document.querySelector("[data-canvas]").prepend(offer);
    offer.hidden = false;
    tell(offer.querySelector("[data-kept-changes]"), kept, "?mine");
    const done = () => {
      sessionStorage.removeItem(key);
      offer.remove();
    };
    offer.querySelector("[data-kept-use]").addEventListener("click", () => {
      state.change("", (def) => {
        Object.assign(def, JSON.parse(kept));
        return null;
      });
      done();
    });
    offer.querySelector("[data-kept-drop]").addEventListener("click", done);
  }

  return {
    offerKept,
    showStale(answer) {
      dialog.querySelector("[data-stale-message]").textContent = answer.message;
      document.getElementById("stale-json").value = JSON.stringify(state.def, null, 2);
      tell(dialog.querySelector("[data-stale-changes]"), state.saved, "");
      dialog.showModal();
    },
  };
}
