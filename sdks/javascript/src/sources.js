// What an address says about where a visit comes from (protocol, section 5).

import { landedAt } from "./pages.js";

const UTM = { utm_source: "source", utm_medium: "medium", utm_campaign: "name", utm_term: "term", utm_content: "content", utm_id: "id" };
export const CLICK_IDS =
  "gclid gbraid wbraid dclid gad_source msclkid yclid ymclid sznclid vmcid ttclid twclid li_fat_id epik sccid rdt_cid rb_clickid qclid ndclid ldtag_cl aleid cto_pld tblci dicbo outbrainclickid cjevent irclickid awc ransiteid admitad_uid sscid tduid clickref fbclid igshid igsh ysclid srsltid mc_eid mc_cid _kx _hsenc mkt_tok vero_id oly_enc_id bsft_clkid elqtrackid tbclid".split(
    " ",
  );
const decoder = new TextDecoder();
const WANTED = [...Object.keys(UTM), ...CLICK_IDS];

/** @param {string} url @returns {{campaign: Record<string, string>, captured: Record<string, string>, source: string}} */
export function sourceOf(url) {
  const [address, fragment = ""] = split(url, "#");
  let found = pairs(split(address, "?")[1] || "");
  if (!Object.keys(found).length) found = pairs(fragment.slice(fragment.lastIndexOf("?") + 1));
  /** @type {Record<string, string>} */ const campaign = {};
  /** @type {Record<string, string>} */ const captured = {};
  for (const name of WANTED) {
    if (!found[name]) continue;
    captured[name] = found[name];
    if (name in UTM) campaign[UTM[/** @type {keyof typeof UTM} */ (name)]] = found[name];
  }
  const source = Object.entries(captured).map((pair) => pair.join("=")).join("&");
  return { campaign, captured, source };
}

/** The address *href* with the source that the visit began with.
 * @param {string} href @param {string} [landed] the address of the document when it came */
export function asLanded(href, landed = landedAt()) {
  const { captured } = sourceOf(landed);
  if (sourceOf(href).source || !/^http/.test(href)) return href;
  const url = new URL(href);
  for (const pair of Object.entries(captured)) url.search += `${url.search ? "&" : "?"}${pair.map(encodeURIComponent).join("=")}`;
  return url.href;
}

/** @param {string} text @param {string} by */
function split(text, by) {
  const at = text.indexOf(by);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

/** @param {string} query */
function pairs(query) {
  /** @type {Record<string, string>} */ const found = {};
  for (const pair of query.split("&")) {
    const [key, value = ""] = split(pair, "=");
    const name = key.toLowerCase();
    if (WANTED.includes(name) && !found[name]) found[name] = decode(value);
  }
  return found;
}

/** As the door reads it: what is no UTF-8 becomes U+FFFD, and NUL, which it refuses in any text, nothing. @param {string} value */
const decode = (value) =>
  value
    .replace(/\+/g, " ")
    .replace(/(?:%[\da-f]{2})+/gi, (escaped) => decoder.decode(Uint8Array.from(escaped.slice(1).split("%"), (byte) => parseInt(byte, 16))))
    .replaceAll("\0", "")
    .trim();
