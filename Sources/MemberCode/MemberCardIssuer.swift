package import Crypto

/// Makes the texts of members' cards with the current key. The same card always gets the same text, so it can be printed again.
package struct MemberCardIssuer: Sendable {
    private let keyID: UInt8
    private let hmacKey: HMACKey
    private let signingKey: SigningKey

    package init(_ keys: Keys) {
        keyID = keys.currentMemberCodeKeyID
        guard let key = keys.memberCodeKeys[keyID] else { preconditionFailure("the current member-code key is among the keys") }
        hmacKey = key.cardHMACKey
        do {
            signingKey = try SigningKey(seed: key.signingSeed)
        } catch {
            preconditionFailure("a member-code key's seed has 32 bytes")
        }
    }

    /// "WC1:" and Base45, 145 characters, in some 60 µs (the signature).
    ///
    /// - Parameters:
    ///   - issuedOnDay: days since 1970-01-01, in China.
    ///   - validDays: from 1, the first one included.
    package func text(cardID: Int64, memberID: Int64, issuedOnDay: UInt16, validDays: UInt16) -> String {
        precondition(validDays > 0, "a card is good for a day at least")
        let card = MemberCard(keyID: keyID, cardID: cardID, memberID: memberID, issuedOnDay: issuedOnDay, validDays: validDays)
        return MemberCard.form.make(card.bytes, hmacKey: hmacKey, signingKey: signingKey)
    }
}

/// Checks cards where the secret is: on the server, by the HMAC. About a microsecond each.
package struct MemberCardVerifier: Sendable {
    private let hmacKeys: [UInt8: HMACKey]

    package init(_ keys: Keys) {
        hmacKeys = keys.memberCodeKeys.mapValues(\.cardHMACKey)
    }

    /// - Parameter nowMicroseconds: when the card was shown, since 1970.
    package func verify(_ text: String, nowMicroseconds: Int64) -> MemberCardVerdict {
        guard let shown = SignedText(text, MemberCard.form), let card = MemberCard(bytes: shown.bytes) else { return .malformed }
        guard let key = hmacKeys[card.keyID] else { return .unknownKey }
        guard shown.isAuthentic(under: key) else { return .forged }
        return card.verdict(nowMicroseconds: nowMicroseconds)
    }
}

extension OfflineVerifier {
    /// Checks a printed card by its signature. Whether it is revoked says the list of refused cards.
    /// - Parameter nowMicroseconds: since 1970.
    package func verifyCard(_ text: String, nowMicroseconds: Int64) -> MemberCardVerdict {
        guard let shown = SignedText(text, MemberCard.form), let card = MemberCard(bytes: shown.bytes) else { return .malformed }
        guard let key = publicKeys[card.keyID] else { return .unknownKey }
        guard shown.isAuthentic(under: key) else { return .forged }
        return card.verdict(nowMicroseconds: nowMicroseconds)
    }
}
