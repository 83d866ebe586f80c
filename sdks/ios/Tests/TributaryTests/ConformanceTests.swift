import Foundation
import XCTest

@testable import Tributary

/// Runs the vectors of sdks/conformance that name this SDK.
final class ConformanceTests: XCTestCase {
    private var folder: URL {
        var folder = URL(fileURLWithPath: #filePath)
        for _ in 0..<4 { folder.deleteLastPathComponent() }
        return folder.appendingPathComponent("conformance")
    }

    func testEveryVector() throws {
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var count = 0
        for file in files where file.pathExtension == "json" {
            let vectors = try XCTUnwrap(Json.read(try String(contentsOf: file, encoding: .utf8)) as? [String: Any])
            guard (vectors["sdks"] as? [String])?.contains("ios") == true else { continue }
            let name = file.deletingPathExtension().lastPathComponent
            for one in try XCTUnwrap(vectors["cases"] as? [[String: Any]]) {
                let input = try XCTUnwrap(one["input"] as? [String: Any])
                if input["kind"] as? String == "browser" { continue }
                count += 1
                let found = try run(name, input)
                XCTAssertEqual(try canonical(found), try canonical(one["expected"]), "\(name): \(one["name"] ?? "")")
            }
        }
        XCTAssertGreaterThan(count, 100)
        print("vectors run: \(count)") // whoever counts the files compares
    }

    private func run(_ name: String, _ input: [String: Any]) throws -> Any {
        func number(_ name: String) -> Int { (input[name] as? NSNumber)?.intValue ?? 0 }
        func text(_ name: String) -> String { input[name] as? String ?? "" }
        func flag(_ name: String) -> Bool { input[name] as? Bool ?? false }
        switch name {
        case "retry":
            let random = (input["random"] as? NSNumber)?.doubleValue ?? 0
            return Delivery.pause(attempt: number("attempt"), random: random, retryAfter: input["retryAfter"] as? String)
        case "answers":
            let verdict = Delivery.judge(status: number("status"), body: text("body"), count: number("count"))
            let problems = verdict.problems.map { ["index": $0.index, "reason": $0.reason] as [String: Any] }
            return ["action": verdict.action.rawValue, "problems": problems] as [String: Any]
        case "batches":
            let sizes = input["sizes"] as? [Int] ?? []
            let found = Delivery.batches(sizes, maxEvents: number("maxEvents"), maxBytes: number("maxBytes"))
            return ["batches": found.batches, "tooLarge": found.tooLarge] as [String: Any]
        case "sources":
            let found = Sources(text("url"))
            return ["campaign": found.campaign, "captured": found.captured, "source": found.source] as [String: Any]
        case "sessions":
            return sessions(input["steps"] as? [[String: Any]] ?? [])
        case "consent":
            let said = input["said"] is NSNull ? nil : input["said"]
            let isSignalled = flag("gpc") && !flag("ignoreGpc")
            let state = ConsentState.of(
                said: said, isSignalled: isSignalled, isRequired: flag("required"), hasOptedOut: flag("optedOut"))
            return state.rawValue
        case "requests":
            let events = try (input["events"] as? [Any] ?? []).map(Json.write)
            let now = (input["now"] as? NSNumber)?.int64Value ?? 0
            let made = Delivery.request(host: text("host"), writeKey: text("writeKey"), events: events, now: now)
            let body = try XCTUnwrap(Json.read(made.body))
            return ["method": "POST", "url": made.url, "headers": made.headers, "body": body] as [String: Any]
        case "events":
            return try event(input)
        case "first_open":
            return try firstOpen(input)
        case "opened_by":
            return openedBy(input)
        default:
            XCTFail("There are vectors that this runner does not know: \(name)")
            return NSNull()
        }
    }

    private func sessions(_ steps: [[String: Any]]) -> [[String: Any]] {
        var session: Session?
        return steps.map { step -> [String: Any] in
            let before = session
            let now = (step["now"] as? NSNumber)?.int64Value ?? 0
            let next = Session.next(before, now: now, source: step["source"] as? String ?? "")
            session = next
            return ["id": next.id, "number": next.number, "isNew": before?.number != next.number]
        }
    }

    private func firstOpen(_ input: [String: Any]) throws -> Any {
        func text(_ name: String) -> String { input[name] as? String ?? "" }
        let made = FirstOpen.request(
            host: text("host"), writeKey: text("writeKey"), clickId: text("clickId"), anonymousId: text("anonymousId"))
        let found = FirstOpen.read(status: (input["status"] as? NSNumber)?.intValue ?? 0, body: text("body"))
        let told = found.map { ["deepLink": $0.deepLink, "campaign": $0.campaign] as [String: Any] }
        let request = ["url": made.url, "headers": made.headers, "body": try XCTUnwrap(Json.read(made.body))] as [String: Any]
        return ["request": request, "found": told ?? NSNull()] as [String: Any]
    }

    private func openedBy(_ input: [String: Any]) -> Any {
        let url = input["url"] as? String ?? ""
        let domains = input["linkDomains"] as? [String] ?? []
        let isLink = Links.isOne(url, host: input["host"] as? String ?? "", domains: domains)
        let status = (input["status"] as? NSNumber)?.intValue ?? 0
        let found = isLink
            ? Opening.answered(url, status: status, body: input["body"] as? String ?? "") : Opening.unasked(url, isLink: false)
        let question = Links.question(url, anonymousId: input["anonymousId"] as? String ?? "")
        let request = ["method": "GET", "url": question, "headers": Links.headers] as [String: Any]
        let told = ["clickId": found.clickId, "deepLink": found.deepLink, "campaign": found.campaign] as [String: Any]
        return ["request": isLink ? request : NSNull(), "found": told, "page": found.page] as [String: Any]
    }

    private func event(_ input: [String: Any]) throws -> Any {
        let around = Events.Around(
            anonymousId: input["anonymousId"] as? String,
            userId: input["userId"] as? String,
            messageId: input["messageId"] as? String ?? "",
            now: (input["now"] as? NSNumber)?.int64Value ?? 0,
            context: input["context"] as? [String: Any] ?? [:],
            consent: input["consent"] is NSNull ? nil : input["consent"]
        )
        do {
            let text = try Events.build(input["type"] as? String ?? "", input["fields"] as? [String: Any] ?? [:], around)
            return ["event": try XCTUnwrap(Json.read(text))]
        } catch let refused as Events.Refused {
            return ["error": refused.reason]
        }
    }

    /// Equal as JSON: keys in order, numbers by their size.
    private func canonical(_ value: Any?) throws -> String {
        let wrapped = ["value": value ?? NSNull()]
        let data = try JSONSerialization.data(withJSONObject: wrapped, options: [.sortedKeys])
        return String(decoding: data, as: UTF8.self)
    }
}
