package import Crypto

/// Checks codes where no secret may be: in a station. It holds public keys, with which nothing can be forged. Some 100 µs each.
package struct OfflineVerifier: Sendable {
    let publicKeys: [UInt8: PublicKey]

    /// - Parameter publicKeys: by the key id that stands in the code.
    package init(publicKeys: [UInt8: PublicKey]) {
        self.publicKeys = publicKeys
    }

    /// With the public halves of a key file's keys.
    package init(_ keys: Keys) {
        self.init(publicKeys: keys.memberCodePublicKeys)
    }

    /// - Parameter nowMicroseconds: since 1970.
    package func verify(_ text: String, nowMicroseconds: Int64) -> MemberCodeVerdict {
        guard let shown = MemberCodeText(text) else { return .malformed }
        guard let key = publicKeys[shown.code.keyID] else { return .unknownKey }
        guard shown.isAuthentic(under: key) else { return .forged }
        return shown.code.verdict(nowMicroseconds: nowMicroseconds)
    }
}

extension Keys {
    /// What stations are given: the public keys of all member-code keys, by id.
    package var memberCodePublicKeys: [UInt8: PublicKey] {
        memberCodeKeys.mapValues { key in
            do {
                return try SigningKey(seed: key.signingSeed).publicKey
            } catch {
                preconditionFailure("a member-code key's seed has 32 bytes")
            }
        }
    }
}
