// Picker: the dialog in which a kind of step is chosen. The focus stays in the
// search field; arrows walk through the list, Enter takes, Escape leaves.

export function createPicker({ onPick }) {
  const dialog = document.getElementById("picker");
  const filter = dialog.querySelector("[data-picker-filter]");
  const tabs = [...dialog.querySelectorAll("[data-picker-tab]")];
  const all = [...dialog.querySelectorAll("[data-pick]")];
  const none = dialog.querySelector("[data-picker-none]");
  let tab = tabs[0].dataset.pickerTab;
  let at = 0;
  let index = 0;

  const shown = () => all.filter((el) => !el.hidden);

  // Typing looks through both tabs; without a text the tab decides.
  function draw() {
    const text = filter.value.trim().toLowerCase();
    for (const el of all) {
      el.hidden = text ? !el.textContent.toLowerCase().includes(text) : el.dataset.group !== tab;
    }
    for (const t of tabs) {
      const on = !text && t.dataset.pickerTab === tab;
      t.setAttribute("aria-selected", String(on));
      t.tabIndex = on || (text && t === tabs[0]) ? 0 : -1;
    }
    const list = shown();
    none.hidden = list.length > 0;
    at = Math.max(0, Math.min(at, list.length - 1));
    all.forEach((el) => el.setAttribute("aria-selected", String(el === list[at])));
    if (list[at]) {
      filter.setAttribute("aria-activedescendant", list[at].id);
      list[at].scrollIntoView({ block: "nearest" });
    } else {
      filter.removeAttribute("aria-activedescendant");
    }
  }

  function show(name) {
    tab = name;
    filter.value = "";
    at = 0;
    draw();
  }

  function turn(by) {
    const i = tabs.findIndex((t) => t.dataset.pickerTab === tab);
    show(tabs[(i + by + tabs.length) % tabs.length].dataset.pickerTab);
  }

  function take(el) {
    if (!el) return;
    dialog.close();
    onPick(el.dataset.pick, index);
  }

  filter.addEventListener("input", () => {
    at = 0;
    draw();
  });
  dialog.addEventListener("keydown", (event) => {
    const inTabs = event.target.matches("[role=tab]");
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const n = shown().length;
      if (n) at = (at + (event.key === "ArrowDown" ? 1 : n - 1)) % n;
      draw();
    } else if ((event.key === "ArrowRight" || event.key === "ArrowLeft") && (inTabs || !filter.value)) {
      event.preventDefault();
      turn(event.key === "ArrowRight" ? 1 : -1);
      if (inTabs) tabs.find((t) => t.dataset.pickerTab === tab).focus();
    } else if (event.key === "Enter" && !inTabs) {
      if (event.target.closest("[data-close]")) return;
      event.preventDefault();
      take(shown()[at]);
    }
  });
  dialog.addEventListener("click", (event) => {
    const t = event.target.closest("[data-picker-tab]");
    if (t) {
      show(t.dataset.pickerTab);
      filter.focus();
    }
    take(event.target.closest("[data-pick]"));
  });

  return (where) => {
    index = where;
    show(tabs[0].dataset.pickerTab);
    dialog.showModal();
    filter.focus();
  };
}
