// An app for tests: host, write key, folder, `required` or `free`, how many events may wait; then a command on each line of its input.
import Dispatch
import Foundation
import Tributary

func say(_ text: String) {
    FileHandle.standardOutput.write(Data("\(text)\n".utf8))
}

/// A word, or a dictionary as JSON.
func spoken(_ text: String) -> Any {
    text == "true" ? true : (try? JSONSerialization.jsonObject(with: Data(text.utf8))) ?? text
}

func flush(_ client: Client, _ milliseconds: Int) {
    let answered = DispatchSemaphore(value: 0)
    var isEmpty = false
    client.flush { empty in
        isEmpty = empty
        answered.signal()
    }
    let inTime = answered.wait(timeout: .now() + .milliseconds(milliseconds)) == .success
    say("flushed \(inTime && isEmpty)")
}

func firstOpen(_ client: Client, _ clickId: String) {
    let answered = DispatchSemaphore(value: 0)
    client.firstOpen(clickId) { found in
        say("first \(found?.deepLink ?? "-") \(found?.campaign["source"] ?? "-")")
        answered.signal()
    }
    answered.wait()
}

func open(_ client: Client, _ address: String) {
    guard let url = URL(string: address) else { return }
    let answered = DispatchSemaphore(value: 0)
    func or(_ word: String?) -> String { word.flatMap { $0.isEmpty ? nil : $0 } ?? "-" }
    client.openedBy(url) { found in
        say("opened \(or(found.clickId)) \(or(found.deepLink)) \(or(found.campaign["source"]))")
        answered.signal()
    }
    answered.wait()
}

let given = CommandLine.arguments
var options = Options(writeKey: given[2], host: given[1], folder: URL(fileURLWithPath: given[3]))
options.isConsentRequired = given[4] == "required"
options.mostWaiting = Int(given[5]) ?? 0
options.delay = 200
options.context = ["device": ["type": "mobile"]]
options.onError = { reason, _ in say("told \(reason)") }
let client = Client(options)
while let line = readLine() {
    let word = String(line.prefix { $0 != " " })
    let rest = String(line.dropFirst(word.count + 1))
    switch word {
    case "track": for n in 0..<(Int(rest) ?? 0) { client.track("Played", ["n": n]) }
    case "named": client.track(rest)
    case "large": client.track("Large", ["text": String(repeating: "é", count: Int(rest) ?? 0)])
    case "strange": client.track("Strange", ["what": Date()])
    case "install": client.installed()
    case "identify": client.identify(rest.isEmpty ? nil : rest, ["plan": "pro"])
    case "screen": client.screen(rest.isEmpty ? nil : rest)
    case "group": client.group(rest)
    case "alias": client.alias(rest)
    case "open": URL(string: rest).map { client.openedBy($0) }
    case "link": open(client, rest)
    case "ask": URL(string: rest).map { client.openedBy($0) { _ in say("opened") } }
    case "consent": client.consent(spoken(rest))
    case "optout": client.optOut()
    case "optin": client.optIn()
    case "reset": client.reset()
    case "first": firstOpen(client, rest)
    case "flush": flush(client, Int(rest) ?? 0)
    default: fatalError("There is no such command: \(word)")
    }
}
