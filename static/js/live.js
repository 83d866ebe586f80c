// The state of the page's WebSocket, its pause, and what the live page adds: a count while paused, clearing, words for
// screen readers, and coming back after the server went away. The words stand in the markup, so they are translated there.
// While paused nothing moves: what passes is counted, and on resume the page asks for it ("live-resumed").
const SAY_EVERY_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const NOT_FOUND = 4404; // the session has ended or the right was taken: asking again would change nothing
// What htmx does not come back from by itself: a server that says goodbye.
const GOODBYES = [1000, 1001, 1005];

let isPaused = false;
let missed = 0;
let connection = "waiting";
let retries = 0;
let unsaid = 0;

function show() {
  const state = isPaused ? "paused" : connection;
  for (const element of document.querySelectorAll("[data-live-status]")) {
    element.dataset.state = state;
    const word = element.dataset[`${state}Text`] ?? state;
    const text = element.querySelector("[data-live-text]");
    if (text) text.textContent = isPaused && missed ? `${word} · ${missed}` : word;
  }
  for (const button of document.querySelectorAll("[data-live-pause]")) button.setAttribute("aria-pressed", String(isPaused));
}

function setConnection(state) {
  connection = state;
  show();
}

export function togglePause() {
  isPaused = !isPaused;
  if (!isPaused) {
    missed = 0;
    document.body.dispatchEvent(new CustomEvent("live-resumed"));
  }
  show();
}

export function clearRows() {
  for (const row of document.querySelectorAll("#live_rows tr[data-live-row]")) row.remove();
}

function eventsIn(message) {
  return Number(/data-live-events="(\d+)"/.exec(message)?.[1] ?? 1);
}

function holdMessage(event) {
  const events = eventsIn(event.detail.message);
  unsaid += events;
  if (!isPaused) return;
  event.preventDefault();
  missed += events;
  show();
}

// One sentence now and then: a table that reads every row aloud could not be listened to.
function say() {
  const place = document.querySelector("#live_said");
  if (place && unsaid && !document.hidden) {
    place.textContent = `${place.dataset.words} ${unsaid}`;
    unsaid = 0;
  }
}

function closed({ detail }) {
  setConnection("closed");
  const code = detail.event.code;
  if (code === NOT_FOUND || !GOODBYES.includes(code) || !detail.socketWrapper) return;
  const longest = Math.min(1000 * 2 ** retries, LONGEST_WAIT_MS);
  retries += 1;
  setTimeout(() => detail.socketWrapper.reconnect(), longest * (0.5 + Math.random() / 2));
}

export function watchLive() {
  const page = document.body;
  page.addEventListener("htmx:wsConnecting", () => setConnection("waiting"));
  page.addEventListener("htmx:wsOpen", () => {
    retries = 0;
    setConnection("open");
  });
  page.addEventListener("htmx:wsClose", closed);
  page.addEventListener("htmx:wsError", () => setConnection("closed"));
  page.addEventListener("htmx:wsBeforeMessage", holdMessage);
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-live-pause]")) togglePause();
    if (event.target.closest("[data-live-clear]")) clearRows();
  });
  page.addEventListener("htmx:load", show);
  setInterval(say, SAY_EVERY_MS);
}
