// Events that wait for an answer: one entry each, so that two tabs never overwrite each other's.

export const MOST_WAITING = 1_000;

export class Queue {
  /** @param {import("./storage.js").Storage} storage @param {string} writeKey */
  constructor(storage, writeKey) {
    this.storage = storage;
    this.start = `q.${writeKey}.`;
    this.counter = 0;
  }

  /** @param {string} text @param {number} now @param {string} messageId @returns {boolean} whether there was room */
  add(text, now, messageId) {
    if (this.storage.keys(this.start).length >= MOST_WAITING) return false;
    const order = `${now.toString(36).padStart(9, "0")}.${String(this.counter++).padStart(6, "0")}`;
    this.storage.set(`${this.start}${order}.${messageId.slice(0, 8)}`, text);
    return true;
  }

  /** @returns {{key: string, text: string}[]} */
  waiting() {
    const found = this.storage.keys(this.start).map((key) => ({ key, text: this.storage.get(key) || "" }));
    return found.filter(({ text }) => text); // another tab may have removed one meanwhile
  }

  /** @param {string[]} keys */
  remove(keys) {
    keys.forEach((key) => this.storage.remove(key));
  }

  clear() {
    this.remove(this.storage.keys(this.start));
  }
}
