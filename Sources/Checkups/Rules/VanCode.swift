package import Crypto
import MemberCode
import Postgres
package import Registry
package import Runtime

/// What a van's device read: a member code, a printed card or a card's number, and what its check found.
package struct VanCode: Sendable {
    /// `member_code`, `card`, `number`.
    package let kind: String
    /// Whose code it is; nil when it is not authentic, and for cards and numbers, which are looked up when it is decided.
    package let memberID: ID<Member>?
    /// What the code itself is refused for.
    package let reason: CheckupReason?
    /// What `access_credential` knows it by.
    package let digest: [UInt8]?
    package let pinDigest: [UInt8]?
    /// All that was said, for the fingerprint.
    let said: [UInt8]
}

/// Tells what a device read, as doors do (a door's day codes are none of a van's: somebody is there to look). Pure, some microseconds.
package struct VanCodeReader: Sendable {
    private let codes: MemberCodeVerifier
    private let cards: MemberCardVerifier
    private let digests: CredentialDigests
    private let fingerprintKey: HMACKey

    package init(_ keys: Keys) {
        codes = MemberCodeVerifier(keys)
        cards = MemberCardVerifier(keys)
        digests = CredentialDigests(keys)
        fingerprintKey = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation checkup fingerprint".utf8), count: 32))
    }

    /// - Parameters:
    ///   - text: as read; anything.
    ///   - pin: as typed with it; empty is none.
    ///   - nowMicroseconds: since 1970.
    package func read(_ text: String, pin: String?, nowMicroseconds: Int64) -> VanCode {
        func credential(_ kind: String, _ digest: [UInt8]) -> VanCode {
            let pinDigest = pin.flatMap { $0.isEmpty ? nil : digests.pin($0, of: digest) }
            return VanCode(
                kind: kind, memberID: nil, reason: nil, digest: digest, pinDigest: pinDigest,
                said: Array(kind.utf8) + digest + (pinDigest ?? []))
        }
        func code(_ member: Int64?, _ reason: CheckupReason?) -> VanCode {
            VanCode(
                kind: "member_code", memberID: member.map { ID($0) }, reason: reason, digest: nil, pinDigest: nil, said: Array(text.utf8))
        }
        if text.utf8.starts(with: "WC1:".utf8) {
            switch cards.verify(text, nowMicroseconds: nowMicroseconds) {
            // How long it is good its row says, which knows of a revocation too.
            case .valid(let card), .expired(let card), .fromFuture(let card): return credential("card", digests.card(card.cardID))
            case .malformed: return code(nil, .codeMalformed)
            case .unknownKey: return code(nil, .codeUnknownKey)
            case .forged: return code(nil, .codeForged)
            }
        }
        if let number = CardNumber(text) { return credential("number", digests.number(number)) }
        switch codes.verify(text, nowMicroseconds: nowMicroseconds) {
        case .valid(let shown): return code(shown.memberID, nil)
        case .expired(let shown): return code(shown.memberID, .codeExpired)
        case .fromFuture(let shown): return code(shown.memberID, .codeFromFuture)
        case .malformed: return code(nil, .codeMalformed)
        case .unknownKey: return code(nil, .codeUnknownKey)
        case .forged: return code(nil, .codeForged)
        }
    }

    /// Tells a repeat from another request under the same id: an HMAC, cut to 16 bytes, for what was typed may hold a PIN.
    func fingerprint(_ purpose: String, _ code: VanCode, occurredAt: Timestamp) -> [UInt8] {
        Array(fingerprintKey.authenticate(Array("\(purpose) \(occurredAt.microseconds) ".utf8) + code.said).prefix(16))
    }
}
