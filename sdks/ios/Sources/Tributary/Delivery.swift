import Foundation

/// Batches, requests, answers and pauses (protocol, sections 2 and 3).
enum Delivery {
    static let maxEvents = 2_500
    static let maxBytes = 512_000
    private static let envelope = 1_024
    private static let longestPause: Int64 = 300_000

    enum Action: String {
        case done, retry, split
    }

    /// An event of a batch that was not accepted.
    struct Problem: Equatable {
        let index: Int
        let reason: String
    }

    struct Verdict {
        let action: Action
        var problems: [Problem] = []
    }

    struct Request {
        let url: String
        let headers: [String: String]
        let body: String
    }

    static func batches(_ sizes: [Int], maxEvents: Int, maxBytes: Int) -> (batches: [[Int]], tooLarge: [Int]) {
        var found: [[Int]] = []
        var tooLarge: [Int] = []
        var room = 0
        for (index, size) in sizes.enumerated() {
            if size > Events.maxBytes {
                tooLarge.append(index)
                continue
            }
            if let last = found.last, last.count < maxEvents, size + 1 <= room {
                found[found.count - 1].append(index)
            } else {
                found.append([index])
                room = maxBytes - envelope
            }
            room -= size + 1
        }
        return (found, tooLarge)
    }

    static func request(host: String, writeKey: String, events: [String], now: Int64) -> Request {
        Request(
            url: address(host, "batch"),
            headers: headers(writeKey),
            body: "{\"batch\":[\(events.joined(separator: ","))],\"sentAt\":\"\(Events.instant(now))\"}"
        )
    }

    static func address(_ host: String, _ door: String) -> String {
        var base = host
        while base.hasSuffix("/") { base.removeLast() }
        return "\(base)/v1/\(door)"
    }

    static func headers(_ writeKey: String) -> [String: String] {
        ["content-type": "application/json", "authorization": "Basic \(Data("\(writeKey):".utf8).base64EncodedString())"]
    }

    /// What an answer to `count` events means; status 0 is no answer.
    static func judge(status: Int, body: String, count: Int) -> Verdict {
        let answer = Json.read(body) as? [String: Any] ?? [:]
        if status == 200, let results = answer["results"] as? [[String: Any]], isOurs(results, count) { return done(results) }
        if status == 413 { return count > 1 ? Verdict(action: .split) : one("too_large") }
        if [400, 403, 422].contains(status), let code = answer["code"] as? String {
            if let errors = answer["errors"] as? [[String: Any]], isOurs(errors, count) { return done(errors) }
            return count > 1 ? Verdict(action: .split) : one(code)
        }
        return Verdict(action: .retry)
    }

    /// Milliseconds until the next attempt; attempts count from 1, `random` is in [0, 1).
    static func pause(attempt: Int, random: Double, retryAfter: String?) -> Int64 {
        if let text = retryAfter, !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }) {
            return min(Int64(text) ?? 3_600, 3_600) * 1_000 + Int64(random * 1_000)
        }
        let top = min(longestPause, 1_000 << Int64(min(attempt - 1, 20)))
        return Int64(Double(top) / 2 + random * Double(top) / 2)
    }

    /// Whether an answer speaks of each event by its place, as only the door does.
    private static func isOurs(_ results: [[String: Any]], _ count: Int) -> Bool {
        results.count == count && results.allSatisfy { (0..<count).contains($0["index"] as? Int ?? -1) }
    }

    private static func one(_ reason: String) -> Verdict {
        Verdict(action: .done, problems: [Problem(index: 0, reason: reason)])
    }

    private static func done(_ results: [[String: Any]]) -> Verdict {
        let problems = results.filter { $0["status"] as? String != "accepted" }.compactMap { result in
            (result["index"] as? Int).map { Problem(index: $0, reason: result["reason"] as? String ?? "") }
        }
        return Verdict(action: .done, problems: problems)
    }
}
