package import Crypto
import Postgres
package import Registry
package import Runtime

/// What a van's device read: a member code, a printed card or a card's number, and what its check found.
package struct VanCode: Sendable {
    /// `member_code`, `card`, `number`.
    package var kind: String { shown.kind.rawValue }
    /// Whose code it is; nil when it is not authentic, and for cards and numbers, which are looked up when it is decided.
    package var memberID: ID<Member>? { shown.memberID }
    /// What the code itself is refused for.
    package var reason: CheckupReason? {
        switch shown.fault {
        case .malformed: .codeMalformed
        case .unknownKey: .codeUnknownKey
        case .forged: .codeForged
        case .expired: .codeExpired
        case .fromFuture: .codeFromFuture
        case nil: nil
        }
    }
    /// What `access_credential` knows it by.
    package var digest: [UInt8]? { shown.digest }
    package var pinDigest: [UInt8]? { shown.pinDigest }

    fileprivate let shown: ShownCode
}

/// Tells what a van's device read.
package struct VanCodeReader: Sendable {
    private let reader: ShownCodeReader

    package init(_ keys: Keys) {
        reader = ShownCodeReader(keys, for: "checkup")
    }

    /// - Parameters:
    ///   - text: as read; anything.
    ///   - pin: as typed with it; empty is none.
    ///   - nowMicroseconds: since 1970.
    package func read(_ text: String, pin: String?, nowMicroseconds: Int64) -> VanCode {
        VanCode(shown: reader.read(text, pin: pin, nowMicroseconds: nowMicroseconds))
    }

    /// Tells a repeat from another request under the same id.
    func fingerprint(_ purpose: String, _ code: VanCode, occurredAt: Timestamp) -> [UInt8] {
        reader.fingerprint("\(purpose) \(occurredAt.microseconds)", said: code.shown.said)
    }
}
