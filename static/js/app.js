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

async function drawCharts() {
  if (!document.querySelector("[data-chart]")) return;
  const { drawAll } = await import("./chart.js");
  drawAll();
}

drawCharts();
document.body.addEventListener("htmx:load", drawCharts);
document.body.addEventListener("htmx:oobAfterSwap", drawCharts);
