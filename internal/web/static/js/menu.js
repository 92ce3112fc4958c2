// Menus: native popovers, placed beside their button and walked by arrow keys.
// Without this file they still open, in the middle of the window.

const entries = (menu) => [...menu.querySelectorAll("a[href], button:not(:disabled)")];
const opener = (menu) => document.querySelector(`[popovertarget="${CSS.escape(menu.id)}"]`);

function place(menu) {
  const button = opener(menu);
  if (!button) return;
  menu.classList.add("is-placed");
  const at = button.getBoundingClientRect();
  const box = menu.getBoundingClientRect();
  const gap = 4;
  const below = at.bottom + gap + box.height <= innerHeight || at.top < box.height;
  const top = below ? at.bottom + gap : at.top - gap - box.height;
  const fromLeft = at.left + box.width <= innerWidth - 8;
  const left = fromLeft ? at.left : at.right - box.width;
  menu.style.top = `${Math.max(8, Math.min(top, innerHeight - box.height - 8))}px`;
  menu.style.left = `${Math.max(8, Math.min(left, innerWidth - box.width - 8))}px`;
}

document.addEventListener("toggle", (event) => {
  const menu = event.target;
  if (!(menu instanceof HTMLElement) || !menu.matches(".menu[popover]")) return;
  const isOpen = event.newState === "open";
  opener(menu)?.setAttribute("aria-expanded", String(isOpen));
  if (isOpen) {
    place(menu);
    // A long menu opens at what is chosen. By hand: to scroll it into view could move the page, which closes menus.
    const chosen = menu.querySelector(".menu-entry[aria-current]");
    menu.scrollTop = chosen ? chosen.getBoundingClientRect().top - menu.getBoundingClientRect().top - (menu.clientHeight - chosen.offsetHeight) / 2 : 0;
    if (menu.dataset.byKey) (chosen ?? entries(menu)[0])?.focus();
  }
  delete menu.dataset.byKey;
}, true);

document.addEventListener("keydown", (event) => {
  const button = event.target.closest?.("[data-menu]");
  if (button && (event.key === "ArrowDown" || event.key === "Enter" || event.key === " ")) {
    const menu = document.getElementById(button.dataset.menu);
    if (!menu || menu.matches(":popover-open")) return;
    event.preventDefault();
    menu.dataset.byKey = "1";
    menu.showPopover({ source: button });
    return;
  }
  const menu = event.target.closest?.(".menu:popover-open");
  if (menu) walk(menu, event);
});

function walk(menu, event) {
  const list = entries(menu);
  const at = list.indexOf(document.activeElement);
  const next = { ArrowDown: (at + 1) % list.length, ArrowUp: (at - 1 + list.length) % list.length, Home: 0, End: list.length - 1 }[event.key];
  if (next !== undefined) {
    event.preventDefault();
    list[next].focus();
  } else if (event.key === "Tab") {
    menu.hidePopover();
  }
}

// A menu does not stay behind when the page moves under it.
const hideAll = () => document.querySelectorAll(".menu:popover-open").forEach((m) => m.hidePopover());
addEventListener("resize", hideAll);
document.addEventListener("scroll", (event) => { if (!event.target.closest?.(".menu")) hideAll(); }, true);
document.addEventListener("click", (event) => {
  const entry = event.target.closest(".menu-entry");
  if (entry && !entry.disabled) queueMicrotask(hideAll);
});

// htmx keeps a copy of the page for the way back. A place written into an element would be an inline style in it, which pages may not have.
document.addEventListener("htmx:beforeHistorySave", () => {
  document.querySelectorAll(".menu.is-placed").forEach((m) => {
    m.classList.remove("is-placed");
    m.removeAttribute("style");
  });
});
