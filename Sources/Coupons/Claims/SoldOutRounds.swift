import FoundationEssentials
import Runtime
import Synchronization

/// Rounds of which nothing is left, so that late claims are answered from memory.
///
/// It never says so while one is left: `coupons_claim` promises, when nothing is left, that nothing will be for one second from then, and
/// coupons that come back become stock no earlier. Each such promise is kept here for 0.9 s from before the question was asked, by the
/// monotonic clock; in its second half one claim after the other asks again, so that the crowd behind it is answered on and on. Who has
/// got something, or waited for it, is remembered besides, for their repeats must be answered as they were the first time; the set is
/// whole, because nobody can have joined it since the round issued its last.
final class SoldOutRounds: Sendable {
    private struct Entry {
        var until: MonotonicTime
        /// From when on a claim goes and asks again.
        var asksAgainAt: MonotonicTime
        let issued: Int32
        let answered: Set<UInt64>
    }

    /// Shorter than the second that the database promises: clocks of two machines run alike to a few parts in 10,000.
    static let promised = Duration.milliseconds(900)
    /// How long the others wait for the one that asks again.
    private static let asking = Duration.milliseconds(100)
    private static let entriesMax = 100

    private let entries = Mutex<[ID<CouponRound>: Entry]>([:])

    /// Whether claims of the round are answered from here at all: worth reading them for.
    func knows(_ round: ID<CouponRound>, now: MonotonicTime) -> Bool {
        entries.withLock { $0[round].map { now < $0.until } ?? false }
    }

    /// Whether this claim, whoever's it is, gets nothing; also false for the one that shall ask again.
    func contains(_ round: ID<CouponRound>, _ request: UUID, now: MonotonicTime) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[round] else { return false }
            guard now < entry.until, !entry.answered.contains(Self.key(request)) else { return false }
            guard now >= entry.asksAgainAt else { return true }
            entries[round]?.asksAgainAt = now + Self.asking
            return false
        }
    }

    /// Whether who was answered is known up to the coupon numbered `issued`; then the promise holds on.
    /// - Parameter asked: when the question was sent that the database answered so.
    func extend(_ round: ID<CouponRound>, issued: Int32, asked: MonotonicTime) -> Bool {
        entries.withLock { entries in
            guard let entry = entries[round], entry.issued == issued else { return false }
            entries[round]?.until = max(entry.until, asked + Self.promised)
            entries[round]?.asksAgainAt = max(entry.asksAgainAt, asked + Self.promised / 2)
            return true
        }
    }

    /// - Parameter answered: the request ids of all claims of the round that are written, read after the answer came.
    func enter(_ round: ID<CouponRound>, issued: Int32, answered: [UUID], asked: MonotonicTime) {
        let entry = Entry(
            until: asked + Self.promised, asksAgainAt: asked + Self.promised / 2, issued: issued, answered: Set(answered.map(Self.key)))
        entries.withLock { entries in
            if entries[round] == nil, entries.count >= Self.entriesMax { entries.removeAll() }
            entries[round] = entry
        }
    }

    /// Half of a request id: of two alike, both ask the database.
    private static func key(_ id: UUID) -> UInt64 {
        withUnsafeBytes(of: id.uuid) { $0.loadUnaligned(as: UInt64.self) ^ $0.loadUnaligned(fromByteOffset: 8, as: UInt64.self) }
    }
}
