// From a call to the text of an event, or the reason why there is none (protocol, section 1).

export const MAX_EVENT_BYTES = 32_768;
const LONGEST = 512;

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
  const event = {
    type,
    messageId,
    timestamp: instant(now),
    anonymousId: anonymousId || undefined,
    userId: userId || undefined,
    ...members,
    context: { ...context, ...(consent ? { consent: said(consent) } : {}), ...own },
  };
  try {
    const error = problem(event);
    if (error) return { error };
    const text = JSON.stringify(event);
    return bytesOf(text) > MAX_EVENT_BYTES ? { error: "too_large" } : { text };
  } catch {
    return { error: "not_json" };
  }
}

/** @param {string | object} consent */
const said = (consent) => (typeof consent === "string" ? { status: consent } : { categoryPreferences: consent });

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
