package import Runtime
package import Synchronization

/// Gathers calls into batches without ever waiting for company: calls that arrive while batches are in flight form the next one.
///
/// Idle, a call goes out in the turn of the loop in which it came; under load one statement, one commit and one lock serve up to
/// `batchMax` calls. If a batch fails as a whole its members are tried apart, so that one poisoned request cannot fail its neighbours;
/// set-based functions answer by request id, so trying again after a lost connection changes nothing twice.
package actor Coalescer<Request: Sendable, Outcome: Sendable> {
    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    /// Answers each request of a batch, in order.
    package typealias Run = @Sendable ([Request]) async throws(PostgresError) -> [Outcome]

    private struct Call {
        let request: Request
        let since: MonotonicTime
        let continuation: CheckedContinuation<Result<Outcome, PostgresError>, Never>
    }

    package nonisolated let figures: CoalescerFigures
    private let batchMax: Int
    private let inFlightMax: Int
    private let waitingMax: Int
    private let patience: Duration
    private let run: Run
    private var waiting = Queue<Call>()
    private var inFlight = 0
    private var isPumpDue = false

    /// - Parameters:
    ///   - batchMax: measured per function; for doors near 64.
    ///   - inFlight: two keep the database busy while one batch's answers are written.
    ///   - waitingMax: beyond it a call is refused as `.unavailable` rather than queued.
    ///   - patience: a call that waited longer when its turn comes is refused as `.unavailable`: behind a database that hangs the queue
    ///     moves a batch a deadline, and nobody stands at the door any more.
    package init(
        _ figures: CoalescerFigures, loop: EventLoop, batchMax: Int = 64, inFlight: Int = 2, waitingMax: Int = 20_000,
        patience: Duration = .seconds(10), run: @escaping Run
    ) {
        self.figures = figures
        self.loop = loop
        self.batchMax = batchMax
        self.inFlightMax = inFlight
        self.waitingMax = waitingMax
        self.patience = patience
        self.run = run
    }

    /// Joins the next batch and waits for this request's outcome.
    package func submit(_ request: Request) async throws(PostgresError) -> Outcome {
        guard waiting.count < waitingMax else {
            figures.refused.add(1, ordering: .relaxed)
            throw .unavailable
        }
        return try await withCheckedContinuation { continuation in
            waiting.append(Call(request: request, since: loop.now, continuation: continuation))
            if inFlight < inFlightMax, !isPumpDue {
                // At the end of the turn, so that what was read together travels together.
                isPumpDue = true
                loop.perform { [weak self] in self?.assumeIsolated { $0.pump() } }
            }
        }.get()
    }

    private func pump() {
        isPumpDue = false
        refuseStale()
        while inFlight < inFlightMax, !waiting.isEmpty {
            let batch = waiting.popFirst(batchMax)
            inFlight += 1
            figures.note(batch: batch.count)
            Task(executorPreference: loop) { await self.finish(batch) }
        }
    }

    private func refuseStale() {
        while let first = waiting.first, loop.now - first.since > patience, let call = waiting.popFirst() {
            figures.refused.add(1, ordering: .relaxed)
            call.continuation.resume(returning: .failure(.unavailable))
        }
    }

    private func finish(_ batch: [Call]) async {
        do throws(PostgresError) {
            let outcomes = try await run(batch.map(\.request))
            guard outcomes.count == batch.count else { throw .decoding("\(outcomes.count) outcomes for \(batch.count) requests") }
            for (call, outcome) in zip(batch, outcomes) { call.continuation.resume(returning: .success(outcome)) }
        } catch {
            await retryApart(batch, after: error)
        }
        inFlight -= 1
        pump()
    }

    private func retryApart(_ batch: [Call], after error: PostgresError) async {
        figures.failures.add(1, ordering: .relaxed)
        var ended = error.endsTrying ? error : nil
        for call in batch {
            if let ended {
                call.continuation.resume(returning: .failure(ended))
                continue
            }
            do throws(PostgresError) {
                let outcomes = try await run([call.request])
                guard let outcome = outcomes.first else { throw .decoding("no outcome for one request") }
                call.continuation.resume(returning: .success(outcome))
            } catch let failure {
                call.continuation.resume(returning: .failure(failure))
                // What the whole batch left unknown stays unknown for the rest of it.
                if failure.endsTrying { ended = error.isOutage ? error : failure }
            }
        }
    }
}

extension PostgresError {
    /// Nothing is gained by the next attempt: no connection, or a statement that still runs.
    fileprivate var endsTrying: Bool {
        switch self {
        case .unavailable, .timedOut, .configuration: true
        case .server, .connectionLost, .decoding: false
        }
    }
}

/// What a coalescer did, over all loops, for `/metrics`.
package final class CoalescerFigures: Sendable {
    package let name: String
    package let batches = Atomic<Int>(0)
    package let requests = Atomic<Int>(0)
    package let largestBatch = Atomic<Int>(0)
    /// Batches that failed whole and were retried apart.
    package let failures = Atomic<Int>(0)
    /// Calls turned away because too many waited, or they themselves too long.
    package let refused = Atomic<Int>(0)

    package init(_ name: String) {
        self.name = name
    }

    func note(batch count: Int) {
        batches.add(1, ordering: .relaxed)
        requests.add(count, ordering: .relaxed)
        _ = largestBatch.max(count, ordering: .relaxed)
    }
}
