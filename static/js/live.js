// The state of the page's WebSocket, its pause, and what the live page adds: a count while paused, clearing, words for
// screen readers, and coming back after the server went away. The words stand in the markup, so they are translated there.
// While paused nothing moves: what passes is counted, and on resume the page asks for it ("live-resumed").
const SAY_EVERY_MS = 10_000;
const LONGEST_WAIT_MS = 30_000;
const MOST_ROWS = 100;
const IN_A_FRAME = 10;
const NEW_MS = 1200;
const NOT_FOUND = 4404; // the session has ended or the right was taken: asking again would change nothing
// What htmx does not come back from by itself: a server that says goodbye.
const GOODBYES = [1000, 1001, 1005];

let isPaused = false;
let missed = 0;
let connection = "waiting";
let retries = 0;
let unsaid = 0;
let coming = []; // rows that have arrived and wait for their frame
let isCalm = true;

function show() {
  const state = isPaused ? "paused" : connection;
  for (const element of document.querySelectorAll("[data-live-status]")) {
    element.dataset.state = state;
    const word = element.dataset[`${state}Text`] ?? state;
    const said = isPaused && missed ? `${word} · ${missed}` : word;
    const text = element.querySelector("[data-live-text]");
    if (text && text.textContent !== said) text.textContent = said; // writing the same would be read aloud again
  }
  for (const button of document.querySelectorAll("[data-live-pause]")) button.setAttribute("aria-pressed", String(isPaused));
}

function setConnection(state) {
  connection = state;
  show();
}

export function togglePause() {
  isPaused = !isPaused;
  coming = []; // on resume everything is asked for
  if (!isPaused) {
    missed = 0;
    document.body.dispatchEvent(new CustomEvent("live-resumed"));
  }
  show();
}

export function clearRows() {
  coming = [];
  for (const row of document.querySelectorAll("#live_rows tr[data-live-row]")) row.remove();
}

function eventsIn(message) {
  return Number(/data-live-events="(\d+)"/.exec(message)?.[1] ?? 1);
}

function takeMessage(event) {
  const { message } = event.detail;
  const isWord = message.startsWith("{"); // for reports.js
  const events = isWord ? 1 : eventsIn(message);
  unsaid += events;
  if (isWord && !isPaused) return;
  event.preventDefault();
  if (!isPaused) return putIn(message);
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

// Rows are put in at once, not by htmx: it looks through each new row for what it should do, tells everybody of it, and
// settles it, which held the page for half a second when fifty came. Rows ask htmx for nothing.
function putIn(message) {
  const parsed = document.createElement("template");
  parsed.innerHTML = message;
  for (const part of [...parsed.content.children]) {
    if (part.tagName === "TBODY") putRows(part);
    else document.getElementById(part.id)?.replaceWith(part);
  }
}

function putRows(arrived) {
  const rows = [...arrived.children];
  if (rows.length) document.querySelector("#live_rows [data-empty]")?.remove();
  if (arrived.getAttribute("hx-swap-oob").startsWith("innerHTML")) {
    coming = [];
    document.querySelector("#live_rows tbody")?.replaceChildren(...rows);
    return;
  }
  isCalm = rows.length <= IN_A_FRAME;
  coming = [...rows, ...coming].slice(0, MOST_ROWS); // newest first; a hidden page draws no frames, and may wait for long
  if (coming.length === rows.length) requestAnimationFrame(putSome);
}

// The browser lays a table out as a whole: some rows a frame, so that a click or a key never waits for fifty.
function putSome() {
  const body = document.querySelector("#live_rows tbody");
  const some = coming.splice(-IN_A_FRAME);
  if (!body || !some.length) return;
  body.prepend(...some);
  for (const row of [...body.children].slice(MOST_ROWS)) row.remove();
  if (isCalm) showAsNew(some);
  if (coming.length) requestAnimationFrame(putSome);
}

// A colour that is taken away once: one that fades paints every cell anew, sixty times a second.
function showAsNew(rows) {
  for (const row of rows) row.classList.add("is-new");
  setTimeout(() => rows.forEach((row) => row.classList.remove("is-new")), NEW_MS);
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
  page.addEventListener("htmx:wsBeforeMessage", takeMessage);
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-live-pause]")) togglePause();
    if (event.target.closest("[data-live-clear]")) clearRows();
  });
  page.addEventListener("htmx:load", show);
  setInterval(say, SAY_EVERY_MS);
}
