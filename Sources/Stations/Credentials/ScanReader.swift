package import Crypto
import MemberCode
import Registry

/// Tells what a device read or heard typed: a member code, a printed card, a card's number or a day code. Pure, some microseconds.
package struct ScanReader: Sendable {
    private let codes: MemberCodeVerifier
    private let cards: MemberCardVerifier
    private let digests: CredentialDigests

    package init(_ keys: Keys) {
        codes = MemberCodeVerifier(keys)
        cards = MemberCardVerifier(keys)
        digests = CredentialDigests(keys)
    }

    /// - Parameters:
    ///   - text: as read; anything.
    ///   - pin: as typed with it; empty is none.
    ///   - nowMicroseconds: since 1970.
    package func read(_ text: String, pin: String?, nowMicroseconds: Int64) -> ScanCredential {
        func pinDigest(_ credential: [UInt8]) -> [UInt8]? { pin.flatMap { $0.isEmpty ? nil : digests.pin($0, of: credential) } }
        if text.utf8.starts(with: "WC1:".utf8) {
            switch cards.verify(text, nowMicroseconds: nowMicroseconds) {
            case .valid(let card), .expired(let card), .fromFuture(let card):
                // How long it is good its row says, which knows of a revocation too.
                let digest = digests.card(card.cardID)
                return .card(digest: digest, pinDigest: pinDigest(digest))
            case .malformed: return .memberCode(text, .malformed)
            case .unknownKey: return .memberCode(text, .unknownKey)
            case .forged: return .memberCode(text, .forged)
            }
        }
        if let number = CardNumber(text) {
            let digest = digests.number(number)
            return .number(digest: digest, pinDigest: pinDigest(digest))
        }
        if let digits = DayCode.eightDigits(text) {
            return .dayCode(digest: digests.dayCode(digits), refusal: DayCode(digits) == nil ? .dayCodeUnknown : nil)
        }
        return .memberCode(text, codes.verify(text, nowMicroseconds: nowMicroseconds))
    }
}
