import Crypto

/// A code that is read off one screen and typed into another: the pairing's number, then eight characters that say nothing else.
///
/// `17-K7QM-2XWD`. The number makes wrong tries countable; 39 random bits behind five tries leave a guesser one chance in a hundred
/// thousand million. What the database keeps is an HMAC under the key file's secret, for so few bits would not withstand trying them all
/// against a plain hash.
struct PairingCode: Sendable {
    /// Thirty: without 0, 1, I, L, O and U, which are misread.
    private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let characters = 8

    let pairingID: Int64
    private let secret: [UInt8]

    /// Eight random characters.
    static func randomSecret() -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<characters).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] }
    }

    init(pairingID: Int64, secret: [UInt8]) {
        self.pairingID = pairingID
        self.secret = secret
    }

    /// As typed: small letters, spaces and missing hyphens are forgiven. Nil for what is no code.
    init?(_ text: String) {
        let bytes = Array(text.uppercased().utf8).filter { $0 != 0x20 }
        guard let hyphen = bytes.firstIndex(of: 0x2D), let pairingID = Int64(String(decoding: bytes[..<hyphen], as: UTF8.self)) else {
            return nil
        }
        let secret = bytes[hyphen...].filter { $0 != 0x2D }
        guard pairingID > 0, secret.count == Self.characters, secret.allSatisfy(Self.alphabet.contains) else { return nil }
        self.init(pairingID: pairingID, secret: secret)
    }

    var text: String {
        let secret = String(decoding: secret, as: UTF8.self)
        return "\(pairingID)-\(secret.prefix(4))-\(secret.suffix(4))"
    }

    func digest(_ key: HMACKey) -> [UInt8] { key.authenticate(Array("device pairing|".utf8) + secret) }
}
