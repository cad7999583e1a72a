import Crypto

/// What a member's rotating code says, once it is checked: who, since when, for how long.
///
/// On the wire 22 bytes, big endian: version (1 byte), key id (1), member id (8), issued at (4), validity (2), groups (2), nonce (4);
/// then the first 8 bytes of their HMAC-SHA256, which the server checks in a microsecond; then an Ed25519 signature (64) of all before it,
/// which a station without network checks, holding nothing to forge with. Base45 with "WS1:" before it makes 145 characters of it.
package struct MemberCode: Hashable, Sendable {
    /// What a code may seem to come from the future, or be used after its end, because two clocks differ: 5 seconds, both borders included.
    package static let skewSeconds: Int64 = 5
    /// A screen's code lives for a minute.
    package static let validitySecondsDefault: UInt16 = 60

    /// The key it was made with.
    package let keyID: UInt8
    package let memberID: Int64
    /// Seconds since 1970.
    package let issuedAtSeconds: UInt32
    package let validitySeconds: UInt16
    /// What the member belongs to, one bit each, for stations that decide without network.
    package let groups: UInt16
    /// 20 bits of the microsecond within the second of issue, then 11 random bits; the highest bit is 0. In place of the microsecond a code
    /// that was made before its time has `aheadMicrosecond`.
    package let nonce: UInt32

    /// Orders a member's codes by their time of issue: of two, the one issued a microsecond or more later has the greater number.
    ///
    /// An accepted code must be greater than the last one accepted of that member at that access point; that is the whole rule against
    /// replay.
    /// Two codes that were issued by clocks that differ are ordered by these clocks.
    package var sequence: Int64 { Int64(issuedAtSeconds) << 31 | Int64(nonce) }

    /// Made before its time of issue, to be shown without network: it does not prove that its time has come.
    package var isMadeAhead: Bool { nonce >> 11 == Self.aheadMicrosecond }

    /// The last second of its validity, without skew, since 1970.
    package var expiresAtSeconds: Int64 { Int64(issuedAtSeconds) + Int64(validitySeconds) }

    /// What the time says of an authentic code.
    func verdict(nowMicroseconds: Int64) -> MemberCodeVerdict {
        let now = nowMicroseconds / 1_000_000
        if Int64(issuedAtSeconds) > now + Self.skewSeconds { return .fromFuture(self) }
        if now > expiresAtSeconds + Self.skewSeconds { return .expired(self) }
        return .valid(self)
    }
}

extension MemberCode {
    static let version: UInt8 = 1
    static let byteCount = 22
    static let nonceMax: UInt32 = 1 << 31 - 1
    /// No second has it.
    static let aheadMicrosecond: UInt32 = 1_000_000

    /// Its 22 bytes.
    var bytes: [UInt8] {
        var bytes = [Self.version, keyID]
        bytes.reserveCapacity(MemberCodeText.form.byteCount)
        bytes.append(bigEndian: memberID)
        bytes.append(bigEndian: issuedAtSeconds)
        bytes.append(bigEndian: validitySeconds)
        bytes.append(bigEndian: groups)
        bytes.append(bigEndian: nonce)
        return bytes
    }

    /// The code in the first 22 of `bytes`; nil if it is of another version, or of a form that is never issued.
    init?(bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount, bytes[0] == Self.version else { return nil }
        keyID = bytes[1]
        memberID = bytes.bigEndian(at: 2)
        issuedAtSeconds = bytes.bigEndian(at: 10)
        validitySeconds = bytes.bigEndian(at: 14)
        groups = bytes.bigEndian(at: 16)
        nonce = bytes.bigEndian(at: 18)
        guard nonce <= Self.nonceMax, validitySeconds > 0 else { return nil }
    }
}

extension [UInt8] {
    mutating func append(bigEndian number: some FixedWidthInteger) {
        for shift in stride(from: number.bitWidth - 8, through: 0, by: -8) { append(UInt8(truncatingIfNeeded: number >> shift)) }
    }

    func bigEndian<Number: FixedWidthInteger>(at start: Int) -> Number {
        var number: Number = 0
        for position in start..<start + Number.bitWidth / 8 { number = number << 8 | Number(truncatingIfNeeded: self[position]) }
        return number
    }
}
