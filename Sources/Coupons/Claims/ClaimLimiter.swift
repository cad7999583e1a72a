import HTTP
import Postgres
import Registry
import Runtime
import Synchronization

/// How many claims one address and one account may send a second, counted in the memory of this process before anything else is done.
///
/// A whole factory stands behind one address, and all its workers come in the same second: the limit of an address keeps a flood of one
/// machine out, not a crowd. An account needs one claim, and some more when the network is bad.
package final class ClaimLimiter: Sendable {
    package struct Limits: Sendable {
        package var perAddress: Int
        package var perAccount: Int
        /// Of the window in which an account's claims are counted.
        package var accountSeconds: Int64

        package init(perAddress: Int = 5_000, perAccount: Int = 20, accountSeconds: Int64 = 10) {
            self.perAddress = perAddress
            self.perAccount = perAccount
            self.accountSeconds = accountSeconds
        }
    }

    private struct Window<Key: Hashable & Sendable>: Sendable {
        var number: Int64 = 0
        var counts: [Key: Int] = [:]

        /// Keys remembered at once; beyond it the window begins anew.
        static var keysMax: Int { 200_000 }

        /// Whether this one is within the limit.
        mutating func take(_ key: Key, number: Int64, limit: Int) -> Bool {
            if number != self.number || counts.count >= Self.keysMax {
                self.number = number
                counts.removeAll(keepingCapacity: true)
            }
            let count = counts[key, default: 0] + 1
            counts[key] = count
            return count <= limit
        }
    }

    private let limits: Limits
    private let addresses = Mutex(Window<NetworkAddress>())
    private let accounts = Mutex(Window<ID<Member>>())

    package init(_ limits: Limits = Limits()) {
        self.limits = limits
    }

    /// Counts a claim from this address; false when there are too many this second.
    func takes(_ address: NetworkAddress?, now: MonotonicTime) -> Bool {
        let second = Int64(now.nanoseconds / 1_000_000_000)
        return addresses.withLock { $0.take(address?.subscriber ?? .loopback, number: second, limit: limits.perAddress) }
    }

    /// Counts a claim of this account; false when there are too many.
    func takes(_ account: ID<Member>, now: MonotonicTime) -> Bool {
        let number = Int64(now.nanoseconds / 1_000_000_000) / limits.accountSeconds
        return accounts.withLock { $0.take(account, number: number, limit: limits.perAccount) }
    }

    /// How long somebody who was refused waits.
    func retryAfterSeconds(ofAccount: Bool) -> Int { ofAccount ? Int(limits.accountSeconds) : 1 }
}
