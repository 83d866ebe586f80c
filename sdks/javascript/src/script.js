// What the snippet loads: begins by the attributes of its own tag, then takes over the calls that were made before it came.
import { Client } from "./client.js";

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
  /** @type {any} */ const client = new Client(options);
  const call = (/** @type {string} */ name, /** @type {any[]} */ ...given) => {
    if (name === "ready") return given[0](client);
    if (CALLS.includes(name)) return client[name](...given);
    console.warn(`tributary: there is no call ${name}`);
  };
  /** @type {any} */ (window).tributary = Object.assign(call, { client });
  for (const [now, url, given] of early?.q || []) {
    client.moment = { now, page: { url: String(url) } };
    call.apply(null, given);
  }
  client.moment = undefined;
}
