// From a call to the text of an event, or the reason why there is none (protocol, section 1).

export const MAX_EVENT_BYTES = 32_768;
const LONGEST = 512;
const IDS = ["messageId", "anonymousId", "userId", "previousId", "groupId"];

const encoder = new TextEncoder();
/** @param {string} text */
export const bytesOf = (text) => encoder.encode(text).length;

/** @param {number} now milliseconds */
export const instant = (now) => new Date(now).toISOString();

/** An event cannot lie ahead of its sending: the clock was set right meanwhile. @param {string} text @param {number} now */
export const notAhead = (text, now) =>
  text.replace(/"timestamp":"([^"]*)"/, (all, time) => (Date.parse(time) > now ? `"timestamp":"${instant(now)}"` : all));

/**
 * @param {{type: string, fields: Record<string, any>, anonymousId?: string | null, userId?: string | null,
 *   now: number, messageId: string, context: object, consent?: string | object | null}} call
 * @returns {{text?: string, error?: string}}
 */
export function build({ type, fields, anonymousId, userId, now, messageId, context, consent }) {
  const { context: own, ...members } = fields;
  /** @type {Record<string, any>} */ const event = {
    type,
    messageId,
    timestamp: instant(now),
    anonymousId: anonymousId || undefined,
    userId: userId || undefined,
    ...Object.fromEntries(Object.entries(members).filter(([, value]) => (value ?? "") !== "")), // what has no value takes none away
    context: { ...context, ...(consent ? { consent: said(consent) } : {}), ...(typeof own === "object" ? own : {}) },
  };
  for (const name of IDS) {
    if (event[name] === undefined) continue;
    event[name] = asId(event[name]);
    if (!event[name]) return { error: "wrong_type" };
  }
  try {
    const error = problem(event);
    if (error) return { error };
    const text = wellFormed(JSON.stringify(event));
    return bytesOf(text) > MAX_EVENT_BYTES ? { error: "too_large" } : { text };
  } catch {
    return { error: "not_json" };
  }
}

/** An id as text, or nothing for what is none: an object as text is the same for everybody. @param {unknown} id */
export const asId = (id) => (typeof id === "string" || typeof id === "bigint" || Number.isFinite(id) ? String(id) : undefined);

/** A version 4 UUID, also on pages without https, where crypto.randomUUID is missing. */
export function uuid() {
  const hex = [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const variant = "89ab"[parseInt(hex[16], 16) & 3];
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12})$/, `$1-$2-4$3-${variant}$4-$5`);
}

/** Half of a pair of UTF-16, as a text that was cut has it, is in no UTF-8: the whole batch would be refused. @param {string} json */
const wellFormed = (json) => json.replace(/\\(?:\\|ud[\da-f]{3})/g, (escaped) => (escaped[1] === "u" ? "\ufffd" : escaped));

/** What the door reads of it: words, numbers and flags. @param {string | object} consent */
const said = (consent) =>
  typeof consent === "string"
    ? { status: consent }
    : { categoryPreferences: Object.fromEntries(Object.entries(consent).filter(([, one]) => one !== Object(one))) };

/** @param {unknown} word */
export const isTooLong = (word) => !!word && [...String(word)].length > LONGEST;

/** @param {Record<string, any>} event */
function problem(event) {
  const { type, event: name, userId, anonymousId, previousId, groupId } = event;
  if (type === "track" && !name) return "no_name";
  if (!userId && !anonymousId) return "no_identity";
  if (type === "alias" && !(userId && previousId)) return "no_identity";
  if (type === "group" && !groupId) return "no_group";
  const words = [name, event.name, event.messageId, userId, anonymousId, previousId, groupId];
  return words.some(isTooLong) ? "too_long" : "";
}
