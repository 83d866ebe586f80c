// One person on two domains: the mark of a decorated link (protocol, section 7).

const PARAMETER = "_tbl";
const MARK = new RegExp(`(?<=[?&])${PARAMETER}=[^&]*(&|$)`, "g");
const LONGEST_AGE = 120;
const MOST_AHEAD = 30;

/** Whether the door would take it: a longer one would spoil every later event. @param {unknown} id */
export const isId = (id) => typeof id === "string" && /^[^\s\p{C}]{1,512}$/u.test(id);

/** @param {string} id @param {number} now @param {string} agent */
export function mark(id, now, agent) {
  const time = Math.floor(now / 1_000).toString(36);
  return `1.${time}.${id}.${check(`${time}.${id}.${agent}`)}`;
}

/** The mark in the first of *addresses* that has one. @param {string[]} addresses */
export const markIn = (addresses) => new URLSearchParams(addresses.map((href) => href.split(/[?#]/)[1]).join("&")).get(PARAMETER) || "";

/** The id, or null when the mark is old, changed or another browser's. @param {string} text @param {number} now @param {string} agent */
export function readMark(text, now, agent) {
  const [, time, id, sum] = /^1\.([\da-z]{1,9})\.(.+)\.([\da-f]{16})$/s.exec(text) || [];
  if (!isId(id)) return null;
  const age = Math.floor(now / 1_000) - parseInt(time, 36);
  return age <= LONGEST_AGE && age >= -MOST_AHEAD && sum === check(`${time}.${id}.${agent}`) ? id : null;
}

/** @param {string} href @param {string} text of the mark; the rest of the address stays letter by letter, for it may be signed */
export function withMark(href, text) {
  const url = new URL(withoutMark(href));
  if (url.protocol.startsWith("http")) url.search += `${url.search ? "&" : "?"}${PARAMETER}=${encodeURIComponent(text)}`;
  return url.href;
}

/** The address without the mark of a decorated link, which is nobody's business later. @param {string} href */
export function withoutMark(href) {
  const end = `${href}#`.indexOf("#");
  const address = href.slice(0, end);
  const without = address.replace(MARK, "");
  return without === address ? href : without.replace(/[?&]$/, "") + href.slice(end);
}

/** @param {string[] | undefined} domains @param {string} host */
export const isOneOf = (domains, host) => !!host && !!domains?.some((domain) => host === domain || host.endsWith(`.${domain}`));

/** The host of an address; empty for what is none. @param {string} href */
export function hostOf(href) {
  try {
    return new URL(href).hostname;
  } catch {
    return "";
  }
}

/** @param {string} text */
const check = (text) => hash(text, 0x811c9dc5) + hash(text, 0x01000193);

/** FNV-1a over UTF-8. @param {string} text @param {number} basis */
function hash(text, basis) {
  for (const byte of new TextEncoder().encode(text)) basis = Math.imul(basis ^ byte, 0x01000193);
  return (basis >>> 0).toString(16).padStart(8, "0");
}
