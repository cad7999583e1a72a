import Postgres
import Runtime

/// One loop's members who watch rounds: woken when a round changes, asked for once a second for all of them together.
///
/// A hundred thousand who watch cost one statement a second: each is told only when something moved, and looks by itself then.
actor RoundDesk {
    nonisolated let loop: EventLoop
    nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    private struct Seat {
        let round: ID<CouponRound>
        var isDue = false
        var waiting: CheckedContinuation<Void, Never>?
    }

    static let interval = Duration.seconds(1)

    private let pulse: @Sendable ([ID<CouponRound>]) async throws(PostgresError) -> [ID<CouponRound>: String]
    private var seats: [Int: Seat] = [:]
    private var pulses: [ID<CouponRound>: String] = [:]
    private var lastNumber = 0
    private var isTimed = false

    /// - Parameter pulse: what changes with a round, as text.
    init(
        loop: EventLoop, pulse: @escaping @Sendable ([ID<CouponRound>]) async throws(PostgresError) -> [ID<CouponRound>: String]
    ) {
        self.loop = loop
        self.pulse = pulse
    }

    /// A place for somebody who watches; whoever takes one gives it back by `leave`.
    func sit(_ round: ID<CouponRound>) -> Int {
        lastNumber += 1
        seats[lastNumber] = Seat(round: round)
        scheduleNext()
        return lastNumber
    }

    func leave(_ number: Int) {
        seats.removeValue(forKey: number)?.waiting?.resume()
    }

    /// Waits until something of the round has changed; false once the task was cancelled.
    func next(_ number: Int) async -> Bool {
        while let seat = seats[number], !Task.isCancelled {
            if seat.isDue {
                seats[number]?.isDue = false
                return true
            }
            let loop = loop
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    guard !Task.isCancelled else { return continuation.resume() }
                    seats[number]?.waiting = continuation
                }
            } onCancel: {
                loop.perform { self.assumeIsolated { $0.wake(number) } }
            }
        }
        return false
    }

    private func wake(_ number: Int) {
        let waiting = seats[number]?.waiting
        seats[number]?.waiting = nil
        waiting?.resume()
    }

    private func scheduleNext() {
        guard !isTimed, !seats.isEmpty else { return }
        isTimed = true
        loop.schedule(after: Self.interval) {
            Task(executorPreference: self.loop) { await self.look() }
        }
    }

    private func look() async {
        let rounds = Set(seats.values.map(\.round)).sorted()
        do throws(PostgresError) {
            let found = try await pulse(rounds)
            let changed = Set(rounds.filter { found[$0] != pulses[$0] })
            pulses = found
            for (number, seat) in seats where changed.contains(seat.round) {
                seats[number]?.isDue = true
                wake(number)
            }
        } catch {
            // Whoever watches goes on watching: the next second asks again.
            pulses = [:]
        }
        isTimed = false
        scheduleNext()
    }
}

/// The desks of all loops.
struct RoundDesks: Sendable {
    private let desks: PerLoop<RoundDesk>

    /// - Parameter pulse: what changes with each of these rounds, as text.
    init(
        loops: [EventLoop], pulse: @escaping @Sendable ([ID<CouponRound>]) async throws(PostgresError) -> [ID<CouponRound>: String]
    ) {
        desks = PerLoop(loops) { loop in RoundDesk(loop: loop, pulse: pulse) }
    }

    var current: RoundDesk { desks.current }
}
