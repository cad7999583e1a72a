import Crypto

/// How a thing with an HMAC and a signature is spelled: a prefix, then Base45 of its content, 8 bytes of HMAC-SHA256 of the content, and
/// an Ed25519 signature of both.
struct SignedForm: Sendable {
    static let authenticatorByteCount = 8

    /// With its colon.
    let prefix: String
    let contentByteCount: Int
    /// What is signed before the bytes, so that a signature made for another purpose never passes for this one.
    let domain: [UInt8]

    init(prefix: String, contentByteCount: Int, domain: String) {
        self.prefix = prefix
        self.contentByteCount = contentByteCount
        self.domain = Array(domain.utf8)
    }

    var signedByteCount: Int { contentByteCount + Self.authenticatorByteCount }
    var byteCount: Int { signedByteCount + SigningKey.signatureByteCount }
    var characterCount: Int { prefix.utf8.count + byteCount / 2 * 3 + byteCount % 2 * 2 }

    /// The text of `content` made with these keys.
    func make(_ content: [UInt8], hmacKey: HMACKey, signingKey: SigningKey) -> String {
        precondition(content.count == contentByteCount, "a content has the form's length")
        var bytes = content
        bytes.append(bigEndian: hmacKey.authenticate64(bytes.span.bytes))
        bytes += signingKey.sign(domain + bytes)
        return prefix + Base45.encode(bytes)
    }
}

/// A text of a signed form taken apart, nothing of it checked yet.
struct SignedText {
    private let form: SignedForm
    /// The content first.
    let bytes: [UInt8]

    /// Nil if it is not of the form.
    init?(_ text: String, _ form: SignedForm) {
        // The length first: what is longer costs no more than what is right.
        guard text.utf8.count == form.characterCount, text.utf8.starts(with: form.prefix.utf8) else { return nil }
        let spelled = text.utf8.span.extracting(droppingFirst: form.prefix.utf8.count)
        guard let bytes = Base45.decode(spelled), bytes.count == form.byteCount else { return nil }
        self.form = form
        self.bytes = bytes
    }

    /// Whether its HMAC is that of `key`.
    func isAuthentic(under key: HMACKey) -> Bool {
        let expected = key.authenticate64(bytes.span.bytes.extracting(0..<form.contentByteCount))
        let shown: UInt64 = bytes.bigEndian(at: form.contentByteCount)
        // One comparison of a machine word: its time tells nothing of where they differ.
        return expected == shown
    }

    /// Whether its signature is that of `key`.
    func isAuthentic(under key: PublicKey) -> Bool {
        let signed = form.domain + bytes[..<form.signedByteCount]
        return key.verifies(bytes.span.bytes.extracting(form.signedByteCount..<bytes.count), of: signed.span.bytes)
    }
}
