import Foundation

/// What an address says about where a visit comes from (protocol, section 5).
struct Sources {
    private static let utm = ["source", "medium", "campaign", "term", "content", "id"]
    private static let clickIds =
        "gclid gbraid wbraid dclid gad_source msclkid yclid ymclid sznclid vmcid ttclid twclid li_fat_id epik sccid rdt_cid rb_clickid qclid ndclid ldtag_cl aleid cto_pld tblci dicbo outbrainclickid cjevent irclickid awc ransiteid admitad_uid sscid tduid clickref fbclid igshid igsh ysclid srsltid mc_eid mc_cid _kx _hsenc mkt_tok vero_id oly_enc_id bsft_clkid elqtrackid tbclid"
    private static let wanted = utm.map { "utm_\($0)" } + clickIds.split(separator: " ").map(String.init)

    private(set) var captured: [String: String] = [:]
    private(set) var campaign: [String: String] = [:]
    /// What a session compares; empty when the address says nothing.
    private(set) var source = ""

    init(_ url: String) {
        let (address, fragment) = Sources.split(url, "#")
        var found = Sources.pairs(Sources.split(address, "?").1)
        if found.isEmpty { found = Sources.pairs(fragment.components(separatedBy: "?").last ?? "") }
        var words: [String] = []
        for name in Sources.wanted {
            guard let value = found[name] else { continue }
            captured[name] = value
            words.append("\(name)=\(value)")
            if name.hasPrefix("utm_") {
                let field = String(name.dropFirst(4))
                campaign[field == "campaign" ? "name" : field] = value
            }
        }
        source = words.joined(separator: "&")
    }

    private static func pairs(_ query: String) -> [String: String] {
        var found: [String: String] = [:]
        for pair in query.components(separatedBy: "&") {
            let (key, raw) = split(pair, "=")
            let name = key.lowercased()
            guard wanted.contains(name), found[name] == nil else { continue }
            let said = decode(raw).replacingOccurrences(of: "\0", with: "") // which the door refuses in any text
            let value = said.trimmingCharacters(in: .whitespacesAndNewlines)
            if !value.isEmpty { found[name] = value }
        }
        return found
    }

    private static func split(_ text: String, _ mark: Character) -> (String, String) {
        guard let at = text.firstIndex(of: mark) else { return (text, "") }
        return (String(text[..<at]), String(text[text.index(after: at)...]))
    }

    /// What is no escape stays as it is.
    private static func decode(_ value: String) -> String {
        var out: [UInt8] = []
        let bytes = Array(value.utf8)
        var at = 0
        while at < bytes.count {
            let escaped = bytes[at] == 37 && at + 2 < bytes.count ? hex(bytes[at + 1], bytes[at + 2]) : nil
            out.append(escaped ?? (bytes[at] == 43 ? 32 : bytes[at]))
            at += escaped == nil ? 1 : 3
        }
        return String(decoding: out, as: UTF8.self)
    }

    private static func hex(_ high: UInt8, _ low: UInt8) -> UInt8? {
        UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
    }
}
