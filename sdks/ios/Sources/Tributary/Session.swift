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

    // The names under which consent platforms file measurement; the first that is mentioned decides.
    private static let measurement = ["measurement", "analytics", "performance", "statistics", "marketing", "advertising"]

    /// `said` is a word, a dictionary of categories, or nil.
    static func of(said: Any?, isSignalled: Bool, isRequired: Bool, hasOptedOut: Bool) -> ConsentState {
        if hasOptedOut || isSignalled { return .denied }
        if let word = said as? String, let state = ConsentState(rawValue: word), state != .pending { return state }
        if let categories = said as? [String: Bool], let state = ofCategories(categories) { return state }
        return isRequired ? .pending : .granted
    }

    private static func ofCategories(_ said: [String: Bool]) -> ConsentState? {
        let byName = Dictionary(said.map { ($0.trimmingCharacters(in: .whitespaces).lowercased(), $1) }) { first, _ in first }
        if let name = measurement.first(where: { byName[$0] != nil }) { return byName[name] == true ? .granted : .denied }
        return said.isEmpty || said.values.contains(true) ? nil : .denied
    }
}
