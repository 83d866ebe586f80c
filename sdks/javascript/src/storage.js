// What outlives a page: localStorage, or memory where it is blocked or full; and one cookie for the id, which subdomains share.

const PREFIX = "tributary.";
const YEAR = 31_536_000;

export class Storage {
  /** @param {() => globalThis.Storage} open the platform's storage; a blocked one throws already when it is named */
  constructor(open) {
    /** @type {Map<string, string>} */ this.memory = new Map();
    try {
      this.disk = open();
    } catch {
      this.disk = null;
    }
  }

  /** @param {string} key */
  get(key) {
    try {
      return this.memory.get(key) ?? this.disk?.getItem(PREFIX + key) ?? null;
    } catch {
      return null;
    }
  }

  /** What was kept as JSON; null for nothing, and for what somebody else has spoilt. @param {string} key @returns {any} */
  read(key) {
    try {
      return JSON.parse(this.get(key) || "null");
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} value */
  set(key, value) {
    try {
      if (!this.disk) throw 0;
      this.disk.setItem(PREFIX + key, value);
      this.memory.delete(key);
    } catch {
      this.memory.set(key, value);
    }
  }

  /** @param {string} key */
  remove(key) {
    this.memory.delete(key);
    try {
      this.disk?.removeItem(PREFIX + key);
    } catch {
      // blocked: there is nothing to remove
    }
  }

  /** Keys that begin with *start*, in order. @param {string} start */
  keys(start) {
    const found = [...this.memory.keys()];
    try {
      found.push(...Object.keys(this.disk || {}).filter((key) => key.startsWith(PREFIX)).map((key) => key.slice(PREFIX.length)));
    } catch {
      // blocked
    }
    return found.filter((key) => key.startsWith(start)).sort();
  }
}

export const cookie = {
  /** @param {string} name */
  get(name) {
    const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
    try {
      return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
    } catch {
      return null; // not ours
    }
  },
  /** Set it for the widest domain that the browser allows; an empty *value* removes it. @param {string} name @param {string} value */
  set(name, value) {
    const parts = location.hostname.split(".");
    const rest = `; path=/; max-age=${value ? YEAR : 0}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    for (let from = parts.length - 2; from >= 0; from--) {
      document.cookie = `${name}=${encodeURIComponent(value)}; domain=${parts.slice(from).join(".")}${rest}`;
      if ((this.get(name) || "") === value) return;
    }
    document.cookie = `${name}=${encodeURIComponent(value)}${rest}`;
  },
};
