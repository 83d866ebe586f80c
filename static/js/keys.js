// Keyboard: ? lists the keys, / goes to the search field, t changes the theme, p pauses a live page, x clears its rows,
// g and a letter goes to a page.
// Pages say their letter themselves: <a data-key="o" href="…">.
import { openDialog } from "./dialogs.js";
import { clearRows, togglePause } from "./live.js";
import { toggleTheme } from "./theme.js";

const CHORD_MS = 1200;
let chordUntil = 0;

function isTyping(target) {
  return target.isContentEditable || Boolean(target.closest?.("input, select, textarea"));
}

function go(letter) {
  document.querySelector(`a[data-key="${CSS.escape(letter)}"]`)?.click();
}

function press(event) {
  if (event.key === "?") openDialog("shortcuts");
  else if (event.key === "t") toggleTheme();
  else if (event.key === "p" && document.querySelector("[data-live-pause]")) togglePause();
  else if (event.key === "x" && document.querySelector("[data-live-clear]")) clearRows();
  else if (event.key === "g") chordUntil = Date.now() + CHORD_MS;
  else if (event.key === "/") {
    const search = document.querySelector("[data-search]");
    if (!search) return;
    search.focus();
  } else return;
  event.preventDefault();
}

export function listenForKeys() {
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (isTyping(event.target) || document.querySelector("dialog[open]")) return;
    if (Date.now() < chordUntil && event.key.length === 1) {
      chordUntil = 0;
      go(event.key);
      return;
    }
    press(event);
  });
}
