package import Crypto

/// What stands in the audit in a person's place where a number of ours does not do: a keyed digest, the same for the same person.
///
/// Nobody without the key file can try all national ids against it, and erasing the person leaves the chain as it is.
package struct AuditDigest: Sendable {
    private let key: HMACKey

    package init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation audit digest".utf8), count: 32))
    }

    /// 32 hexadecimal digits.
    package func callAsFunction(_ nationalID: NationalID) -> String { digest("national id", nationalID.text) }

    /// 32 hexadecimal digits.
    package func callAsFunction(_ phone: PhoneNumber) -> String { digest("phone", phone.text) }

    private func digest(_ kind: String, _ text: String) -> String {
        Hex.encode(Array(key.authenticate(Array("\(kind)|\(text)".utf8)).prefix(16)))
    }
}
