// The page that is open: what it is, and when it becomes another one without loading.
import { withoutMark } from "./linker.js";

const LONGEST_ADDRESS = 8_192;

const doc = /** @type {Document & {prerendering?: boolean}} */ (globalThis.document); // missing where the vectors are run

/** How the document came: at which address, and when somebody saw it. @returns {{name?: string, activationStart?: number}} */
const navigated = () => performance.getEntriesByType("navigation")[0] || {};

/** The address at which the document came: programs clear it away before a script has come. */
export const landedAt = () => navigated().name || "";

/** The millisecond from which a prerendered page was seen; 0 for others, which were at once. */
export function shownAt() {
  const start = navigated().activationStart;
  return start ? Math.round(performance.timeOrigin + start) : 0;
}

export const isPrerendered = () => !!doc.prerendering;

/** The page at *href*, which may be another one by now. @param {string} referrer */
export function pageAt(referrer, href = location.href) {
  return {
    url: withoutMark(href).slice(0, LONGEST_ADDRESS),
    path: new URL(href).pathname.slice(0, LONGEST_ADDRESS),
    title: document.title.slice(0, 512),
    referrer: referrer.slice(0, LONGEST_ADDRESS),
  };
}

/**
 * Call *changed* with the address before and the one now, when another page is shown without loading one.
 * A pushed or popped state counts when path or query differ, a replaced one only when the path does. Programs that
 * answer to `navigate` push no state that a script could see; what is heard twice counts once, for the address is the same.
 * @param {(before: string, now: string) => void} changed
 */
export function watchPages(changed) {
  let before = location.href;
  /** @param {boolean} isReplaced */
  const look = (isReplaced) => {
    const [was, now] = [new URL(before), location];
    const isOther = was.pathname !== now.pathname || (!isReplaced && withoutMark(was.href).split("#")[0] !== withoutMark(now.href).split("#")[0]);
    const from = before;
    before = now.href;
    if (isOther) changed(from, now.href);
  };
  for (const name of /** @type {const} */ (["pushState", "replaceState"])) {
    const original = history[name];
    history[name] = function (...given) {
      original.apply(this, given);
      look(name === "replaceState");
    };
  }
  /** @type {any} */ (window).navigation?.addEventListener("currententrychange", (/** @type {any} */ event) => look(event.navigationType === "replace"));
  addEventListener("popstate", () => look(false));
  addEventListener("pageshow", (event) => event.persisted && changed(document.referrer, location.href));
}

/** Run *work* when the page is really shown: a prerendered one may never be. @param {() => void} work */
export function whenShown(work) {
  if (isPrerendered()) doc.addEventListener("prerenderingchange", work, { once: true });
  else work();
}
