import Foundation

/// How a client is set up.
public struct Options {
    public let writeKey: String
    public let host: String
    /// A folder of the app's own, for events and ids.
    public let folder: URL
    public var transport: Transport = HttpTransport()
    /// What goes with every event: os, device, app.
    public var context: [String: Any] = [:]
    /// Told of every event that was not taken, and why; the event is JSON.
    public var onError: (_ reason: String, _ event: String?) -> Void = { _, _ in }
    /// Store and send nothing before `consent`.
    public var isConsentRequired = false
    /// A batch leaves when so many events wait, or so many milliseconds after the first.
    public var batchSize = 20
    public var delay: Int64 = 10_000
    public var mostWaiting = 10_000
    /// Domains of links beside the door's host, such as go.shop.example; `openedBy` asks no other.
    public var linkDomains: [String] = []

    public init(writeKey: String, host: String, folder: URL) {
        self.writeKey = writeKey
        self.host = host
        self.folder = folder
    }
}

/// The client of an app. Calls return at once and never throw; a dispatch queue of its own keeps, stores and delivers.
public final class Client {
    private static let mostHeld = 100

    private let options: Options
    private let work = DispatchQueue(label: "tributary-sdk")
    private var kept: Kept?
    private var held: [(Kept) throws -> Void] = []
    private var said: Any?

    /// What is there once the folder is open.
    private struct Kept {
        let store: Store
        /// Written with every event, so the disk is not waited for.
        let visit: Store
        let queue: FileQueue
        let sender: Sender
    }

    public init(_ options: Options) {
        self.options = options
        work.async { self.open() }
    }

    public func track(_ event: String, _ properties: [String: Any]? = nil) {
        call("track", ["event": event, "properties": properties as Any?])
    }

    public func screen(_ name: String? = nil, _ properties: [String: Any]? = nil) {
        call("screen", ["name": name, "properties": properties as Any?])
    }

    /// Who the person is; goes with every event from then on, until `reset`.
    public func identify(_ userId: String?, _ traits: [String: Any]? = nil) {
        let now = Client.now()
        allowed { kept in
            if let userId = userId {
                // kept it would spoil every later event
                guard userId.unicodeScalars.count <= Events.longest else { return self.options.onError("too_long", nil) }
                try kept.store.put("user", userId)
            }
            try self.keep(kept, "identify", ["traits": traits as Any?], now)
        }
    }

    public func group(_ groupId: String, _ traits: [String: Any]? = nil) {
        call("group", ["groupId": groupId, "traits": traits as Any?])
    }

    public func alias(_ userId: String, _ previousId: String? = nil) {
        call("alias", ["userId": userId, "previousId": previousId])
    }

    /// The app was opened by a link; its campaign begins a session. A link of the door is asked, so that its click counts;
    /// `done` is told what it is about, or else what the address says.
    public func openedBy(_ url: URL, _ done: @escaping (Opening) -> Void = { _ in }) {
        let opened = Opened(messageId: Client.uuid(), at: Client.now(), url: url.absoluteString)
        let isLink = Links.isOne(opened.url, host: options.host, domains: options.linkDomains)
        let unasked = Opening.unasked(opened.url, isLink: isLink)
        soon(otherwise: { done(unasked) }) { kept in // an app that waits for it must go on
            if isLink && self.state(kept) == .granted { return try self.ask(kept, opened, done) }
            try self.allowed(kept) { try self.keep($0, opened, unasked) }
            done(unasked)
        }
    }

    /// The app runs for the first time; further calls do nothing.
    public func installed() {
        let now = Client.now()
        allowed { kept in
            guard kept.store["installed"] != "1" else { return }
            // An app that dies in between sends it again, under the same id.
            let id = kept.store["installed"] ?? Client.uuid()
            try kept.store.put("installed", id)
            try self.keep(kept, "track", ["event": "Application Installed", "messageId": id], now)
            try kept.store.put("installed", "1")
        }
    }

    /// "granted", "denied", true, false, or a dictionary of categories.
    public func consent(_ given: Any) {
        let said = (given as? Bool).map { $0 ? "granted" : "denied" } ?? given
        soon { kept in
            // What says nothing of measurement takes no refusal back.
            if ConsentState.says(said) == nil && ConsentState.says(self.said) == .denied { return }
            self.said = said
            let state = self.state(kept)
            if state == .denied { try self.forget(kept) }
            if state == .pending { try kept.store.put("consent", nil) } // an agreement of before must not come back with the next start
            if state == .granted {
                try kept.store.put("consent", try Json.write(["said": said]))
                let waiting = self.held
                self.held = []
                try waiting.forEach { try $0(kept) }
                kept.sender.notice()
            }
        }
    }

    /// What the click before the first start was about: the place in the app that its link leads to, and its campaign.
    /// `done` gets nil where there is nothing, no consent, or no answer; a later call may ask again for a week.
    public func firstOpen(_ clickId: String, _ done: @escaping (FirstOpen?) -> Void) {
        soon(otherwise: { done(nil) }) { kept in // an app that waits for it must go on
            guard self.state(kept) == .granted else { return done(nil) }
            let id = try self.identity(kept)
            let asked = FirstOpen.request(host: self.options.host, writeKey: self.options.writeKey, clickId: clickId, anonymousId: id)
            self.options.transport.send(url: asked.url, headers: asked.headers, body: asked.body) { answer in
                self.work.async { done(FirstOpen.read(status: answer.status, body: answer.body)) }
            }
        }
    }

    /// Delete what is stored and measure nothing until `optIn`.
    public func optOut() {
        soon { kept in
            try kept.store.put("optout", "1")
            try self.forget(kept)
        }
    }

    public func optIn() {
        soon { try $0.store.put("optout", nil) }
    }

    /// Forget the person, as after a logout; what was called before that and waits for consent is still theirs.
    public func reset() {
        soon { kept in
            if self.state(kept) == .pending { self.held.append(self.forgetPerson) }
            try self.forgetPerson(kept)
        }
    }

    /// Try to send what waits; told whether all of it had its answer.
    public func flush(_ done: @escaping (Bool) -> Void = { _ in }) {
        work.async {
            if self.kept == nil { self.open() }
            guard let kept = self.kept else { return done(false) } // the folder cannot be opened
            if self.state(kept) == .granted { kept.sender.flush(done) } else { done(kept.queue.count == 0) }
        }
    }

    static func now() -> Int64 {
        Int64(Date().timeIntervalSince1970 * 1_000)
    }

    private static func uuid() -> String {
        UUID().uuidString.lowercased()
    }

    private func open() {
        do {
            try FileManager.default.createDirectory(at: options.folder, withIntermediateDirectories: true)
            let store = Store(file: options.folder.appendingPathComponent("state.json"), isDurable: true)
            let visit = Store(file: options.folder.appendingPathComponent("session.json"), isDurable: false)
            let queue = try FileQueue(folder: options.folder.appendingPathComponent("queue"), most: options.mostWaiting)
            let sender = Sender(queue: queue, options: options, work: work) { [weak self] in
                guard let self = self, let kept = self.kept else { return false }
                return self.state(kept) == .granted
            }
            let opened = Kept(store: store, visit: visit, queue: queue, sender: sender)
            said = (Json.read(store["consent"] ?? "") as? [String: Any])?["said"]
            if state(opened) == .denied { try forget(opened) }
            kept = opened
            guard state(opened) == .granted else { return }
            try keepOpening(opened)
            opened.sender.notice()
        } catch {
            options.onError("storage_failed", nil)
        }
    }

    /// The event waits for the answer, and is written down meanwhile: an app that dies over it keeps it with its next start.
    private func ask(_ kept: Kept, _ opened: Opened, _ done: @escaping (Opening) -> Void) throws {
        try keepOpening(kept)
        try kept.store.put("opening", try opened.text())
        _ = try context(kept, opened.url, opened.at) // what comes meanwhile belongs to the session that begins here
        let question = Links.question(opened.url, anonymousId: try identity(kept))
        options.transport.ask(url: question, headers: Links.headers) { answer in
            let found = Opening.answered(opened.url, status: answer.status, body: answer.body)
            self.soon(otherwise: { done(found) }) { kept in
                if Opened(text: kept.store["opening"]) == opened { // else it was kept, or forgotten, meanwhile
                    try self.allowed(kept) { try self.keep($0, opened, found) }
                }
                done(found)
            }
        }
    }

    /// An opening whose link has not answered is kept as its address says.
    private func keepOpening(_ kept: Kept) throws {
        guard let left = Opened(text: kept.store["opening"]) else { return }
        try keep(kept, left, Opening.unasked(left.url, isLink: true))
    }

    private func keep(_ kept: Kept, _ opened: Opened, _ found: Opening) throws {
        try keep(kept, "track", opened.fields(found), opened.at, address: found.landed)
        if Opened(text: kept.store["opening"]) == opened { try kept.store.put("opening", nil) }
    }

    private func call(_ type: String, _ fields: [String: Any?]) {
        let now = Client.now()
        allowed { try self.keep($0, type, fields, now) }
    }

    private func allowed(_ task: @escaping (Kept) throws -> Void) {
        soon { try self.allowed($0, task) }
    }

    private func allowed(_ kept: Kept, _ task: @escaping (Kept) throws -> Void) throws {
        switch state(kept) {
        case .granted:
            try task(kept)
        case .denied:
            options.onError("consent_denied", nil)
        case .pending where held.count < Client.mostHeld:
            held.append(task)
        case .pending:
            options.onError("queue_full", nil)
        }
    }

    private func state(_ kept: Kept) -> ConsentState {
        .of(said: said, isSignalled: false, isRequired: options.isConsentRequired, hasOptedOut: kept.store["optout"] != nil)
    }

    private func keep(_ kept: Kept, _ type: String, _ given: [String: Any?], _ now: Int64, address: String? = nil) throws {
        var fields = given.compactMapValues { $0 }
        let id = try identity(kept)
        if type == "alias" && fields["previousId"] == nil { fields["previousId"] = id }
        let page = (fields["context"] as? [String: Any])?["page"] as? [String: Any]
        let around = Events.Around(
            anonymousId: id,
            userId: kept.store["user"],
            messageId: Client.uuid(),
            now: now,
            context: try context(kept, address ?? page?["url"] as? String ?? "", now),
            consent: said
        )
        do {
            let event = try Events.build(type, fields, around)
            if try kept.queue.add(event) { kept.sender.notice() } else { options.onError("queue_full", event) }
        } catch let refused as Events.Refused {
            options.onError(refused.reason, nil)
        }
    }

    private func context(_ kept: Kept, _ url: String, _ now: Int64) throws -> [String: Any] {
        let found = Sources(url)
        let before = kept.visit["session"].flatMap { try? JSONDecoder().decode(Session.self, from: Data($0.utf8)) }
        let session = Session.next(before, now: now, source: found.source)
        try kept.visit.put("session", String(decoding: try JSONEncoder().encode(session), as: UTF8.self))
        var context = options.context
        context["library"] = ["name": "tributary-ios", "version": "0.1.0"]
        context["session"] = ["id": session.id, "number": session.number] as [String: Any]
        if !found.campaign.isEmpty { context["campaign"] = found.campaign }
        return context
    }

    private func identity(_ kept: Kept) throws -> String {
        if let id = kept.store["id"] { return id }
        let id = Client.uuid()
        try kept.store.put("id", id)
        return id
    }

    /// Everything but that the person refused.
    private func forget(_ kept: Kept) throws {
        held = []
        try kept.queue.clear()
        let isRefusal = kept.store["optout"] == nil && ConsentState.of(said: said) == .denied
        try kept.store.put("consent", isRefusal ? try Json.write(["said": said as Any]) : nil)
        try kept.store.put("opening", nil)
        try forgetPerson(kept)
    }

    private func forgetPerson(_ kept: Kept) throws {
        for word in ["id", "user"] { try kept.store.put(word, nil) }
        try kept.visit.put("session", nil)
    }

    /// Measuring must not break the measured app: what fails is told, not thrown.
    private func soon(otherwise: @escaping () -> Void = {}, _ task: @escaping (Kept) throws -> Void) {
        work.async {
            if self.kept == nil { self.open() } // a device that was still locked when the app began is not any more
            guard let kept = self.kept else { return otherwise() }
            do {
                try task(kept)
            } catch {
                self.options.onError((error as? Events.Refused)?.reason ?? "storage_failed", nil)
                otherwise()
            }
        }
    }
}
