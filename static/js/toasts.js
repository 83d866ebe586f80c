// Short messages in the corner. The server writes some; a "toast" event with {text, tone} adds one.
const STAYS_MS = 6000;

function leave(toast) {
  toast.remove();
}

function arm(toast) {
  toast.querySelector("[data-dismisses]")?.addEventListener("click", () => leave(toast));
  // What went wrong stays until it is read.
  if (!toast.classList.contains("toast--bad")) setTimeout(() => leave(toast), STAYS_MS);
}

function show({ text, tone }) {
  const region = document.getElementById("toasts");
  const template = document.getElementById("toast-template");
  if (!region || !template || !text) return;
  const toast = template.content.firstElementChild.cloneNode(true);
  toast.classList.add(`toast--${tone ?? "info"}`);
  toast.querySelector(".toast__text").textContent = text;
  region.append(toast);
  arm(toast);
}

export function enhanceToasts() {
  document.querySelectorAll("#toasts .toast").forEach(arm);
  document.addEventListener("toast", (event) => show(event.detail));
}
