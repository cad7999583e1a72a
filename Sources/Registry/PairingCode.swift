import Crypto

/// A code that is read off one screen and typed into another: twelve random characters that say nothing else.
///
/// `K7QM-2XWD-9FGH`. A code holds 58 random bits for minutes, a day at most: somebody who tries a million codes a second for ten minutes
/// finds a given one with a chance of one in nine hundred million. So wrong codes need no count; and a count would let a stranger
/// use up the tries of somebody else's pairing. What the database keeps is an HMAC under the key file's secret, for so few bits would not
/// withstand trying them all against a plain hash.
struct PairingCode: Sendable {
    /// Thirty: without 0, 1, I, L, O and U, which are misread.
    private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    private static let count = 12
    private static let groupCount = 4

    private let characters: [UInt8]

    private init(characters: [UInt8]) { self.characters = characters }

    static func random() -> PairingCode {
        var generator = SystemRandomNumberGenerator()
        return PairingCode(characters: (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// As typed: small letters, and spaces and hyphens anywhere or nowhere, are forgiven. Nil for what is no code.
    init?(_ text: String) {
        let characters = text.uppercased().utf8.filter { $0 != 0x20 && $0 != 0x2D }
        guard characters.count == Self.count, characters.allSatisfy(Self.alphabet.contains) else { return nil }
        self.init(characters: Array(characters))
    }

    /// As shown: in groups of four.
    var text: String {
        stride(from: 0, to: Self.count, by: Self.groupCount)
            .map { String(decoding: characters[$0..<$0 + Self.groupCount], as: UTF8.self) }
            .joined(separator: "-")
    }

    /// - Parameter purpose: a code for one thing is none for another.
    func digest(_ key: HMACKey, of purpose: String = "device pairing") -> [UInt8] {
        key.authenticate(Array("\(purpose)|".utf8) + characters)
    }
}
