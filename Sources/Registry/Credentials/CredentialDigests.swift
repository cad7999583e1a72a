package import Crypto

/// The keyed digests by which the database finds a card, a number or a day code, and knows a PIN. What it holds can be turned back only
/// by who has the key file.
///
/// A PIN's digest is bound to the digest of what it belongs to, so that equal PINs look different. It is an HMAC and not a slow hash: it
/// is made at every scan on the loop that serves the door, and ten thousand PINs withstand no hash, however slow, once its key is known;
/// what protects a PIN is the key file, and the lock after five wrong ones.
package struct CredentialDigests: Sendable {
    private let cards: BlindIndex
    private let numbers: BlindIndex
    private let dayCodes: BlindIndex
    private let pins: HMACKey

    package init(_ keys: Keys) {
        cards = BlindIndex(secret: keys.blindIndexSecret, field: "access_credential.card")
        numbers = BlindIndex(secret: keys.blindIndexSecret, field: "access_credential.number")
        dayCodes = BlindIndex(secret: keys.blindIndexSecret, field: "access_credential.day_code")
        pins = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation credential pin".utf8), count: 32))
    }

    /// Of a printed card, by its number.
    package func card(_ number: Int64) -> [UInt8] { cards(String(number)) }
    package func number(_ number: CardNumber) -> [UInt8] { numbers(number.hex) }
    /// - Parameter digits: eight, whatever the check digit says.
    package func dayCode(_ digits: String) -> [UInt8] { dayCodes(digits) }
    /// - Parameters:
    ///   - typed: as typed; what is no PIN is a wrong one.
    ///   - credential: the digest of what the PIN belongs to.
    package func pin(_ typed: String, of credential: [UInt8]) -> [UInt8] { pins.authenticate(credential + Array(typed.utf8)) }
}
