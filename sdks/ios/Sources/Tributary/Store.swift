import Foundation

/// A few words that outlive the app: ids, session, consent. One file, replaced as a whole.
final class Store {
    private let file: URL
    private var words: [String: String]

    init(file: URL) {
        self.file = file
        let text = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        words = Json.read(text) as? [String: String] ?? [:]
    }

    subscript(key: String) -> String? {
        words[key]
    }

    /// Nil removes the word.
    func put(_ key: String, _ value: String?) throws {
        guard words[key] != value else { return }
        var changed = words
        changed[key] = value
        let fresh = file.appendingPathExtension("new")
        try Data(try Json.write(changed).utf8).write(to: fresh)
        // Not `.atomic`, which waits for the disk: a session is written with every event.
        guard rename(fresh.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        words = changed // what could not be written is tried again by the next call
    }
}
