package import Crypto

/// Makes members' codes with the current key.
package struct MemberCodeIssuer: Sendable {
    private let keyID: UInt8
    private let hmacKey: HMACKey
    private let signingKey: SigningKey

    package init(_ keys: Keys) {
        keyID = keys.currentMemberCodeKeyID
        guard let key = keys.memberCodeKeys[keyID] else { preconditionFailure("the current member-code key is among the keys") }
        hmacKey = HMACKey(key.hmacSecret)
        do {
            signingKey = try SigningKey(seed: key.signingSeed)
        } catch {
            preconditionFailure("a member-code key's seed has 32 bytes")
        }
    }

    /// A code and the text that its QR shows.
    package struct Issued: Sendable {
        package let code: MemberCode
        /// "WS1:" and Base45, 145 characters, all of QR's alphanumeric mode.
        package let text: String
    }

    /// A new code, in some 60 µs (the signature).
    ///
    /// - Parameters:
    ///   - validitySeconds: from 1; the code is good through this many seconds after its second of issue.
    ///   - nowMicroseconds: since 1970, until 2106.
    ///   - aheadSeconds: from now on until its time of issue, before which nobody takes it: 0 for a code that is shown at once.
    ///   - salt: stands for the nonce's eleven random bits, so that the same call makes the same code.
    package func issue(
        memberID: Int64, groups: UInt16 = 0, validitySeconds: UInt16 = MemberCode.validitySecondsDefault, nowMicroseconds: Int64,
        aheadSeconds: UInt32 = 0, salt: UInt64 = SecureRandom.number()
    ) -> Issued {
        precondition(validitySeconds > 0, "a code is valid for a second at least")
        let (seconds, microsecond) = nowMicroseconds.quotientAndRemainder(dividingBy: 1_000_000)
        guard let issuedAtSeconds = UInt32(exactly: seconds + Int64(aheadSeconds)), microsecond >= 0 else {
            preconditionFailure("a code's time of issue lies between 1970 and 2106")
        }
        let within = aheadSeconds > 0 ? MemberCode.aheadMicrosecond : UInt32(microsecond)
        let code = MemberCode(
            keyID: keyID, memberID: memberID, issuedAtSeconds: issuedAtSeconds, validitySeconds: validitySeconds, groups: groups,
            nonce: within << 11 | UInt32(truncatingIfNeeded: salt >> 53))
        return Issued(code: code, text: MemberCodeText.make(code, hmacKey: hmacKey, signingKey: signingKey))
    }
}
