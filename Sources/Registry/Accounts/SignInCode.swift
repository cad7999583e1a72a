import Crypto

/// Six digits sent to a phone, by which its owner signs in.
///
/// A million possibilities, of which five can be tried within five minutes: what the database keeps is an HMAC under the key file's secret,
/// bound to the number, for so few would not withstand trying them all against a plain hash.
struct SignInCode: Hashable, Sendable {
    /// How long a code holds, from when it is drawn.
    static let validSeconds: Int64 = 300
    /// How often a code may be tried, the right one included.
    static let triesMax = 5

    /// `042917`.
    let text: String

    private init(number: Int) {
        let digits = String(number)
        text = String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Each of the million equally often.
    static func random(using generator: inout some RandomNumberGenerator) -> SignInCode {
        SignInCode(number: Int.random(in: 0...999_999, using: &generator))
    }

    static func random() -> SignInCode {
        var generator = SystemRandomNumberGenerator()
        return random(using: &generator)
    }

    /// As typed or pasted: spaces, hyphens and full-width digits are forgiven. Nil for what is no code.
    init?(_ text: String) {
        let digits = asciiDigits(text).filter { $0 != 0x20 && $0 != 0x2D }
        guard digits.count == 6, digits.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        self.init(number: digits.reduce(0) { $0 * 10 + Int($1 - 0x30) })
    }

    /// What the database keeps.
    func digest(_ key: HMACKey, phoneIndex: [UInt8]) -> [UInt8] {
        key.authenticate(Array("sign in|".utf8) + phoneIndex + Array(text.utf8))
    }
}

extension SignInCode: CustomStringConvertible, CustomReflectable {
    var description: String { "******" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
