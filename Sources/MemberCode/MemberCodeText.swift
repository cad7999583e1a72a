import Crypto

/// A code as it is shown: its text taken apart, nothing of it checked yet.
struct MemberCodeText {
    static let form = SignedForm(prefix: "WS1:", contentByteCount: MemberCode.byteCount, domain: "waystation member code 1|")

    let code: MemberCode
    private let text: SignedText

    /// Nil if it is not of the form of a code.
    init?(_ text: String) {
        guard let text = SignedText(text, Self.form), let code = MemberCode(bytes: text.bytes) else { return nil }
        self.text = text
        self.code = code
    }

    /// Whether its HMAC is that of `key`.
    func isAuthentic(under key: HMACKey) -> Bool { text.isAuthentic(under: key) }

    /// Whether its signature is that of `key`.
    func isAuthentic(under key: PublicKey) -> Bool { text.isAuthentic(under: key) }

    /// The text of a code made with `key`.
    static func make(_ code: MemberCode, hmacKey: HMACKey, signingKey: SigningKey) -> String {
        form.make(code.bytes, hmacKey: hmacKey, signingKey: signingKey)
    }
}
