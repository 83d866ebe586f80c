// Sessions (protocol, section 4) and what consent allows (section 6).

const GAP = 30 * 60_000;

/** @typedef {{id: string, number: number, last: number, source: string}} Session */

/** @param {Session | null} before @param {number} now @param {string} source @returns {Session} */
export function nextSession(before, now, source) {
  if (before && Math.abs(now - before.last) <= GAP && (!source || source === before.source)) return { ...before, last: now };
  return { id: String(now), number: (before ? before.number : 0) + 1, last: now, source };
}

// The names under which consent platforms file measurement; the first that is mentioned decides.
const MEASUREMENT = ["measurement", "analytics", "analytics_storage", "performance", "statistics", "marketing", "advertising", "ad_storage"];
// Words as consent platforms write them: as a text, "denied" would be true.
const AGREED = /^(granted|accepted|given|agreed|allowed|opt(ed)?[-_ ]?in|yes|true|1)$/i;
const REFUSED = /^(denied|declined|rejected|refused|withdrawn|revoked|opt(ed)?[-_ ]?out|no|false|0)$/i;

/** @param {unknown} given @returns {"granted" | "denied" | undefined} */
function answer(given) {
  if (given === null || given === undefined) return undefined;
  if (typeof given !== "string") return given ? "granted" : "denied";
  return AGREED.test(given.trim()) ? "granted" : REFUSED.test(given.trim()) ? "denied" : undefined;
}

/**
 * @param {{said?: string | Record<string, boolean | string> | null, gpc?: boolean, ignoreGpc?: boolean, required?: boolean, optedOut?: boolean}} known
 * @returns {"granted" | "pending" | "denied"}
 */
export function consentState({ said, gpc, ignoreGpc, required, optedOut }) {
  if (optedOut || (gpc && !ignoreGpc)) return "denied";
  if (said && typeof said === "object") {
    const byName = Object.fromEntries(Object.entries(said).map(([name, given]) => [name.trim().toLowerCase(), answer(given)]));
    const name = MEASUREMENT.find((one) => byName[one]);
    if (name) return byName[name] || "denied";
    const given = Object.values(byName).filter(Boolean);
    if (given.length && !given.includes("granted")) return "denied";
  } else if (answer(said)) return answer(said) || "denied";
  return required ? "pending" : "granted";
}
