import Allocation
import Crypto

/// An order that nobody can steer, for what is served before it is shared out by a run: the lottery of the engine, by a secret that was
/// committed to beforehand and is told afterwards.
package struct CommittedShuffle: Sendable {
    private let lottery: Lottery
    private let name: String

    /// A new secret: to be sealed, its commitment to be published.
    package static func drawSecret() -> [UInt8] { SecureRandom.bytes(Lottery.secretByteCount) }

    /// What is published before anybody comes: SHA-256 of "alloc-commit-v1", a zero byte and the secret.
    package static func commitment(to secret: [UInt8]) -> [UInt8] { Lottery.commitment(to: secret) }

    /// - Parameters:
    ///   - secret: 32 bytes, as drawn.
    ///   - name: what is shuffled, so that two shuffles of one secret differ: `coupon_round:7`.
    package init(secret: [UInt8], name: String) {
        lottery = Lottery(secret: secret, beacon: [])
        self.name = name
    }

    /// The places of these tickets in the order in which they are served: by their numbers as `Lottery` has them, the lower first; of equal
    /// ones the earlier in the list.
    package func order(of tickets: [UInt64]) -> [Int] {
        let (high, low) = lottery.numbers(of: tickets, program: name)
        return tickets.indices.sorted { (high[$0], low[$0], $0) < (high[$1], low[$1], $1) }
    }
}
