import Foundation

/// A session of the app (protocol, section 4).
struct Session: Codable, Equatable {
    private static let gap: Int64 = 30 * 60_000

    let id: String
    let number: Int
    let last: Int64
    let source: String

    /// The session of an event at `now` that came with a source, empty for none.
    static func next(_ before: Session?, now: Int64, source: String) -> Session {
        if let before = before, abs(now - before.last) <= gap, source.isEmpty || source == before.source {
            return Session(id: before.id, number: before.number, last: now, source: before.source)
        }
        return Session(id: String(now), number: (before?.number ?? 0) + 1, last: now, source: source)
    }
}

/// What may be done with a person's events (protocol, section 6).
enum ConsentState: String {
    case granted, pending, denied

    // The names under which consent platforms file measurement, OneTrust's number for performance among them; the first
    // that is mentioned decides.
    private static let measurement = [
        "measurement", "analytics", "analytics_storage", "performance", "statistics", "c0002", "marketing", "advertising", "ad_storage",
    ]
    // Whoever refuses this alone speaks of how ads are chosen, and not of being measured.
    private static let howAdsAreChosen = "ad_personalization"
    // Words as consent platforms write them, blanks and underscores as hyphens.
    private static let grantedWords = words("""
        granted grant accepted accept given agreed agree allowed allow consented opt-in optin
        opted-in yes true on 1
        """)
    private static let deniedWords = words("""
        denied deny declined decline rejected reject refused refuse withdrawn withdraw revoked
        revoke disagreed disagree disallowed disallow opt-out optout opted-out no false off 0
        """)

    /// `said` is a word, a flag, a dictionary of categories, or nil.
    static func of(said: Any?, isSignalled: Bool = false, isRequired: Bool = false, hasOptedOut: Bool = false) -> ConsentState {
        if hasOptedOut || isSignalled { return .denied }
        return says(said) ?? (isRequired ? .pending : .granted)
    }

    /// `.granted` or `.denied`, or nil for what says nothing of measurement.
    static func says(_ said: Any?) -> ConsentState? {
        if let categories = said as? [String: Any] { return ofCategories(categories) }
        return ofAnswer(said)
    }

    private static func ofAnswer(_ said: Any?) -> ConsentState? {
        if let word = said as? String { return ofWord(word) }
        if let flag = said as? Bool { return flag ? .granted : .denied }
        return (said as? NSNumber).map { $0.doubleValue == 0 ? .denied : .granted }
    }

    private static func ofWord(_ said: String) -> ConsentState? {
        let word = joined(said, between: "_", mark: "-")
        return grantedWords.contains(word) ? .granted : deniedWords.contains(word) ? .denied : nil
    }

    /// In small letters, blanks and what else stands between words as one mark.
    private static func joined(_ text: String, between: Character, mark: String) -> String {
        text.lowercased().split { $0.isWhitespace || $0 == between }.joined(separator: mark)
    }

    private static func words(_ text: String) -> Set<String> {
        Set(text.split { $0.isWhitespace }.map(String.init))
    }

    private static func ofCategories(_ said: [String: Any]) -> ConsentState? {
        var byName: [String: ConsentState] = [:]
        for (name, given) in said.sorted(by: { $0.key < $1.key }) { // as they are sent: of two spellings the last counts
            if let state = ofAnswer(given) { byName[joined(name, between: "-", mark: "_")] = state }
        }
        if let name = measurement.first(where: { byName[$0] != nil }) { return byName[name] }
        byName[howAdsAreChosen] = nil
        return byName.isEmpty || byName.values.contains(.granted) ? nil : .denied
    }
}
