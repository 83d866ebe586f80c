// The client of one page: who the visitor is, what may be kept, and the calls.
import { asId, build, isTooLong } from "./events.js";
import { PARAMETER, isId, mark, readMark, withMark, withoutMark } from "./linker.js";
import { pageAt, watchPages, whenShown } from "./pages.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { consentState, nextSession } from "./sessions.js";
import { asLanded, sourceOf } from "./sources.js";
import { Storage, cookie } from "./storage.js";

const VERSION = "0.1.0";
const ID = "tributary_id";
const MOST_HELD = 100;

export class Client {
  /** @param {import("../tributary.js").Options} options */
  constructor(options) {
    this.options = options;
    this.storage = new Storage(() => localStorage);
    this.queue = new Queue(this.storage, options.writeKey);
    const mayLeave = () => this.state() === "granted";
    this.sender = new Sender(this.queue, { host: options.host, writeKey: options.writeKey, onError: this.report, mayLeave });
    this.referrer = document.referrer;
    /** @type {(() => void)[]} */ this.held = [];
    /** @type {{now: number, page: ReturnType<typeof pageAt>} | undefined} */ this.moment = undefined; // of a call that is made later
    /** @type {any} */ this.agreed = undefined; // what is being said in this tab, and not kept yet
    this.arrived = comesFrom(options.domains) ? readMark(new URLSearchParams(location.search).get(PARAMETER) || "", Date.now(), navigator.userAgent) : null;
    if (location.href !== withoutMark(location.href)) history.replaceState(history.state, "", withoutMark(location.href));
    if (this.state() === "denied") this.forget();
    this.listen();
  }

  /** Tell the program; what its listener throws is its own affair. @type {(reason: string, event?: object) => void} */
  report = (reason, event) => {
    try {
      this.options.onError?.(reason, event);
    } catch (error) {
      toConsole(error);
    }
  };

  /** Make calls as of a moment that is over; what they throw is their own affair. @param {number} now @param {string} href @param {string} referrer @param {() => void} calls */
  asOf(now, href, referrer, calls) {
    this.moment = { now, page: pageAt(referrer, href) };
    try {
      calls();
    } catch (error) {
      toConsole(error);
    }
    this.moment = undefined;
  }

  listen() {
    addEventListener("pagehide", () => this.sender.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.sender.leave());
    addEventListener("storage", (event) => this.changed(event.key));
    addEventListener("pageshow", (event) => event.persisted && this.heard());
    addEventListener("online", () => this.state() === "granted" && this.sender.flush(true));
    const decorate = (/** @type {Event} */ event) => this.clicked(event);
    if (this.options.domains) ["click", "auxclick"].forEach((name) => document.addEventListener(name, decorate, true));
    if (this.state() === "granted") this.sender.noticed(0); // what an earlier page left
    if (this.options.pages === "off") return;
    whenShown(() => this.asOf(Date.now(), asLanded(location.href), this.referrer, () => this.page()));
    watchPages((before, href) => {
      this.referrer = before;
      const now = Date.now();
      setTimeout(() => this.asOf(now, href, before, () => this.page())); // after the program has set its title
    });
  }

  // --- What may be kept

  /** What the person said last, here, in another tab or on another subdomain. */
  said() {
    return this.agreed ?? this.storage.read("consent");
  }

  state(said = this.said()) {
    const { consent, gpc } = this.options;
    return consentState({
      said,
      gpc: !!(/** @type {any} */ (navigator).globalPrivacyControl),
      ignoreGpc: gpc === "ignore",
      required: consent === "required",
      optedOut: this.storage.get("optout") === "1",
    });
  }

  /** @param {import("../tributary.js").Consent} given */
  consent(given) {
    const said = typeof given === "boolean" ? (given ? "granted" : "denied") : given;
    const state = this.state(said);
    if (state === "denied") this.forget(said);
    if (state === "pending") this.storage.remove("consent"); // an agreement of before must not come back on the next page
    if (state !== "granted") return;
    this.agreed = said;
    try {
      this.id(); // and the session, before the other tabs hear of it: they speak at once, and would each make their own
      this.speak();
    } finally {
      this.agreed = undefined;
      this.storage.set("consent", asText(said));
    }
  }

  /** Another tab changed the storage; a page of memory alone hears nothing. @param {string | null} key */
  changed(key) {
    const name = /^tributary\.(consent|optout)$/.exec(key || "")?.[1];
    if (key && !name) return; // no key: everything was removed
    if (name) this.storage.memory.delete(name);
    this.heard();
  }

  /** What the person said in another tab holds in this one, also when it comes back after being frozen. */
  heard() {
    if (this.state() === "denied") this.forget();
    if (this.state() === "granted") this.speak();
  }

  speak() {
    this.held.splice(0).forEach((record) => record());
  }

  optOut() {
    this.storage.set("optout", "1", true);
    this.forget();
  }

  optIn() {
    this.storage.remove("optout");
  }

  /** Delete everything that is kept of the visitor, but that they refused: also on subdomains, which share the id. */
  forget(said = this.said()) {
    this.held = [];
    this.queue.clear();
    this.forgetPerson(); // first, so that there is room for the refusal
    if (consentState({ said }) !== "denied" || this.storage.get("optout")) this.storage.remove("consent");
    else this.storage.set("consent", asText(said), true);
  }

  // --- Who the visitor is

  /** The anonymous id; empty while nothing may be kept. */
  id() {
    if (this.state() !== "granted") return "";
    const id = [cookie.get(ID), this.storage.get("id"), this.arrived].find(isId) || uuid();
    if (this.storage.get("id") !== id) this.storage.set("id", id);
    if (cookie.get(ID) !== id) cookie.set(ID, id);
    return id;
  }

  /** Forget the person, as after a logout; what was called before that and is held is still theirs. */
  reset() {
    if (this.state() === "pending") this.held.push(() => this.forgetPerson());
    this.forgetPerson();
  }

  forgetPerson() {
    ["id", "user", "session"].forEach((key) => this.storage.remove(key));
    if (cookie.get(ID)) cookie.set(ID, "");
    this.arrived = null;
  }

  // --- Calls

  /** @param {string} event @param {object} [properties] @param {object} [more] */
  track(event, properties, more) {
    this.record("track", { event, properties }, more);
  }

  /** @param {string} [name] @param {object} [properties] */
  page(name, properties) {
    this.record("page", { name, properties });
  }

  /** @param {string | number | null | object} userId or the traits alone, as Segment takes them @param {object} [traits] */
  identify(userId, traits) {
    if (userId && typeof userId === "object") [userId, traits] = [null, userId];
    const id = asId(userId ?? "");
    if (id === undefined || isTooLong(id)) return this.report(id ? "too_long" : "wrong_type"); // kept it would spoil every later event
    this.record("identify", { traits }, {}, () => id && this.storage.set("user", id));
  }

  /** @param {string} groupId @param {object} [traits] */
  group(groupId, traits) {
    this.record("group", { groupId, traits });
  }

  /** @param {string} userId @param {string} [previousId] */
  alias(userId, previousId) {
    this.record("alias", { userId, previousId });
  }

  flush() {
    return this.state() === "granted" ? this.sender.flush() : Promise.resolve();
  }

  /** Return *href* with a mark, so that the visitor stays the same person on another domain of yours. @param {string} href */
  decorate(href) {
    const id = this.id();
    try {
      return id ? withMark(new URL(href, location.href).href, mark(id, Date.now(), navigator.userAgent)) : href;
    } catch {
      return href; // no address
    }
  }

  /** @param {Event} event */
  clicked(event) {
    const link = /** @type {Element} */ (event.target).closest?.("a[href]");
    if (!(link instanceof HTMLAnchorElement) || link.hostname === location.hostname) return;
    if (isOneOf(this.options.domains, link.hostname)) link.href = this.decorate(link.href);
  }

  /** Measuring must not break the measured program, whatever it gave. @param {string} type @param {Record<string, any>} fields @param {object} [more] @param {() => void} [first] */
  record(type, fields, more, first = () => {}) {
    try {
      this.take(type, typeof more === "object" ? { ...fields, ...more, type } : fields, first);
    } catch {
      this.report("not_json", fields);
    }
  }

  /** @param {string} type @param {Record<string, any>} fields @param {() => void} first */
  take(type, fields, first) {
    const { now, page } = this.moment || { now: Date.now(), page: pageAt(this.referrer) };
    /** @param {typeof fields} given */
    const keep = (given) => {
      first();
      this.keep(type, given, now, page);
    };
    const state = this.state();
    if (state === "granted") keep(fields);
    else if (state === "denied") this.report("consent_denied");
    else if (this.held.length < MOST_HELD) {
      const text = asText(fields); // as it is now: the program may use its object again
      if (text) this.held.push(() => keep(JSON.parse(text)));
      else this.report("not_json", fields);
    } else this.report("queue_full");
  }

  /** @param {string} type @param {Record<string, any>} fields @param {number} now @param {ReturnType<typeof pageAt>} page */
  keep(type, fields, now, page) {
    const { campaign, source } = sourceOf(page.url);
    const messageId = uuid();
    const context = {
      library: { name: "tributary-js", version: VERSION },
      page,
      ...(Object.keys(campaign).length ? { campaign } : {}),
      session: this.session(now, source),
      locale: navigator.language,
      timezone: Intl.DateTimeFormat().resolvedOptions().timeZone,
      userAgent: navigator.userAgent,
    };
    const who = { anonymousId: this.id(), userId: this.storage.get("user") };
    if (type === "alias") fields.previousId ||= who.anonymousId;
    const { text, error } = build({ type, fields, ...who, now, messageId, context, consent: this.said() });
    if (error || !text) return this.report(error || "", fields);
    if (!this.queue.add(text, now, messageId)) return this.report("queue_full", JSON.parse(text));
    this.sender.noticed(this.queue.count());
  }

  /** @param {number} now @param {string} source */
  session(now, source) {
    const session = nextSession(this.storage.read("session"), now, source);
    this.storage.set("session", JSON.stringify(session));
    return { id: session.id, number: session.number };
  }
}

/** @param {unknown} error */
const toConsole = (error) =>
  setTimeout(() => {
    throw error;
  });

/** JSON, or nothing where there is none. @param {unknown} value */
function asText(value) {
  try {
    return JSON.stringify(value) || "";
  } catch {
    return "";
  }
}

/** @param {string[] | undefined} domains @param {string} host */
const isOneOf = (domains, host) => !!domains?.some((domain) => host === domain || host.endsWith(`.${domain}`));

/** Whether this page was opened by one of *domains*: anybody may make a mark and send visitors here with it. @param {string[]} [domains] */
function comesFrom(domains) {
  try {
    return isOneOf(domains, new URL(document.referrer).hostname);
  } catch {
    return false;
  }
}

/** A version 4 UUID, also on pages without https, where crypto.randomUUID is missing. */
function uuid() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[parseInt(hex[16], 16) & 3];
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`);
}
