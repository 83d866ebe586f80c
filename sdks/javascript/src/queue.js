// Events that wait for an answer: one entry each, so that two tabs never overwrite each other's.

import { MAX_EVENT_BYTES, bytesOf } from "./events.js";

export const MOST_WAITING = 1_000;
const LONGEST_TOLD = 3_602_000;

/** @param {string} text */
function isEvent(text) {
  try {
    return typeof JSON.parse(text).messageId === "string" && bytesOf(text) <= MAX_EVENT_BYTES;
  } catch {
    return false;
  }
}

export class Queue {
  /** @param {import("./storage.js").Storage} storage @param {string} writeKey */
  constructor(storage, writeKey) {
    this.storage = storage;
    this.start = `q.${writeKey}.`;
    this.pause = `p.${writeKey}`;
    this.counter = 0;
    /** @type {Set<string>} */ this.whole = new Set(); // keys of what was looked at
  }

  /** @param {string} text @param {number} now @param {string} messageId @returns {boolean} whether there was room */
  add(text, now, messageId) {
    if (this.count() >= MOST_WAITING) return false;
    const order = `${now.toString(36).padStart(9, "0")}.${String(this.counter++).padStart(6, "0")}`;
    this.storage.set(`${this.start}${order}.${messageId.slice(0, 8)}`, text);
    return true;
  }

  count() {
    return this.storage.keys(this.start).length;
  }

  /** What somebody else has spoilt is no event, and would hold up all that wait behind it. @returns {{key: string, text: string}[]} */
  waiting() {
    return this.storage.keys(this.start).flatMap((key) => {
      const text = this.storage.get(key);
      if (!text) return []; // another tab may have removed it meanwhile
      if (this.whole.has(key) || isEvent(text)) return this.whole.add(key), [{ key, text }];
      this.remove([key]);
      return [];
    });
  }

  /** @param {string[]} keys */
  remove(keys) {
    keys.forEach((key) => (this.whole.delete(key), this.storage.remove(key)));
  }

  /** Of every write key: who refuses does not refuse one stream alone. */
  clear() {
    this.remove([...this.storage.keys("q."), ...this.storage.keys("p.")]);
  }

  /** Milliseconds that the door has told every tab to wait; no clock that was set back makes more of them. */
  left() {
    const left = Number(this.storage.get(this.pause)) - Date.now();
    return left > 0 && left < LONGEST_TOLD ? left : 0;
  }
}
