import Crypto

/// The draw that nobody can steer: the organizer's secret, committed to before the applications open, and a public number that did not
/// exist then, a round of drand, say.
///
/// - `commitment = SHA-256("alloc-commit-v1\0" || secret)`, published beforehand;
/// - `seed = SHA-256("alloc-seed-v1\0" || secret || beacon)`;
/// - an applicant's number is `HMAC-SHA256(seed, "alloc-key-v1\0" || program || "\0" || ticket)`, its first 16 bytes read big-endian; the
///   lower number goes first.
///
/// Nothing that the organizer could still change goes into the seed (a digest of the list, a run's number): who knows the secret could try
/// rows until the draw is to their liking. One number serves all sessions of a program: under shortage a single draw beats separate ones
/// (Ashlagi and Nikzad, JET 2020).
package struct Lottery: Sendable {
    package static let secretByteCount = 32

    package let seed: [UInt8]

    /// - Parameters:
    ///   - secret: 32 bytes.
    ///   - beacon: of any length; empty when there is no public number, and then the draw is only as honest as who kept the secret.
    package init(secret: [UInt8], beacon: [UInt8]) {
        precondition(secret.count == Self.secretByteCount, "a secret has 32 bytes")
        seed = SHA256.hash(Array("alloc-seed-v1\0".utf8) + secret + beacon)
    }

    /// What is published before the applications open.
    package static func commitment(to secret: [UInt8]) -> [UInt8] {
        SHA256.hash(Array("alloc-commit-v1\0".utf8) + secret)
    }

    /// One applicant's number.
    package struct Number: Hashable, Comparable, Sendable {
        package let high: UInt64
        package let low: UInt64

        package init(high: UInt64, low: UInt64) {
            self.high = high
            self.low = low
        }

        package static func < (left: Number, right: Number) -> Bool {
            left.high != right.high ? left.high < right.high : left.low < right.low
        }

        /// 16 bytes, big-endian.
        package var bytes: [UInt8] {
            [high, low].flatMap { word in (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(56 - 8 * $0)) } }
        }
    }

    package func number(of ticket: Ticket, program: String) -> Number {
        let numbers = numbers(of: [ticket.rawValue], program: program)
        return Number(high: numbers.high[0], low: numbers.low[0])
    }

    /// The numbers of many, in their order.
    package func numbers(of tickets: [UInt64], program: String) -> (high: [UInt64], low: [UInt64]) {
        let prefix = Array("alloc-key-v1\0".utf8) + Array(program.utf8) + [0]
        let key = HMACKey(seed)
        var high: [UInt64] = []
        var low: [UInt64] = []
        high.reserveCapacity(tickets.count)
        low.reserveCapacity(tickets.count)
        var message = prefix + [UInt8](repeating: 0, count: 8)
        for raw in tickets {
            let ticket = Ticket(rawValue: raw)
            for place in 0..<8 { message[prefix.count + place] = UInt8(truncatingIfNeeded: raw >> UInt64(56 - 8 * place)) }
            let words = key.authenticate128(message.span.extracting(first: prefix.count + ticket.count).bytes)
            high.append(words.high)
            low.append(words.low)
        }
        return (high, low)
    }
}
