import Foundation

/// Events in files of a folder, a line each, in order; used from one queue of one process.
///
/// A file goes when all its events have their answer, so a killed app may send up to 200 again: the door counts them once.
final class FileQueue {
    private static let inAFile = 200

    private let folder: URL
    private let most: Int
    private var files: [URL] = []
    private var head: [String] = []
    private var loaded: URL?
    private var tail: FileHandle?
    private var inTail = 0
    private var number = 0
    private(set) var count = 0

    init(folder: URL, most: Int) throws {
        self.folder = folder
        self.most = most
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let found = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        for file in found.filter(FileQueue.isOurs).sorted(by: { $0.lastPathComponent < $1.lastPathComponent }) {
            number = Int(file.deletingPathExtension().lastPathComponent) ?? number
            guard let lines = try? FileQueue.lines(file) else { continue } // what cannot be read keeps no other from being delivered
            files.append(file)
            count += lines.count
        }
    }

    /// Write an event, or say that there is no room.
    func add(_ event: String) throws -> Bool {
        guard count < most else { return false }
        if tail == nil || inTail >= FileQueue.inAFile { try begin() }
        do {
            try tail?.write(contentsOf: Data("\(event)\n".utf8))
        } catch {
            try? close() // half a line may stand there now: the next event begins a file of its own
            throw error
        }
        inTail += 1
        count += 1
        if loaded != nil && loaded == files.last { head.append(event) }
        return true
    }

    /// Up to `most` events that wait longest.
    func first(_ most: Int) throws -> [String] {
        while head.isEmpty, let file = files.first {
            loaded = file
            head = try FileQueue.lines(file)
            if head.isEmpty { try drop() }
        }
        if head.isEmpty { count = 0 } // somebody has emptied a file
        return Array(head.prefix(most))
    }

    /// Forget as many events as have their answer, from the front.
    func remove(_ answered: Int) throws {
        let gone = min(answered, head.count)
        head.removeFirst(gone)
        count -= gone
        if head.isEmpty && loaded != nil { try drop() }
    }

    func clear() throws {
        try close()
        for file in files { try? FileManager.default.removeItem(at: file) } // one that is gone must not keep the rest
        (files, head, loaded, count) = ([], [], nil, 0)
    }

    func close() throws {
        try tail?.close()
        tail = nil
    }

    private func begin() throws {
        try close()
        number += 1
        let file = folder.appendingPathComponent(String(format: "%010d.events", number))
        try Data().write(to: file, options: .withoutOverwriting)
        tail = try FileHandle(forWritingTo: file)
        inTail = 0
        files.append(file)
    }

    private func drop() throws {
        let first = files.removeFirst()
        if files.isEmpty { try close() }
        try FileManager.default.removeItem(at: first)
        loaded = nil
    }

    private static func isOurs(_ file: URL) -> Bool {
        let name = file.deletingPathExtension().lastPathComponent
        return file.pathExtension == "events" && name.utf8.count == 10 && name.utf8.allSatisfy { (48...57).contains($0) }
    }

    /// Whole events only: a line that a loss of power has cut off or a disk has spoilt would hold up all behind it.
    private static func lines(_ file: URL) throws -> [String] {
        String(decoding: try Data(contentsOf: file), as: UTF8.self)
            .components(separatedBy: "\n")
            .filter { $0.hasPrefix("{") && Json.read($0) is [String: Any] }
    }
}
