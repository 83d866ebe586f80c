import Foundation

/// From a call to the text of an event, or the reason why there is none (protocol, section 1).
enum Events {
    static let maxBytes = 32_768
    static let longest = 512
    private static let form: ISO8601DateFormatter = { // making one costs milliseconds
        let form = ISO8601DateFormatter()
        form.formatOptions = [.withInternetDateTime, .withFractionalSeconds]
        form.timeZone = TimeZone(secondsFromGMT: 0)
        return form
    }()
    private static let words = ["messageId", "anonymousId", "userId", "previousId", "groupId", "event", "name"]

    /// The event cannot be sent; the reason is the protocol's.
    struct Refused: Error, Equatable {
        let reason: String
    }

    /// What is known beside the fields of a call; `now` in milliseconds since 1970.
    struct Around {
        var anonymousId: String?
        var userId: String?
        var messageId: String
        var now: Int64
        var context: [String: Any] = [:]
        /// A word, a dictionary of categories, or nil.
        var consent: Any?
    }

    static func build(_ type: String, _ fields: [String: Any], _ around: Around) throws -> String {
        var context = around.context
        if let word = around.consent as? String {
            context["consent"] = ["status": word]
        } else if let categories = around.consent as? [String: Any] {
            context["consent"] = ["categoryPreferences": categories.filter { Events.isPlain($0.value) }]
        }
        var event: [String: Any] = ["type": type, "messageId": around.messageId, "timestamp": instant(around.now)]
        if let id = around.anonymousId, !id.isEmpty { event["anonymousId"] = id }
        if let id = around.userId, !id.isEmpty { event["userId"] = id }
        for (name, value) in fields where !(value is NSNull || value as? String == "") { // what has no value takes the place of none
            if name == "context" {
                context.merge(value as? [String: Any] ?? [:]) { _, own in own }
            } else {
                event[name] = value
            }
        }
        event["context"] = context
        try check(event)
        let text = try Json.write(event)
        guard text.utf8.count <= maxBytes else { throw Refused(reason: "too_large") }
        return text
    }

    static func instant(_ milliseconds: Int64) -> String {
        form.string(from: Date(timeIntervalSince1970: Double(milliseconds) / 1_000))
    }

    private static func check(_ event: [String: Any]) throws {
        func has(_ name: String) -> Bool { !(text(event[name]).isEmpty) }
        let type = text(event["type"])
        if type == "track" && !has("event") { throw Refused(reason: "no_name") }
        if !has("userId") && !has("anonymousId") { throw Refused(reason: "no_identity") }
        if type == "alias" && !(has("userId") && has("previousId")) { throw Refused(reason: "no_identity") }
        if type == "group" && !has("groupId") { throw Refused(reason: "no_group") }
        if words.contains(where: { text(event[$0]).unicodeScalars.count > longest }) { throw Refused(reason: "too_long") }
    }

    /// Of what was said the door reads words, numbers and flags.
    private static func isPlain(_ value: Any) -> Bool {
        value is String || value is NSNumber || value is Bool || value is Int || value is Double
    }

    private static func text(_ value: Any?) -> String {
        value.map { "\($0)" } ?? ""
    }
}

/// JSON through Foundation.
enum Json {
    static func write(_ value: Any) throws -> String {
        guard JSONSerialization.isValidJSONObject(value) else { throw Events.Refused(reason: "not_json") }
        let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    /// Nil for what is no JSON.
    static func read(_ text: String) -> Any? {
        try? JSONSerialization.jsonObject(with: Data(text.utf8))
    }
}
