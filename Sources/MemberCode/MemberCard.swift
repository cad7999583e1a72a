import Crypto

/// What a printed card (会员卡) says, once it is checked: whose it is, which card, from which day for how long.
///
/// Its layout is that of a `MemberCode`, 22 bytes, big endian: version (1 byte), key id (1), card id (8), member id (8), issued on (2),
/// valid days (2); then 8 bytes of HMAC-SHA256 under a key of the cards' own; then an Ed25519 signature (64), by which a station without
/// network checks it. With "WC1:" before it 145 characters of QR's alphanumeric mode.
///
/// A card opens many times. What ends one before its day is its number: the server's row, and the list that stations keep.
package struct MemberCard: Hashable, Sendable {
    /// The key it was made with.
    package let keyID: UInt8
    /// The credential's number, by which it is revoked.
    package let cardID: Int64
    package let memberID: Int64
    /// The first day it is good on, in China: days since 1970-01-01.
    package let issuedOnDay: UInt16
    /// How many days it is good, the first one included.
    package let validDays: UInt16

    /// The first day it is no longer good on, since 1970-01-01.
    package var endsOnDay: Int64 { Int64(issuedOnDay) + Int64(validDays) }

    /// What the time says of an authentic card.
    func verdict(nowMicroseconds: Int64) -> MemberCardVerdict {
        let now = nowMicroseconds / 1_000_000
        if Self.start(ofDay: Int64(issuedOnDay)) > now + MemberCode.skewSeconds { return .fromFuture(self) }
        if now > Self.start(ofDay: endsOnDay) + MemberCode.skewSeconds { return .expired(self) }
        return .valid(self)
    }

    /// When a day begins in China, which keeps UTC+8 all year.
    private static func start(ofDay day: Int64) -> Int64 { day * 86_400 - 8 * 3_600 }
}

/// What a check of a card finds. Whether it is revoked, and whether the member may enter, are other questions.
package enum MemberCardVerdict: Hashable, Sendable {
    /// Authentic, and in its days.
    case valid(MemberCard)
    /// Not a card: another QR, or one cut short.
    case malformed
    /// Made with a key that is not held here.
    case unknownKey
    /// Of the form of a card, but not made with the key it names.
    case forged
    /// Authentic, and past its last day.
    case expired(MemberCard)
    /// Authentic, and of a day to come: one of the clocks is wrong.
    case fromFuture(MemberCard)
}

extension MemberCard {
    static let version: UInt8 = 1
    static let form = SignedForm(prefix: "WC1:", contentByteCount: 22, domain: "waystation member card 1|")

    /// Its 22 bytes.
    var bytes: [UInt8] {
        var bytes = [Self.version, keyID]
        bytes.reserveCapacity(Self.form.byteCount)
        bytes.append(bigEndian: cardID)
        bytes.append(bigEndian: memberID)
        bytes.append(bigEndian: issuedOnDay)
        bytes.append(bigEndian: validDays)
        return bytes
    }

    /// The card in the first 22 of `bytes`; nil if it is of another version, or of a form that is never issued.
    init?(bytes: [UInt8]) {
        guard bytes.count >= Self.form.contentByteCount, bytes[0] == Self.version else { return nil }
        keyID = bytes[1]
        cardID = bytes.bigEndian(at: 2)
        memberID = bytes.bigEndian(at: 10)
        issuedOnDay = bytes.bigEndian(at: 18)
        validDays = bytes.bigEndian(at: 20)
        guard validDays > 0 else { return nil }
    }
}

extension MemberCodeKey {
    /// The cards' own key: the layouts of code and card are alike, and an HMAC of one must never pass for the other's.
    var cardHMACKey: HMACKey {
        HMACKey(HKDF.derive(secret: hmacSecret, info: Array("waystation member card".utf8), count: 32))
    }
}
