package import Crypto

/// Checks codes where the secret is: on the server. About a microsecond each.
///
/// It looks at the HMAC, not at the signature: who can make the one can make the other.
package struct MemberCodeVerifier: Sendable {
    private let hmacKeys: [UInt8: HMACKey]

    package init(_ keys: Keys) {
        hmacKeys = keys.memberCodeKeys.mapValues { HMACKey($0.hmacSecret) }
    }

    /// - Parameter nowMicroseconds: when the code was shown, since 1970; for a scan that is reported later, its time then.
    package func verify(_ text: String, nowMicroseconds: Int64) -> MemberCodeVerdict {
        guard let shown = MemberCodeText(text) else { return .malformed }
        guard let key = hmacKeys[shown.code.keyID] else { return .unknownKey }
        guard shown.isAuthentic(under: key) else { return .forged }
        return shown.code.verdict(nowMicroseconds: nowMicroseconds)
    }
}
