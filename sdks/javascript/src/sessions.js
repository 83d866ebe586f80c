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

/**
 * @param {{said?: string | Record<string, boolean> | null, gpc?: boolean, ignoreGpc?: boolean, required?: boolean, optedOut?: boolean}} known
 * @returns {"granted" | "pending" | "denied"}
 */
export function consentState({ said, gpc, ignoreGpc, required, optedOut }) {
  if (optedOut || (gpc && !ignoreGpc)) return "denied";
  if (said === "granted" || said === "denied") return said;
  if (said && typeof said === "object") {
    const byName = Object.fromEntries(Object.entries(said).map(([name, given]) => [name.trim().toLowerCase(), given]));
    const name = MEASUREMENT.find((one) => one in byName);
    if (name) return byName[name] ? "granted" : "denied";
    const given = Object.values(said);
    if (given.length && !given.some(Boolean)) return "denied";
  }
  return required ? "pending" : "granted";
}
