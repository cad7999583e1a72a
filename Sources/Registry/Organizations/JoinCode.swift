import Crypto

/// What stands on an organization's poster (一会一码): eight characters that say nothing else, the last of which checks the others.
///
/// The 29 characters leave out those that are misread (0, 1, I, L, O, U, Z). Their number is a prime, so with a weight of its own at each
/// place the check finds every wrong character and every pair that was swapped, side by side or apart. Seventeen billion codes: whoever
/// tries them finds one organization's door, which is open to everyone anyway.
package struct JoinCode: Hashable, Sendable {
    /// Eight characters, as stored.
    package let text: String

    static let alphabet = Array("23456789ABCDEFGHJKMNPQRSTVWXY".utf8)
    private static let count = 8
    private static let scheme = "WSJ1:"

    package static func random() -> JoinCode {
        var generator = SystemRandomNumberGenerator()
        let body = (0..<count - 1).map { _ in Int.random(in: 0..<alphabet.count, using: &generator) }
        return JoinCode(body: body)
    }

    init(body: [Int]) {
        let characters = body.map { Self.alphabet[$0] } + [Self.alphabet[Self.check(body)]]
        text = String(decoding: characters, as: UTF8.self)
    }

    /// As scanned or typed: the QR's text or the short code, in small letters too, with spaces and hyphens anywhere.
    /// Nil for what is no code.
    package init?(_ text: String) {
        var characters = text.uppercased().utf8.filter { $0 != 0x20 && $0 != 0x2D }
        if characters.starts(with: Self.scheme.utf8) { characters.removeFirst(Self.scheme.utf8.count) }
        guard characters.count == Self.count else { return nil }
        var values: [Int] = []
        for character in characters {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            values.append(value)
        }
        guard Self.check(Array(values.dropLast())) == values[Self.count - 1] else { return nil }
        self.text = String(decoding: characters, as: UTF8.self)
    }

    /// As printed: `K7QM-2XWD`.
    package var printed: String { "\(text.prefix(4))-\(text.suffix(4))" }

    /// What the QR says: no address, so that it outlives every address; all of it in the QR's alphanumeric mode.
    package var qrText: String { Self.scheme + text }

    private static func check(_ body: [Int]) -> Int {
        let sum = body.enumerated().reduce(0) { $0 + ($1.offset + 2) * $1.element }
        // The last place has the weight 1, and the whole is a multiple of 29.
        return (alphabet.count - sum % alphabet.count) % alphabet.count
    }
}
