import Crypto

/// A secret that a client shows with each request: a prefix that tells its kind, then 32 random bytes in base64url. Only its SHA-256 is
/// ever kept: 256 random bits need neither salt nor a slow hash.
struct BearerToken: Sendable {
    enum Kind: String, CaseIterable {
        case account = "wso_"
        case device = "wsd_"
        case member = "wsm_"
        /// Of an applicant: shows the own application and nothing else.
        case application = "wsa_"
    }

    let kind: Kind
    let text: String

    /// A new one.
    static func random(_ kind: Kind) -> BearerToken {
        BearerToken(kind: kind, text: kind.rawValue + Base64URL.encode(SecureRandom.bytes(32)))
    }

    /// One that follows from 32 secret bytes, so that who asks again gets the same.
    static func derived(_ kind: Kind, from bytes: [UInt8]) -> BearerToken {
        precondition(bytes.count == 32, "a token has 32 bytes")
        return BearerToken(kind: kind, text: kind.rawValue + Base64URL.encode(bytes))
    }

    private init(kind: Kind, text: String) {
        self.kind = kind
        self.text = text
    }

    /// Nil for what cannot be a token, so that nonsense costs no statement.
    init?(_ text: String) {
        guard text.utf8.count == 47, let kind = Kind.allCases.first(where: { text.hasPrefix($0.rawValue) }) else { return nil }
        self.init(kind: kind, text: text)
    }

    /// What the database has of it.
    var digest: [UInt8] { SHA256.hash(Array(text.utf8)) }
}
