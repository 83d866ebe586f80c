// Menus are <details>: they open without script. With it, a click elsewhere or Escape closes them.
const OPEN = "details.menu[open], details.tip[open]";

function closeOthers(target) {
  for (const menu of document.querySelectorAll(OPEN)) {
    if (!menu.contains(target)) menu.open = false;
  }
}

function closeOnEscape(event) {
  if (event.key !== "Escape") return;
  const menu = document.activeElement?.closest(OPEN) ?? document.querySelector(OPEN);
  if (menu) {
    menu.open = false;
    menu.querySelector("summary")?.focus();
  } else if (location.hash === "#menu") {
    location.hash = "#content";
  }
}

function moveInside(event) {
  const menu = event.target.closest?.("details.menu[open]");
  if (!menu || !["ArrowDown", "ArrowUp"].includes(event.key) || event.target.matches("input, select, textarea")) return;
  const items = [...menu.querySelectorAll("a[href], button, input, select")];
  const next = items.indexOf(document.activeElement) + (event.key === "ArrowDown" ? 1 : -1);
  items[(next + items.length) % items.length]?.focus();
  event.preventDefault();
}

export function enhanceMenus() {
  document.addEventListener("click", (event) => closeOthers(event.target));
  document.addEventListener("focusin", (event) => closeOthers(event.target));
  document.addEventListener("keydown", closeOnEscape);
  document.addEventListener("keydown", moveInside);
}
