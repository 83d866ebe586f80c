// The page that is open: what it is, and when it becomes another one without loading.
import { withoutMark } from "./linker.js";

const LONGEST_ADDRESS = 8_192;

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
 * A pushed or popped state counts when path or query differ, a replaced one only when the path does.
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
  addEventListener("popstate", () => look(false));
  addEventListener("pageshow", (event) => event.persisted && changed(document.referrer, location.href));
}

/** Run *work* when the page is really shown: a prerendered one may never be. @param {() => void} work */
export function whenShown(work) {
  const doc = /** @type {Document & {prerendering?: boolean}} */ (document);
  if (doc.prerendering) document.addEventListener("prerenderingchange", work, { once: true });
  else work();
}
