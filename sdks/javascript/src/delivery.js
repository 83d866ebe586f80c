// Batches, requests, answers and pauses (protocol, sections 2 and 3).
import { MAX_EVENT_BYTES, instant } from "./events.js";

export const MAX_EVENTS = 2_500;
export const MAX_BYTES = 512_000;
const ENVELOPE = 1_024;
const LONGEST_PAUSE = 300_000;

/** @param {number[]} sizes */
export function batches(sizes, maxEvents = MAX_EVENTS, maxBytes = MAX_BYTES) {
  /** @type {number[][]} */ const found = [];
  /** @type {number[]} */ const tooLarge = [];
  let room = 0;
  sizes.forEach((size, index) => {
    if (size > MAX_EVENT_BYTES) return tooLarge.push(index);
    const last = found[found.length - 1];
    if (last && last.length < maxEvents && size + 1 <= room) last.push(index);
    else {
      found.push([index]);
      room = maxBytes - ENVELOPE;
    }
    room -= size + 1;
  });
  return { batches: found, tooLarge };
}

/** The body of a browser's request; *texts* are events as JSON. @param {string[]} texts @param {number} now */
export const body = (texts, now, writeKey = "") =>
  `{"batch":[${texts.join()}],"sentAt":"${instant(now)}","writeKey":${JSON.stringify(writeKey)}}`;

/** @param {string} host */
export const address = (host) => `${host.replace(/\/+$/, "")}/v1/batch`;

/**
 * @param {number} status 0 when there was no answer
 * @param {string} text @param {number} count
 * @returns {{action: "done" | "retry" | "split", problems: {index: number, reason: string}[]}}
 */
export function judge(status, text, count) {
  const answer = read(text);
  /** @param {any[]} results */
  const done = (results) => ({
    action: /** @type {const} */ ("done"),
    problems: results.filter((one) => one.status !== "accepted").map(({ index, reason }) => ({ index, reason })),
  });
  /** Only the door speaks of each event by its place. @param {any} list */
  const isOurs = (list) => Array.isArray(list) && list.length === count && list.every((one) => Number.isInteger(one?.index) && one.index >= 0 && one.index < count);
  if (status === 200 && isOurs(answer.results)) return done(answer.results);
  if (status === 413) return count > 1 ? SPLIT : done([{ index: 0, reason: "too_large" }]);
  if ([400, 403, 422].includes(status) && typeof answer.code === "string") {
    if (isOurs(answer.errors)) return done(answer.errors);
    return count > 1 ? SPLIT : done([{ index: 0, reason: answer.code }]);
  }
  return { action: "retry", problems: [] };
}

const SPLIT = { action: /** @type {const} */ ("split"), problems: [] };

/** @param {string} text @returns {any} */
function read(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

/**
 * Milliseconds until the next attempt.
 * @param {number} attempt from 1 @param {number} random in [0, 1) @param {string | null} [retryAfter]
 */
export function pause(attempt, random, retryAfter) {
  if (/^\d+$/.test(retryAfter || "")) return Math.min(Number(retryAfter), 3_600) * 1_000 + Math.floor(random * 1_000);
  const top = Math.min(LONGEST_PAUSE, 1_000 * 2 ** (attempt - 1));
  return Math.floor(top / 2 + (random * top) / 2);
}
