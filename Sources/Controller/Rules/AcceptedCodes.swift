/// The newest code accepted here of each member: an accepted code must be newer, so a code opens this door once.
///
/// It is asked whoever decided, so that a code accepted alone is not accepted again by a server that has not heard of it yet.
/// Only codes that may still be valid are kept; of those forgotten the latest end is remembered, and no code that ends by then is
/// accepted: so a clock that jumps ahead and back again revives none.
package struct AcceptedCodes: Hashable, Sendable {
    package struct Code: Hashable, Sendable {
        package var memberID: Int64
        /// Orders the codes of a member by issue.
        package var sequence: Int64
        /// The last second of its validity, since 1970, without skew.
        package var expiresAtSeconds: Int64

        package init(memberID: Int64, sequence: Int64, expiresAtSeconds: Int64) {
            self.memberID = memberID
            self.sequence = sequence
            self.expiresAtSeconds = expiresAtSeconds
        }
    }

    private var newest: [Int64: Code] = [:]
    /// No code that ends by then is accepted any more.
    package private(set) var forgottenThroughSeconds: Int64 = 0
    private var forgettingAt: Int

    /// Beyond so many the expired ones are forgotten.
    private static let forgettingAtLeast = 1_024

    package init() {
        forgettingAt = Self.forgettingAtLeast
    }

    /// Those kept, by member, as they were put into a journal.
    package init(_ codes: [Code], forgottenThroughSeconds: Int64) {
        self.forgottenThroughSeconds = forgottenThroughSeconds
        for code in codes { newest[code.memberID] = code }
        forgettingAt = max(Self.forgettingAtLeast, 2 * newest.count)
    }

    package var all: [Code] { newest.values.sorted { $0.memberID < $1.memberID } }

    package func hasSeen(_ code: Code) -> Bool {
        if code.expiresAtSeconds <= forgottenThroughSeconds { return true }
        return newest[code.memberID].map { code.sequence <= $0.sequence } ?? false
    }

    package mutating func accept(_ code: Code, nowSeconds: Int64) {
        if let last = newest[code.memberID], last.sequence >= code.sequence { return }
        newest[code.memberID] = code
        if newest.count > forgettingAt { forget(nowSeconds: nowSeconds) }
    }

    /// - Parameter nowSeconds: what ended a minute and more before it is forgotten.
    package mutating func forget(nowSeconds: Int64) {
        for (member, code) in newest where code.expiresAtSeconds + 60 < nowSeconds {
            forgottenThroughSeconds = max(forgottenThroughSeconds, code.expiresAtSeconds)
            newest[member] = nil
        }
        forgettingAt = max(Self.forgettingAtLeast, 2 * newest.count)
    }
}
