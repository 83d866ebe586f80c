// htmx with its two extensions. They look for a global, so it is set here, before they load.
import htmx from "htmx.org";
import "./htmx_global.js";
import "htmx-ext-ws";
import "idiomorph/htmx";

// A failed request must be seen: the server's own page for the error is shown where the answer would have been.
document.body.addEventListener("htmx:responseError", (event) => {
  const text = document.body.dataset.errorText ?? "";
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: `${text} (${event.detail.xhr.status})`, tone: "bad" } }));
});
document.body.addEventListener("htmx:sendError", () => {
  document.dispatchEvent(new CustomEvent("toast", { detail: { text: document.body.dataset.offlineText ?? "", tone: "bad" } }));
});

export default htmx;
