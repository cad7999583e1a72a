/// A unified social credit code (统一社会信用代码) of GB 32100-2015: eighteen characters, the last of which checks the others (ISO 7064 by
/// powers of three modulo 31). The letters I, O, S, V and Z do not occur.
package struct CreditCode: Hashable, Sendable {
    package let text: String

    private static let alphabet = Array("0123456789ABCDEFGHJKLMNPQRTUWXY".utf8)

    /// - Parameter text: small letters, full-width characters and spaces around are accepted. Nil for what is no such code.
    package init?(_ text: String) {
        let characters = Array(String(decoding: asciiDigits(text), as: UTF8.self).uppercased().utf8)
        guard characters.count == 18 else { return nil }
        var sum = 0
        var weight = 1
        for character in characters.dropLast() {
            guard let value = Self.alphabet.firstIndex(of: character) else { return nil }
            sum += value * weight
            weight = weight * 3 % 31
        }
        guard characters.last == Self.alphabet[(31 - sum % 31) % 31] else { return nil }
        self.text = String(decoding: characters, as: UTF8.self)
    }
}
