package import Crypto
import Runtime

/// What the QR of a printed paper says: which paper it is, and that it was made here.
///
/// Text: a prefix with its colon, our reference of the paper, a colon, 16 bytes of HMAC-SHA256 as 32 hexadecimal digits; all of QR's
/// alphanumeric mode, and nothing that an address has to escape. It says nothing of a person and holds as long as the key file; what the
/// paper is worth is looked up when it is shown. No signature: only the server checks it.
package struct PaperCode: Sendable {
    private static let authenticatorByteCount = 16
    /// In characters.
    package static let lengthMax = 100

    private let prefix: String
    private let key: HMACKey

    /// - Parameters:
    ///   - prefix: with its colon: `WSP1:`.
    ///   - purpose: a key of its own for each kind of paper: one's code never passes for another's.
    package init(_ keys: Keys, prefix: String, purpose: String) {
        self.prefix = prefix
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array(purpose.utf8), count: 32))
    }

    package func text(_ reference: String) -> String {
        "\(prefix)\(reference):\(Hex.encode(authenticator(reference)).uppercased())"
    }

    /// The reference, if the text was made here; small letters are forgiven.
    package func read(_ text: String) -> String? {
        guard text.utf8.count <= Self.lengthMax else { return nil }
        let spelled = text.uppercased()
        guard spelled.hasPrefix(prefix) else { return nil }
        let parts = spelled.dropFirst(prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let shown = Hex.decode(parts[1].lowercased()) else { return nil }
        let reference = String(parts[0])
        return constantTimeEqual(shown, authenticator(reference)) ? reference : nil
    }

    private func authenticator(_ reference: String) -> [UInt8] {
        Array(key.authenticate(Array("\(prefix)\(reference)".utf8)).prefix(Self.authenticatorByteCount))
    }
}
