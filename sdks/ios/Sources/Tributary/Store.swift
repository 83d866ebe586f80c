import Foundation

/// A few words that outlive the app: ids, session, consent. One file, replaced as a whole.
final class Store {
    private let file: URL
    private let isDurable: Bool
    private var words: [String: String]

    /// A durable one waits for the disk with every word, so that a loss of power forgets no opt-out.
    init(file: URL, isDurable: Bool) {
        self.file = file
        self.isDurable = isDurable
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
        try write(Data(try Json.write(changed).utf8))
        words = changed // what could not be written is tried again by the next call
    }

    private func write(_ data: Data) throws {
        if isDurable { return try data.write(to: file, options: .atomic) }
        let fresh = file.appendingPathExtension("new")
        try data.write(to: fresh)
        guard rename(fresh.path, file.path) == 0 else { throw CocoaError(.fileWriteUnknown) }
    }
}
