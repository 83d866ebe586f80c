import Foundation

/// Delivers the queue on the client's dispatch queue: in batches, again and again with growing pauses.
final class Sender {
    private let queue: FileQueue
    private let options: Options
    private let work: DispatchQueue
    /// Whether what waits may be sent now.
    private let mayLeave: () -> Bool
    private var waiting: [(Bool) -> Void] = []
    private var next: DispatchWorkItem?
    private var due = DispatchTime.distantFuture
    private var isSending = false
    private var failures = 0
    private var largest = Delivery.maxEvents

    init(queue: FileQueue, options: Options, work: DispatchQueue, mayLeave: @escaping () -> Bool) {
        self.queue = queue
        self.options = options
        self.work = work
        self.mayLeave = mayLeave
    }

    /// An event was added, or was there when the app began.
    func notice() {
        guard queue.count > 0, failures == 0, !isSending else { return } // its answer says when to go on
        after(queue.count >= options.batchSize ? 0 : options.delay)
    }

    func flush(_ done: @escaping (Bool) -> Void) {
        waiting.append(done)
        after(0)
    }

    private func after(_ milliseconds: Int64) {
        let wanted = DispatchTime.now() + .milliseconds(Int(milliseconds))
        if next != nil && due <= wanted { return }
        next?.cancel()
        let item = DispatchWorkItem { [weak self] in
            self?.next = nil
            self?.send()
        }
        (next, due) = (item, wanted)
        work.asyncAfter(deadline: wanted, execute: item)
    }

    private func send() {
        guard !isSending else { return }
        guard mayLeave() else { return finish(false) }
        do {
            let events = try queue.first(largest)
            guard !events.isEmpty else { return finish(true) }
            let sizes = events.map { $0.utf8.count }
            let batch = Delivery.batches(sizes, maxEvents: largest, maxBytes: Delivery.maxBytes).batches.first
            let chosen = Array(events.prefix(batch?.count ?? events.count))
            let request = Delivery.request(host: options.host, writeKey: options.writeKey, events: chosen, now: Client.now())
            isSending = true
            options.transport.send(url: request.url, headers: request.headers, body: request.body) { answer in
                self.work.async { self.answered(answer, chosen) }
            }
        } catch {
            options.onError("storage_failed", nil)
            finish(false)
        }
    }

    private func answered(_ answer: Answer, _ chosen: [String]) {
        isSending = false
        let verdict = Delivery.judge(status: answer.status, body: answer.body, count: chosen.count)
        if verdict.action == .retry {
            failures += 1
            after(Delivery.pause(attempt: failures, random: Double.random(in: 0..<1), retryAfter: answer.retryAfter))
            return finish(false)
        }
        failures = 0
        largest = verdict.action == .split ? max(chosen.count / 2, 1) : Delivery.maxEvents
        if verdict.action == .done {
            for problem in verdict.problems {
                options.onError(problem.reason, chosen.indices.contains(problem.index) ? chosen[problem.index] : nil)
            }
            do { try queue.remove(chosen.count) } catch { options.onError("storage_failed", nil) }
        }
        send()
    }

    private func finish(_ isEmpty: Bool) {
        let told = waiting
        waiting = []
        told.forEach { $0(isEmpty) }
    }
}
