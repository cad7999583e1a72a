import Postgres
package import Runtime
import Synchronization

/// Counts how claims are answered, and writes the counts down once a second: what refusals leave instead of a row each.
///
/// A service of each server: a killed one loses the counts of its last second, nothing else hangs on them.
package final class ClaimTally: Service {
    private struct Key: Hashable {
        let round: ID<CouponRound>
        let result: ClaimResult
        let second: Int64
    }

    private struct State {
        var counts: [Key: Int32] = [:]
        var isRunning = false
    }

    private let figures: RoundFigureStore
    private let clock: Clock
    private let loop: EventLoop
    private let log: Log
    private let state = Mutex(State())

    /// Seconds and rounds counted at once while the database cannot be written to; beyond it counts are dropped.
    private static let keysMax = 10_000

    init(figures: RoundFigureStore, clock: Clock, loop: EventLoop, log: Log) {
        self.figures = figures
        self.clock = clock
        self.loop = loop
        self.log = log
    }

    package var name: String { "coupon claims' tally" }

    func count(_ round: ID<CouponRound>, _ result: ClaimResult) {
        let key = Key(round: round, result: result, second: clock.nowSeconds)
        state.withLock { state in
            if state.counts.count >= Self.keysMax, state.counts[key] == nil { return }
            state.counts[key, default: 0] += 1
        }
    }

    /// Counts what was answered, and writes it down at once.
    package func record(_ outcomes: [CouponClaim.Outcome], of round: ID<CouponRound>) async {
        for outcome in outcomes {
            switch outcome {
            case .won: count(round, .won)
            case .pending: count(round, .pending)
            case .refused(let reasons): count(round, ClaimResult(reasons))
            case .roundUnknown, .memberUnknown, .conflict: break
            }
        }
        await flush()
    }

    package func start() async throws {
        state.withLock { $0.isRunning = true }
        schedule()
    }

    package func stop(grace: Duration) async {
        state.withLock { $0.isRunning = false }
        await flush()
    }

    private func schedule() {
        let next: @Sendable () -> Void = { [self] in
            loop.schedule(after: .seconds(1)) { [self] in
                Task(executorPreference: loop) { [self] in
                    await flush()
                    if state.withLock(\.isRunning) { schedule() }
                }
            }
        }
        loop.perform(next)
    }

    /// Writes down what was counted; what cannot be written is counted on.
    func flush() async {
        let counts = state.withLock { state in
            let counts = state.counts
            state.counts.removeAll(keepingCapacity: true)
            return counts
        }
        do {
            try await figures.add(
                counts.map { key, count in
                    ClaimCount(
                        roundID: key.round, result: key.result, second: Timestamp(microseconds: key.second * 1_000_000), claims: count)
                })
        } catch {
            log.warning("coupons.tally_not_written", ["counts": .integer(Int64(counts.count))])
            state.withLock { state in
                for (key, count) in counts where state.counts.count < Self.keysMax { state.counts[key, default: 0] += count }
            }
        }
    }
}
