import Crypto

/// A code as it is shown: its text taken apart, nothing of it checked yet.
struct MemberCodeText {
    static let prefix = "WS1:"
    static let authenticatorByteCount = 8
    static let byteCount = MemberCode.byteCount + authenticatorByteCount + SigningKey.signatureByteCount
    static let characterCount = prefix.utf8.count + byteCount / 2 * 3
    /// What is signed before the bytes, so that a signature made for another purpose never passes for a code.
    static let domain = Array("waystation member code 1|".utf8)

    let code: MemberCode
    private let bytes: [UInt8]

    /// Nil if it is not of the form of a code.
    init?(_ text: String) {
        // The length first: what is longer than a code costs no more than one.
        guard text.utf8.count == Self.characterCount, text.utf8.starts(with: Self.prefix.utf8) else { return nil }
        let spelled = text.utf8.span.extracting(droppingFirst: Self.prefix.utf8.count)
        guard let bytes = Base45.decode(spelled), bytes.count == Self.byteCount else { return nil }
        guard let code = MemberCode(bytes: bytes) else { return nil }
        self.bytes = bytes
        self.code = code
    }

    /// Whether its HMAC is that of `key`.
    func isAuthentic(under key: HMACKey) -> Bool {
        let expected = key.authenticate64(bytes.span.bytes.extracting(0..<MemberCode.byteCount))
        let shown: UInt64 = bytes.bigEndian(at: MemberCode.byteCount)
        // One comparison of a machine word: its time tells nothing of where they differ.
        return expected == shown
    }

    /// Whether its signature is that of `key`.
    func isAuthentic(under key: PublicKey) -> Bool {
        let end = MemberCode.byteCount + Self.authenticatorByteCount
        let signed = Self.domain + bytes[..<end]
        return key.verifies(bytes.span.bytes.extracting(end..<bytes.count), of: signed.span.bytes)
    }

    /// The text of a code made with `key`.
    static func make(_ code: MemberCode, hmacKey: HMACKey, signingKey: SigningKey) -> String {
        var bytes = code.bytes
        bytes.append(bigEndian: hmacKey.authenticate64(bytes.span.bytes))
        bytes += signingKey.sign(domain + bytes)
        return prefix + Base45.encode(bytes)
    }
}
