// What the snippet loads: begins by the attributes of its own tag, then takes over the calls that were made before it came.
import { init } from "./index.js";

const CALLS = ["track", "page", "identify", "group", "alias", "consent", "optOut", "optIn", "reset", "flush", "id", "decorate"];

const tag = /** @type {HTMLScriptElement | null} */ (document.currentScript);
const { writeKey = "", host, consent, gpc, pages, domains } = tag?.dataset || {};
/** @type {any} */ const early = /** @type {any} */ (window).tributary;

if (!writeKey) console.warn("tributary: the script tag has no data-write-key");
else if (!early?.client) start();

function start() {
  const options = /** @type {any} */ ({
    writeKey,
    host: host || new URL(/** @type {HTMLScriptElement} */ (tag).src).origin,
    consent,
    gpc,
    pages,
    domains: domains?.split(/[\s,]+/).filter(Boolean),
    onError: (/** @type {string} */ reason, /** @type {any} */ event) => dispatchEvent(new CustomEvent("tributary:error", { detail: { reason, event } })),
  });
  /** @type {any} */ const client = init(options);
  const call = (/** @type {string} */ name, /** @type {any[]} */ ...given) => {
    if (name === "ready") return given[0](client);
    if (CALLS.includes(name)) return client[name](...given);
    console.warn(`tributary: there is no call ${name}`);
  };
  /** @type {(call: [number, string, [string, ...any[]]]) => void} */ const push = ([now, url, given]) => client.asOf(now, String(url), client.referrer, () => call.apply(null, given));
  // A program that has kept the first part of the snippet goes on to put its calls there.
  /** @type {any} */ (window).tributary = Object.assign(call, { client, q: { push } });
  consentFirst(early?.q || []).forEach(push);
}

/** The calls with the first that says what may be kept before all others, which are to be heard by it.
 * @param {[number, string, [string, ...any[]]][]} calls */
function consentFirst(calls) {
  const at = calls.findIndex(([, , [name]]) => ["consent", "optOut", "optIn"].includes(name));
  return at < 0 ? calls : [calls[at], ...calls.slice(0, at), ...calls.slice(at + 1)];
}
