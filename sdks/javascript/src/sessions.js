// Sessions (protocol, section 4) and what consent allows (section 6).

const GAP = 30 * 60_000;

/** @typedef {{id: string, number: number, last: number, source: string}} Session */

/** @param {Session | null} before @param {number} now @param {string} source @returns {Session} */
export function nextSession(before, now, source) {
  if (before?.id && Math.abs(now - before.last) <= GAP && (!source || source === before.source)) return { ...before, last: now };
  return { id: String(now), number: (Number(before?.number) || 0) + 1, last: now, source };
}

// The names under which consent platforms file measurement, OneTrust's number for performance among them; the first that is mentioned decides.
const MEASUREMENT = ["measurement", "analytics", "analytics_storage", "performance", "statistics", "c0002", "marketing", "advertising", "ad_storage"];
// Words as consent platforms write them, blanks and underscores as hyphens: as a text, "denied" would be true.
const GRANTED = "granted grant accepted accept given agreed agree allowed allow consented opt-in optin opted-in yes true on 1".split(" ");
const DENIED = "denied deny declined decline rejected reject refused refuse withdrawn withdraw revoked revoke disagreed disagree disallowed disallow opt-out optout opted-out no false off 0".split(" ");

/** In small letters, blanks and what else stands between words as one *mark*. @param {string} text @param {RegExp} between @param {string} mark */
const joined = (text, between, mark) => text.toLowerCase().split(between).filter(Boolean).join(mark);

/** @param {unknown} given @returns {"granted" | "denied" | undefined} */
function answer(given) {
  if (typeof given === "boolean" || typeof given === "number") return given ? "granted" : "denied";
  const word = typeof given === "string" ? joined(given, /[\s_]+/, "-") : "";
  return GRANTED.includes(word) ? "granted" : DENIED.includes(word) ? "denied" : undefined;
}

/**
 * @param {{said?: string | Record<string, boolean | string> | null, gpc?: boolean, ignoreGpc?: boolean, required?: boolean, optedOut?: boolean}} known
 * @returns {"granted" | "pending" | "denied"}
 */
export function consentState({ said, gpc, ignoreGpc, required, optedOut }) {
  if (optedOut || (gpc && !ignoreGpc)) return "denied";
  if (said && typeof said === "object") {
    const given = Object.entries(said).map(([name, word]) => [joined(name, /[\s-]+/, "_"), answer(word)]).filter(([, state]) => state);
    const byName = Object.fromEntries(given);
    const name = MEASUREMENT.find((one) => byName[one]);
    if (name) return byName[name];
    const others = given.filter(([name]) => name !== "ad_personalization"); // which speaks of how ads are chosen, and not of being measured
    if (others.length && others.every(([, state]) => state === "denied")) return "denied";
  } else if (answer(said)) return answer(said) || "denied";
  return required ? "pending" : "granted";
}

/** What was said of measuring; nothing is "pending". @param {any} said */
const meaning = (said) => consentState({ said, required: true });

/** What a person said when *given* comes after *before*: what means nothing for measuring takes nothing back, and stands beside it where it can.
 * @param {any} before @param {any} given */
export function heardAfter(before, given) {
  if (meaning(given) !== "pending" || meaning(before) === "pending") return given;
  if (typeof before !== "object" || typeof given !== "object") return before;
  const both = { ...before, ...given };
  return meaning(both) === meaning(before) ? both : before;
}
