// What the reports add to the frame: figures that follow new journeys and trainings.
import htmx from "htmx.org";

const CALM_MS = 4000;
let isWaiting = false;
let isBehind = false;
let refreshedAt = 0;

function isBusy(report) {
  // Nobody wants a menu, an open table or a half-filled form to move under their hands.
  return Boolean(report.querySelector("details.menu[open], details.tip[open]")) || report.querySelector("form")?.contains(document.activeElement) || report.classList.contains("htmx-request");
}

function refresh() {
  const report = document.querySelector("[data-live-report]");
  if (!report || !isBehind || isWaiting) return;
  const left = Math.max(isBusy(report) || document.hidden ? CALM_MS : 0, refreshedAt + CALM_MS - Date.now());
  if (left > 0) {
    isWaiting = true;
    setTimeout(() => { isWaiting = false; refresh(); }, left);
    return;
  }
  isBehind = false;
  refreshedAt = Date.now();
  htmx.ajax("GET", location.pathname + location.search, { target: report, swap: "morph:outerHTML" });
}

function noteBuilt() {
  isBehind = true;
  refresh();
}

function readMessage(event) {
  // A paused page holds messages back (live.js): what was prevented there is asked for on resume.
  if (event.defaultPrevented || !event.detail.message.startsWith("{")) return;
  event.preventDefault();
  const { type } = JSON.parse(event.detail.message);
  if (type === "journeys.built") noteBuilt();
  if (type === "training.moved") followTraining();
}

// Progress of a training: several steps may come within a moment, and one look at the last is enough.
let isFollowing = false;

function followTraining() {
  if (isFollowing || !document.querySelector("[data-live-training]")) return;
  isFollowing = true;
  setTimeout(() => {
    isFollowing = false;
    const part = document.querySelector("[data-live-training]");
    if (part) htmx.ajax("GET", location.pathname + location.search, { target: part, swap: "morph:outerHTML" });
  }, 150);
}

function catchUp() {
  if (document.querySelector("#live_rows")) htmx.ajax("GET", location.pathname + location.search, { target: "#live_rows", swap: "outerHTML", select: "#live_rows" });
  else noteBuilt();
}

export function watchReports() {
  document.body.addEventListener("htmx:wsBeforeMessage", readMessage);
  document.body.addEventListener("live-resumed", catchUp);
}
