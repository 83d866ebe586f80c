import { Client } from "./client.js";

// Of the whole page: module and snippet do not know each other.
/** @type {Map<string, Client>} */ const clients = (/** @type {any} */ (globalThis)[Symbol.for("tributary")] ||= new Map());

/** Begin measuring this page; a second call with the same write key gives the same client, or every page would count twice.
 * @param {import("../tributary.js").Options} options */
export function init(options) {
  const client = clients.get(options.writeKey) || new Client(options);
  clients.set(options.writeKey, client);
  return client;
}
