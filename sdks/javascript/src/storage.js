// What outlives a page: localStorage, or memory where it is blocked or full; and one cookie for the id, which subdomains share.

const PREFIX = "tributary.";
const YEAR = 31_536_000;
// A refusal that had no room would be none on the next page, and subdomains share the id: these stand in a cookie too.
const LASTING = ["consent", "optout"];
const MOST_IN_A_COOKIE = 1_000;
const COOKIE = "tributary_";

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
    let found = (LASTING.includes(key) && cookie.get(COOKIE + key)) || (this.memory.get(key) ?? null);
    try {
      found ??= this.disk?.getItem(PREFIX + key) ?? null;
    } catch {
      // blocked
    }
    return found;
  }

  /** What was kept as JSON; null for nothing, and for what somebody else has spoilt. @param {string} key @returns {any} */
  read(key) {
    try {
      return JSON.parse(this.get(key) || "null");
    } catch {
      return null;
    }
  }

  /** @param {string} key @param {string} value @param {boolean} [isRefusal] which holds on subdomains as well */
  set(key, value, isRefusal) {
    try {
      if (!this.disk) throw 0;
      this.disk.setItem(PREFIX + key, value);
      this.memory.delete(key);
      if (LASTING.includes(key) && !isRefusal) cookie.remove(COOKIE + key);
    } catch {
      this.remove(key); // what stood there must not come back on the next page
      this.memory.set(key, value);
      if (LASTING.includes(key)) cookie.set(COOKIE + key, value);
    }
    if (isRefusal) cookie.set(COOKIE + key, value.length > MOST_IN_A_COOKIE ? '"denied"' : value);
  }

  /** @param {string} key */
  remove(key) {
    this.memory.delete(key);
    if (LASTING.includes(key)) cookie.remove(COOKIE + key);
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
    try {
      const found = document.cookie.split("; ").find((pair) => pair.startsWith(`${name}=`));
      return found ? decodeURIComponent(found.slice(name.length + 1)) : null;
    } catch {
      return null; // not ours, or a page without an origin
    }
  },
  /** @param {string} name */
  remove(name) {
    if (this.get(name) !== null) this.set(name, "");
  },
  /** Set it for the widest domain that the browser allows; an empty *value* removes it. @param {string} name @param {string} value */
  set(name, value) {
    const parts = location.hostname.split(".");
    const rest = `; path=/; max-age=${value ? YEAR : 0}; samesite=lax${location.protocol === "https:" ? "; secure" : ""}`;
    try {
      for (let from = parts.length - 2; from >= 0; from--) {
        document.cookie = `${name}=${encodeURIComponent(value)}; domain=${parts.slice(from).join(".")}${rest}`;
        if ((this.get(name) || "") === value) return;
      }
      document.cookie = `${name}=${encodeURIComponent(value)}${rest}`;
    } catch {
      // a page without an origin has no cookies
    }
  },
};
