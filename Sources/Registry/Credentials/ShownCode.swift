package import Crypto
import MemberCode
package import Runtime

/// What a device read where somebody is there to look: a member code, a printed card or a card's number, and what its check found.
package struct ShownCode: Sendable {
    package enum Kind: String, Sendable {
        case memberCode = "member_code"
        case card, number
    }

    /// What is wrong with the code itself, whoever's it is.
    package enum Fault: Sendable {
        case malformed, unknownKey, forged, expired, fromFuture
    }

    package let kind: Kind
    /// Whose code it is; nil when it is not authentic, and for cards and numbers, which are looked up when it is decided.
    package let memberID: ID<Member>?
    package let fault: Fault?
    /// What `access_credential` knows it by.
    package let digest: [UInt8]?
    package let pinDigest: [UInt8]?
    /// All that was said, for the fingerprint.
    package let said: [UInt8]
}

/// Tells what a device read, as doors do (a door's day codes are none of these). Pure, some microseconds.
package struct ShownCodeReader: Sendable {
    private let codes: MemberCodeVerifier
    private let cards: MemberCardVerifier
    private let digests: CredentialDigests
    private let fingerprintKey: HMACKey

    /// - Parameter feature: whose fingerprints it makes: one's say nothing to another.
    package init(_ keys: Keys, for feature: String) {
        codes = MemberCodeVerifier(keys)
        cards = MemberCardVerifier(keys)
        digests = CredentialDigests(keys)
        fingerprintKey = HMACKey(
            HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation \(feature) fingerprint".utf8), count: 32))
    }

    /// - Parameters:
    ///   - text: as read; anything.
    ///   - pin: as typed with it; empty is none.
    ///   - nowMicroseconds: when it was shown, since 1970.
    package func read(_ text: String, pin: String?, nowMicroseconds: Int64) -> ShownCode {
        func credential(_ kind: ShownCode.Kind, _ digest: [UInt8]) -> ShownCode {
            let pinDigest = pin.flatMap { $0.isEmpty ? nil : digests.pin($0, of: digest) }
            return ShownCode(
                kind: kind, memberID: nil, fault: nil, digest: digest, pinDigest: pinDigest,
                said: Array(kind.rawValue.utf8) + digest + (pinDigest ?? []))
        }
        func code(_ member: Int64?, _ fault: ShownCode.Fault?) -> ShownCode {
            ShownCode(
                kind: .memberCode, memberID: member.map { ID($0) }, fault: fault, digest: nil, pinDigest: nil, said: Array(text.utf8))
        }
        if text.utf8.starts(with: "WC1:".utf8) {
            switch cards.verify(text, nowMicroseconds: nowMicroseconds) {
            // How long it is good its row says, which knows of a revocation too.
            case .valid(let card), .expired(let card), .fromFuture(let card): return credential(.card, digests.card(card.cardID))
            case .malformed: return code(nil, .malformed)
            case .unknownKey: return code(nil, .unknownKey)
            case .forged: return code(nil, .forged)
            }
        }
        if let number = CardNumber(text) { return credential(.number, digests.number(number)) }
        switch codes.verify(text, nowMicroseconds: nowMicroseconds) {
        case .valid(let shown): return code(shown.memberID, nil)
        case .expired(let shown): return code(shown.memberID, .expired)
        case .fromFuture(let shown): return code(shown.memberID, .fromFuture)
        case .malformed: return code(nil, .malformed)
        case .unknownKey: return code(nil, .unknownKey)
        case .forged: return code(nil, .forged)
        }
    }

    /// Tells a repeat from another request under the same id: an HMAC, cut to 16 bytes, for what was typed may hold a PIN.
    /// - Parameter asked: all of the request that the code does not say.
    package func fingerprint(_ asked: String, said: [UInt8]) -> [UInt8] {
        Array(fingerprintKey.authenticate(Array("\(asked) ".utf8) + said).prefix(16))
    }
}
