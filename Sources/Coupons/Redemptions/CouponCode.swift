package import Crypto

/// A one-time code (券码) that stands for one coupon, to be read out or typed: ten random characters that say nothing else.
///
/// `K7QM2-XWD9F`. It holds 49 random bits for five minutes, and a device may ask for 20 wrong ones an hour: where ten million are in force,
/// ten thousand devices that guess all year hit three times. What the database keeps is an HMAC under the key file's secret, for so
/// few bits would not withstand trying them all against a plain hash.
package struct CouponCode: Hashable, Sendable {
    /// Thirty: without 0, 1, I, L, O and U, which are misread.
    private static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)
    package static let count = 10
    /// 5 minutes.
    package static let validitySeconds = 300

    private let characters: [UInt8]

    private init(characters: [UInt8]) { self.characters = characters }

    package static func random() -> CouponCode {
        var generator = SystemRandomNumberGenerator()
        return CouponCode(characters: (0..<count).map { _ in alphabet[Int.random(in: 0..<alphabet.count, using: &generator)] })
    }

    /// As typed: small letters, and spaces and hyphens anywhere or nowhere, are forgiven. Nil for what is no code.
    package init?(_ text: String) {
        guard text.utf8.count <= 32 else { return nil }
        let characters = text.uppercased().utf8.filter { $0 != 0x20 && $0 != 0x2D }
        guard characters.count == Self.count, characters.allSatisfy(Self.alphabet.contains) else { return nil }
        self.init(characters: Array(characters))
    }

    /// As shown: in two groups.
    package var text: String {
        String(decoding: characters.prefix(5), as: UTF8.self) + "-" + String(decoding: characters.suffix(5), as: UTF8.self)
    }

    package func digest(_ key: HMACKey) -> [UInt8] { key.authenticate(Array("coupon|".utf8) + characters) }

    package static func key(_ keys: Keys) -> HMACKey {
        HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation coupon code".utf8), count: 32))
    }
}

extension CouponCode: CustomStringConvertible, CustomReflectable {
    package var description: String { "CouponCode(hidden)" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
