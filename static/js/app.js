// Everything a page may need at once. Charts come on their own, only where a page shows one.
import "../css/app.css";
import "./htmx.js";
import { enhanceDialogs } from "./dialogs.js";
import { listenForKeys } from "./keys.js";
import { watchLive } from "./live.js";
import { enhanceMenus } from "./menus.js";
import { enhanceCopying } from "./copying.js";
import { enhancePasskeys } from "./passkeys.js";
import { watchReports } from "./reports.js";
import { enhanceTheme } from "./theme.js";
import { enhanceToasts } from "./toasts.js";

enhanceTheme();
enhanceMenus();
enhanceDialogs();
enhanceCopying();
enhanceToasts();
enhancePasskeys();
listenForKeys();
watchLive();
watchReports();

let isDrawing = false;

// htmx tells of each element that it has put into the page, fifty rows in one message of the live page: one look is enough.
function drawCharts() {
  if (isDrawing) return;
  isDrawing = true;
  setTimeout(async () => {
    isDrawing = false;
    if (!document.querySelector("[data-chart]")) return;
    const { drawChanged } = await import("./chart.js");
    drawChanged();
  });
}

drawCharts();
document.body.addEventListener("htmx:load", drawCharts);
document.body.addEventListener("htmx:oobAfterSwap", drawCharts);
