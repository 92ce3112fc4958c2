// Windows: the send windows of a sequence's own, in the panel of the sequence.
// They are part of the sequence only while it sends in them.
const OWN = "own_windows";

export function createWindows({ data, state }) {
  const inputs = (form) => [...form.querySelectorAll("[data-windows] [data-day]")];

  // prepare shows the windows where they count, but never writes into what is being typed in.
  function prepare(form) {
    const box = form.querySelector("[data-windows]");
    if (!box) return;
    box.hidden = state.def.options.sending !== OWN;
    if (box.hidden) return;
    const list = state.def.options.send_windows ?? [];
    for (const el of inputs(form)) {
      el.disabled = !data.mayEdit;
      if (el === document.activeElement) continue;
      const value = list.find((w) => w.day === el.dataset.day)?.[el.dataset.end] ?? "";
      el.value = value === "24:00" ? "00:00" : value;
    }
  }

  // read gives the windows that the fields say. A browser's field for times calls the end of the day 00:00.
  function read(form) {
    const days = new Map();
    for (const el of inputs(form)) {
      const day = days.get(el.dataset.day) ?? { day: el.dataset.day, from: "", to: "" };
      day[el.dataset.end] = el.dataset.end === "to" && el.value === "00:00" ? "24:00" : el.value;
      days.set(el.dataset.day, day);
    }
    return [...days.values()].filter((w) => w.from || w.to);
  }

  // listen takes what is entered, and gives a sequence that begins to have windows those of working days.
  function listen(form) {
    form.addEventListener("input", (event) => {
      const el = event.target;
      if (el.name === "sending") {
        const chosen = el.value; // a change draws the form anew
        if (chosen !== OWN) {
          return state.change(".sending", (def) => {
            def.options.sending = chosen;
            delete def.options.send_windows;
          });
        }
        const usual = ["monday", "tuesday", "wednesday", "thursday", "friday"].map((day) => ({ day, from: "09:00", to: "17:00" }));
        return state.change(".sending", (def) => {
          def.options.sending = chosen;
          def.options.send_windows ??= usual;
        });
      }
      if (el.closest("[data-windows]")) state.change(`.windows.${el.name}`, (def) => { def.options.send_windows = read(form); });
    });
  }

  return { prepare, listen };
}
