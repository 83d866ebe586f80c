// The client of one page: who the visitor is, what may be kept, and the calls.
import { asId, build, isTooLong, uuid } from "./events.js";
import { hostOf, isOneOf, mark, markIn, readMark, withMark, withoutMark } from "./linker.js";
import { isPrerendered, landedAt, pageAt, shownAt, watchPages, whenShown } from "./pages.js";
import { Queue } from "./queue.js";
import { Sender } from "./sender.js";
import { consentState, heardAfter, nextSession } from "./sessions.js";
import { asLanded, sourceOf } from "./sources.js";
import { Storage } from "./storage.js";
import { Visitor } from "./visitor.js";

const VERSION = "0.1.0";
const MOST_HELD = 100;

export class Client {
  /** @param {import("../tributary.js").Options} options */
  constructor(options) {
    this.options = options;
    this.storage = new Storage(() => localStorage);
    this.visitor = new Visitor(this.storage);
    this.queue = new Queue(this.storage, options.writeKey);
    const mayLeave = () => this.mayKeep();
    this.sender = new Sender(this.queue, { host: options.host, writeKey: options.writeKey, onError: this.report, mayLeave });
    this.referrer = document.referrer;
    /** @type {(() => void)[]} */ this.held = [];
    /** @type {{now: number, href: string, referrer: string} | undefined} */ this.moment = undefined; // of a call that is made later
    /** @type {any} */ this.agreed = undefined; // what is being said in this tab, and not kept yet
    /** @type {(() => void) | undefined} */ this.first = undefined; // the first page view, until it is made
    this.isLanding = true;
    const isHandedOver = isOneOf(options.domains, hostOf(document.referrer)); // anybody may make a mark and send visitors here with it
    if (isHandedOver) this.visitor.arrived = readMark(markIn([location.href, landedAt()]), Date.now(), navigator.userAgent);
    if (location.href !== withoutMark(location.href)) history.replaceState(history.state, "", withoutMark(location.href));
    this.listen();
    whenShown(() => this.shown());
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
    const around = this.moment; // of early calls, within which the first page view is made
    this.moment = { now, href, referrer };
    try {
      calls();
    } catch (error) {
      toConsole(error);
    }
    this.moment = around;
  }

  listen() {
    addEventListener("pagehide", () => this.leave());
    document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && this.leave());
    addEventListener("storage", (event) => this.changed(event.key));
    addEventListener("pageshow", (event) => event.persisted && this.heard());
    addEventListener("online", () => this.mayKeep() && this.sender.flush(true));
    const decorate = (/** @type {Event} */ event) => this.clicked(event);
    if (this.options.domains) ["click", "auxclick"].forEach((name) => document.addEventListener(name, decorate, true));
  }

  /** Somebody sees the page. A prerendered one may never be seen: until then its calls wait in memory. */
  shown() {
    if (this.mayKeep()) this.sender.noticed(0); // what an earlier page left
    const early = this.held.splice(0);
    if (this.options.pages !== "off") this.watch();
    if (early.length) this.begin();
    this.held.push(...early);
    this.heard();
  }

  watch() {
    const [now, href] = [shownAt() || Date.now(), location.href];
    this.first = () => this.asOf(now, href, document.referrer, () => this.page());
    setTimeout(() => this.begin()); // a program that begins says in the same task what may be kept
    watchPages((before, href) => {
      this.referrer = before;
      const now = Date.now();
      setTimeout(() => this.asOf(now, href, before, () => this.page())); // after the program has set its title
    });
  }

  /** Make the first page view, unless it is made. */
  begin() {
    const first = this.first;
    this.first = undefined;
    first?.();
  }

  leave() {
    this.begin();
    this.sender.leave();
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

  mayKeep() {
    return this.state() === "granted" && !isPrerendered();
  }

  /** @param {import("../tributary.js").Consent} given */
  consent(given) {
    this.obey(); // what was held when the person refused elsewhere is no part of a later agreement
    const said = heardAfter(this.said(), typeof given === "boolean" ? (given ? "granted" : "denied") : given);
    const state = this.state(said);
    if (state === "denied") this.forget(said);
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
    this.obey();
    if (this.mayKeep()) this.speak();
  }

  obey() {
    if (this.state() === "denied") this.forget();
  }

  speak() {
    if (this.mayKeep()) this.held.splice(0).forEach((record) => record());
  }

  optOut() {
    this.storage.set("optout", "1", true);
    this.forget();
  }

  optIn() {
    if (!this.storage.get("optout")) return;
    this.obey();
    this.storage.remove("optout");
    if (this.state() === "pending") this.visitor.end();
    this.id(); // else another subdomain would bring back the one of before
  }

  /** Delete everything that is kept of the visitor, but that they refused: also on subdomains, which share the id. */
  forget(said = this.said()) {
    this.held = [];
    this.queue.clear();
    this.visitor.forget(); // first, so that there is room for the refusal
    if (consentState({ said }) !== "denied" || this.storage.get("optout")) this.storage.remove("consent");
    else this.storage.set("consent", asText(said), true);
  }

  // --- Who the visitor is

  /** The anonymous id; empty while nothing may be kept. */
  id() {
    return this.mayKeep() ? this.visitor.id() : "";
  }

  /** Forget the person, as after a logout; what was called before that and is held is still theirs. */
  reset() {
    const state = this.state();
    if (state === "denied") return this.forget();
    if (!this.mayKeep()) this.held.push(() => this.reset());
    if (isPrerendered()) return;
    this.visitor.forget(state === "pending");
    this.id(); // else another subdomain would bring back the one of before
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
    this.begin();
    return this.mayKeep() ? this.sender.flush() : Promise.resolve();
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

  /** Also of links in a shadow and of those in a drawing, whose address is no text. @param {Event} event */
  clicked(event) {
    /** @type {any} */ const link = event.composedPath().find((/** @type {any} */ one) => one.localName === "a" && one.href);
    const [holder, name] = link?.href.baseVal ? [link.href, "baseVal"] : [link, "href"];
    const host = hostOf(holder?.[name]);
    if (host !== location.hostname && isOneOf(this.options.domains, host)) holder[name] = this.decorate(holder[name]);
  }

  /** Measuring must not break the measured program, whatever it gave. @param {string} type @param {Record<string, any>} fields @param {object} [more] @param {() => void} [first] */
  record(type, fields, more, first = () => {}) {
    this.begin();
    try {
      this.take(type, typeof more === "object" ? { ...fields, ...more, type } : fields, first);
    } catch {
      this.report("not_json", fields);
    }
  }

  /** @param {string} type @param {Record<string, any>} fields @param {() => void} first */
  take(type, fields, first) {
    if (this.state() === "denied") return this.forget(), this.report("consent_denied");
    const { now, href, referrer } = this.moment || { now: Date.now(), href: location.href, referrer: this.referrer };
    const page = pageAt(referrer, href);
    /** @param {typeof fields} given */
    const keep = (given) => {
      this.id(); // first, for with another id what is kept of the person goes
      first();
      if (type === "page") page.url = this.landed(page.url, href);
      this.keep(type, given, Math.max(now, shownAt()), page);
    };
    if (this.mayKeep()) keep(fields);
    else if (this.held.length < MOST_HELD) {
      const text = asText(fields); // as it is now: the program may use its object again
      if (text) this.held.push(() => keep(JSON.parse(text)));
      else this.report("not_json", fields);
    } else this.report("queue_full");
  }

  /** The address of a page view; of the first one with the source of the visit. @param {string} url @param {string} href */
  landed(url, href) {
    const isLanding = this.isLanding;
    this.isLanding = false;
    return isLanding ? pageAt("", asLanded(href)).url : url;
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
