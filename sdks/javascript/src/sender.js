// Sends what waits: one tab at a time, in batches, again and again with growing pauses; and a last time when the page goes.
import { address, batches, body, judge, pause, MAX_EVENTS } from "./delivery.js";
import { bytesOf, notAhead } from "./events.js";

const DELAY = 500;
const AT_ONCE = 20;
const LEAVING_BYTES = 60_000;
const PATIENCE = 20_000;

/** @typedef {{key: string, text: string}} Waiting */

/** `AbortSignal.timeout`, which is younger than many browsers. @param {number} milliseconds */
function within(milliseconds) {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), milliseconds);
  return controller.signal;
}

export class Sender {
  /**
   * @param {import("./queue.js").Queue} queue
   * @param {{host: string, writeKey: string, onError: (reason: string, event?: object) => void, mayLeave: () => boolean}} options
   */
  constructor(queue, options) {
    this.queue = queue;
    this.options = options;
    this.attempt = 0;
    this.largest = MAX_EVENTS;
    /** @type {Map<string, number>} */ this.flying = new Map(); // with the bytes that outlive the page
    /** @type {Promise<void> | null} */ this.running = null;
    this.due = 0;
  }

  /** Something was added; in a page that is hidden this may be the last moment, once the task is over. @param {number} waiting */
  noticed(waiting) {
    if (this.attempt) return;
    if (waiting && document.visibilityState === "hidden") queueMicrotask(() => this.leave());
    this.after(waiting >= AT_ONCE ? 0 : DELAY);
  }

  /** Send everything that waits; settles when that was tried. @param {boolean} [isPatient] within a pause that the door asked for, too @returns {Promise<void>} */
  flush(isPatient) {
    clearTimeout(this.timer);
    this.timer = undefined;
    return (this.running ||= this.alone(isPatient).finally(() => {
      this.running = null;
      if (this.attempt === 0 && this.waiting().length) this.after(this.queue.left() || DELAY);
    }));
  }

  /** @param {number} milliseconds */
  after(milliseconds) {
    const due = Date.now() + milliseconds;
    if (this.timer && this.due <= due) return;
    clearTimeout(this.timer);
    this.due = due;
    this.timer = setTimeout(() => this.flush(true), milliseconds);
  }

  /** @param {boolean} [isPatient] */
  async alone(isPatient) {
    const locks = navigator.locks;
    if (!locks) return this.drain(isPatient);
    let isMine = false;
    const work = () => ((isMine = true), this.drain(isPatient));
    try {
      await locks.request(`tributary.${this.queue.start}`, { signal: within(PATIENCE) }, work);
    } catch {
      if (!isMine) await this.drain(isPatient); // the other tab hangs: sending twice is harmless
    }
  }

  /** What may be sent now: not what is on its way, and nothing before a consent that is asked for. */
  waiting() {
    return this.options.mayLeave() ? this.queue.waiting().filter(({ key }) => !this.flying.has(key)) : [];
  }

  /** @param {boolean} [isPatient] */
  async drain(isPatient) {
    for (let waiting; (waiting = this.waiting()).length; ) {
      const left = isPatient && this.queue.left(); // another tab may have been told meanwhile
      if (left) return this.after(left);
      const sizes = waiting.map(({ text }) => bytesOf(text));
      const chosen = batches(sizes, this.largest).batches[0]?.map((index) => waiting[index]) || waiting;
      if (!(await this.deliver(chosen))) return;
    }
  }

  /** @param {Waiting[]} chosen @returns {Promise<boolean>} whether to go on */
  async deliver(chosen) {
    const { status, text, retryAfter } = await this.post(chosen);
    const { action, problems } = judge(status, text, chosen.length);
    if (action === "retry") {
      clearTimeout(this.timer); // of what came meanwhile: the pause is for all
      this.timer = undefined;
      const wait = pause(++this.attempt, Math.random(), retryAfter);
      if (retryAfter && this.options.mayLeave()) this.queue.storage.set(this.queue.pause, String(Date.now() + wait)); // for all tabs
      this.after(wait);
      return false;
    }
    this.queue.storage.remove(this.queue.pause);
    this.attempt = 0;
    this.largest = action === "split" ? Math.ceil(chosen.length / 2) : MAX_EVENTS;
    if (action === "split") return true;
    for (const { index, reason } of problems) this.options.onError(reason, chosen[index] && JSON.parse(chosen[index].text));
    this.queue.remove(chosen.map(({ key }) => key));
    return true;
  }

  /** @param {Waiting[]} chosen */
  async post(chosen) {
    const text = this.body(chosen);
    const isKept = bytesOf(text) <= LEAVING_BYTES + 1_024;
    this.fly(chosen, isKept);
    try {
      const answer = await fetch(address(this.options.host), {
        method: "POST",
        headers: { "Content-Type": "text/plain" },
        body: text,
        keepalive: isKept, // survives the page, as far as the browser lets it
        credentials: "omit",
        signal: within(PATIENCE),
      });
      return { status: answer.status, text: await answer.text(), retryAfter: answer.headers.get("Retry-After") };
    } catch {
      return { status: 0, text: "", retryAfter: null };
    } finally {
      chosen.forEach(({ key }) => this.flying.delete(key));
    }
  }

  /** @param {Waiting[]} chosen */
  body(chosen) {
    const now = Date.now();
    return body(chosen.map(({ text }) => notAhead(text, now)), now, this.options.writeKey);
  }

  /** @param {Waiting[]} chosen */
  fly(chosen, isKept = true) {
    chosen.forEach(({ key, text }) => this.flying.set(key, isKept ? bytesOf(text) + 1 : 0));
  }

  /** The page may go: send what fits beside what is on its way and outlives it, at once. What gets no answer is sent by the next page. */
  leave() {
    if (this.queue.left() && !this.queue.storage.memory.size) return; // what is stored can wait
    const waiting = this.options.mayLeave() ? this.queue.waiting().filter(({ key }) => !this.flying.get(key)) : [];
    const room = LEAVING_BYTES - [...this.flying.values()].reduce((sum, bytes) => sum + bytes, 0);
    const [first = []] = batches(waiting.map(({ text }) => bytesOf(text)), MAX_EVENTS, room).batches;
    const chosen = first.map((index) => waiting[index]);
    if (!chosen.length) return;
    if (!("keepalive" in Request.prototype)) return this.beacon(chosen);
    this.deliver(chosen).then((goesOn) => goesOn && this.waiting().length && this.after(0)); // should the page stay
  }

  /** For browsers whose fetch does not outlive the page; no answer comes, so these are sent once more should the page stay.
   * @param {Waiting[]} chosen */
  beacon(chosen) {
    navigator.sendBeacon(address(this.options.host), this.body(chosen));
    this.fly(chosen);
    setTimeout(() => {
      chosen.forEach(({ key }) => this.flying.delete(key));
      this.after(0);
    }, PATIENCE);
  }
}
