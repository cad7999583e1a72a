/// Finds equal values of one sealed field without opening any: HMAC-SHA256 under a key of that field's own.
///
/// It answers equality only. Who holds the secret can try out all phone numbers in minutes, so it lives in the key file, outside the
/// database.
package struct BlindIndex: Sendable {
    private let key: HMACKey

    /// - Parameters:
    ///   - secret: the key file's blind-index secret.
    ///   - field: what is indexed, "member.phone"; equal values of two fields have unrelated indexes.
    package init(secret: [UInt8], field: String) {
        key = HMACKey(HKDF.derive(secret: secret, info: Array("waystation blind index|\(field)".utf8), count: 32))
    }

    /// The index of `text`, 32 bytes. Spellings that mean the same must be made the same before.
    package func callAsFunction(_ text: String) -> [UInt8] {
        key.authenticate(text.utf8.span.bytes)
    }
}
