import Crypto
import Runtime

/// What a certificate's QR says: which policy it is of, and that it was made here.
///
/// Text: `WSP1:`, our reference of the policy, a colon, 16 bytes of HMAC-SHA256 as 32 hexadecimal digits; all of QR's alphanumeric mode,
/// and nothing that an address has to escape. It says nothing of a person and holds as long as the key file; what it is worth the policy
/// itself says, looked up when it is shown. No signature: only the server checks it.
struct PolicyCode: Sendable {
    private static let prefix = "WSP1:"
    private static let authenticatorByteCount = 16
    static let lengthMax = 100

    private let key: HMACKey

    init(_ keys: Keys) {
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation policy certificate".utf8), count: 32))
    }

    func text(_ reference: PolicyReference) -> String {
        "\(Self.prefix)\(reference):\(Hex.encode(authenticator(reference)).uppercased())"
    }

    /// The policy, if the text was made here; small letters are forgiven.
    func read(_ text: String) -> PolicyReference? {
        guard text.utf8.count <= Self.lengthMax else { return nil }
        let spelled = text.uppercased()
        guard spelled.hasPrefix(Self.prefix) else { return nil }
        let parts = spelled.dropFirst(Self.prefix.count).split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let reference = PolicyReference(parts[0]), let shown = Hex.decode(parts[1].lowercased()),
            constantTimeEqual(shown, authenticator(reference))
        else { return nil }
        return reference
    }

    private func authenticator(_ reference: PolicyReference) -> [UInt8] {
        Array(key.authenticate(Array("\(Self.prefix)\(reference)".utf8)).prefix(Self.authenticatorByteCount))
    }
}
