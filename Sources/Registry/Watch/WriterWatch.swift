package import HTTP
package import Postgres
package import Runtime
package import Scheduler
import Synchronization

/// Says when a transaction that does not end holds back what follows the others in order: audit seals, webhooks, figures.
///
/// They wait for every transaction of this database that may still write, for its rows would come in before theirs. Such a one is logged
/// from `warnAfter` on, and again whenever its age has doubled; its age is a gauge.
package final class WriterWatch: Sendable {
    private struct State {
        var writer: OldestWriterStore.Writer?
        /// When this transaction was first seen, and at what age it was last logged.
        var seenAt = MonotonicTime.current
        var loggedAtSeconds = 0.0
        var seconds = 0.0
    }

    private let store: OldestWriterStore
    private let log: Log
    private let warnAfterSeconds: Double
    private let state = Mutex(State())

    /// - Parameter warnAfter: no request and no job of ours takes so long but an import's and `figures rebuild`.
    package init(_ database: Database, metrics: Metrics, log: Log, warnAfter: Duration = .seconds(60)) {
        store = OldestWriterStore(database)
        self.log = log
        warnAfterSeconds = warnAfter.secondsValue
        metrics.gauge(
            "waystation_transaction_oldest_seconds",
            "Age of the oldest transaction that may still write, as this server's job last saw it: seals, webhooks and figures wait for it"
        ) { [self] in state.withLock(\.seconds) }
    }

    package var job: Job {
        Job("registry.writers", every: .seconds(10)) { [self] in
            try await look()
            return .idle
        }
    }

    /// Looks once.
    package func look() async throws(PostgresError) {
        let writer = try await store.find()
        let toLog = state.withLock { state -> Double? in
            if writer?.transactionID != state.writer?.transactionID {
                state = State()
            }
            state.writer = writer
            guard let writer else { return nil }
            state.seconds = max(writer.seconds ?? 0, (MonotonicTime.current - state.seenAt).secondsValue)
            guard state.seconds >= max(warnAfterSeconds, 2 * state.loggedAtSeconds) else { return nil }
            state.loggedAtSeconds = state.seconds
            return state.seconds
        }
        guard let writer, let seconds = toLog else { return }
        log.warning(
            "transaction.holds_back",
            [
                "transaction": .integer(writer.transactionID), "process": writer.process.map { .integer(Int64($0)) } ?? "prepared",
                "seconds": .integer(Int64(seconds)), "waiting": "audit seals, webhooks, figures",
            ])
    }
}
