import Crypto
import FoundationEssentials

/// What a receiver checks our signature with (Standard Webhooks): `whsec_` and 32 random bytes in base64, shown once.
struct WebhookSecret: Sendable {
    private static let prefix = "whsec_"

    let bytes: [UInt8]

    static func random() -> WebhookSecret { WebhookSecret(bytes: SecureRandom.bytes(32)) }

    var text: String { Self.prefix + Data(bytes).base64EncodedString() }

    /// `v1,` and the HMAC-SHA256 of id, time and body in base64.
    func signature(id: String, timestamp: Int64, body: [UInt8]) -> String {
        let code = HMACKey(bytes).authenticate(Array("\(id).\(timestamp).".utf8) + body)
        return "v1," + Data(code).base64EncodedString()
    }
}
