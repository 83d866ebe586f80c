// The state of the page's WebSocket, and its pause. The words stand in the markup, so they are translated there.
// While paused nothing moves: messages are counted, and on resume the page asks for what it missed ("live-resumed").
let isPaused = false;
let missed = 0;
let connection = "waiting";

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

function togglePause() {
  isPaused = !isPaused;
  if (!isPaused) {
    missed = 0;
    document.body.dispatchEvent(new CustomEvent("live-resumed"));
  }
  show();
}

function holdMessage(event) {
  if (!isPaused) return;
  event.preventDefault();
  missed += 1;
  show();
}

export function watchLive() {
  const page = document.body;
  page.addEventListener("htmx:wsConnecting", () => setConnection("waiting"));
  page.addEventListener("htmx:wsOpen", () => setConnection("open"));
  page.addEventListener("htmx:wsClose", () => setConnection("closed"));
  page.addEventListener("htmx:wsError", () => setConnection("closed"));
  page.addEventListener("htmx:wsBeforeMessage", holdMessage);
  page.addEventListener("click", (event) => {
    if (event.target.closest("[data-live-pause]")) togglePause();
  });
  page.addEventListener("htmx:load", show);
}
