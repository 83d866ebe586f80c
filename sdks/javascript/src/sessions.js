// Sessions (protocol, section 4) and what consent allows (section 6).

const GAP = 30 * 60_000;

/** @typedef {{id: string, number: number, last: number, source: string}} Session */

/** @param {Session | null} before @param {number} now @param {string} source @returns {Session} */
export function nextSession(before, now, source) {
  if (before && Math.abs(now - before.last) <= GAP && (!source || source === before.source)) return { ...before, last: now };
  return { id: String(now), number: (before ? before.number : 0) + 1, last: now, source };
}

// The names under which consent platforms file measurement; the first that is mentioned decides.
const MEASUREMENT = ["measurement", "analytics", "performance", "statistics", "marketing", "advertising"];

/** What a category may say; everything else says nothing. @type {Map<unknown, "granted" | "denied">} */
const WORDS = new Map(/** @type {[unknown, "granted" | "denied"][]} */ ([[true, "granted"], ["granted", "granted"], [false, "denied"], ["denied", "denied"]]));

/**
 * @param {{said?: string | Record<string, boolean | string> | null, gpc?: boolean, ignoreGpc?: boolean, required?: boolean, optedOut?: boolean}} known
 * @returns {"granted" | "pending" | "denied"}
 */
export function consentState({ said, gpc, ignoreGpc, required, optedOut }) {
  if (optedOut || (gpc && !ignoreGpc)) return "denied";
  if (said === "granted" || said === "denied") return said;
  if (said && typeof said === "object") {
    const given = Object.entries(said).map(([name, word]) => [name.trim().toLowerCase(), WORDS.get(word)]).filter(([, state]) => state);
    const byName = Object.fromEntries(given);
    const name = MEASUREMENT.find((one) => byName[one]);
    if (name) return byName[name];
    if (given.length && given.every(([, state]) => state === "denied")) return "denied";
  }
  return required ? "pending" : "granted";
}
