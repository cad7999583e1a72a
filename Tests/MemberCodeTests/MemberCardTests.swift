import Crypto
import MemberCode
import Runtime
import TestSupport
import Testing

@Suite struct MemberCardTests {
    /// 2026-11-21 in China.
    static let day: UInt16 = 20_778
    /// Its noon.
    static let noon: Int64 = (20_778 * 86_400 + 4 * 3_600) * 1_000_000
    let keys = Keys.random()
    let online: MemberCardVerifier
    let offline: OfflineVerifier
    let issuer: MemberCardIssuer

    init() {
        online = MemberCardVerifier(keys)
        offline = OfflineVerifier(publicKeys: keys.memberCodePublicKeys)
        issuer = MemberCardIssuer(keys)
    }

    @Test(arguments: SeededGenerator.seeds(20)) func `a card says what it was issued with, to the server and to a station`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let number = Int64.random(in: .min ... .max, using: &random)
        let member = Int64.random(in: .min ... .max, using: &random)
        let days = UInt16.random(in: 1 ... .max, using: &random)
        let issuedOn = UInt16.random(in: 0 ... .max, using: &random)
        let text = issuer.text(cardID: number, memberID: member, issuedOnDay: issuedOn, validDays: days)
        #expect(text.hasPrefix("WC1:") && text.utf8.count == 145)
        #expect(issuer.text(cardID: number, memberID: member, issuedOnDay: issuedOn, validDays: days) == text)
        let day = Int64(issuedOn) + Int64.random(in: 0..<Int64(days), using: &random)
        let now = (day * 86_400 - 8 * 3_600 + Int64.random(in: 0..<86_400, using: &random)) * 1_000_000
        for verdict in [online.verify(text, nowMicroseconds: now), offline.verifyCard(text, nowMicroseconds: now)] {
            guard case .valid(let card) = verdict else {
                Issue.record("\(verdict), seed \(seed)")
                continue
            }
            #expect(card.cardID == number && card.memberID == member && card.issuedOnDay == issuedOn && card.validDays == days)
            #expect(card.keyID == keys.currentMemberCodeKeyID)
        }
    }

    @Test(arguments: [
        (-6, "future"), (-5, "valid"), (0, "valid"), (259_199, "valid"), (259_205, "valid"), (259_206, "expired"),
    ])
    func `a card is good from the first midnight in China to the last, five seconds on both sides`(seconds: Int64, expected: String) {
        let text = issuer.text(cardID: 1, memberID: 2, issuedOnDay: Self.day, validDays: 3)
        let now = Self.noon + (seconds - 12 * 3_600) * 1_000_000
        for verdict in [online.verify(text, nowMicroseconds: now), offline.verifyCard(text, nowMicroseconds: now)] {
            let found =
                switch verdict {
                case .valid: "valid"
                case .expired: "expired"
                case .fromFuture: "future"
                default: "\(verdict)"
                }
            #expect(found == expected)
        }
    }

    @Test func `no flipped bit of a card passes a station, none outside of the signature the server`() throws {
        let text = issuer.text(cardID: 77, memberID: 4711, issuedOnDay: Self.day, validDays: 1_000)
        let bytes = try #require(Base45.decode(String(text.dropFirst(4))))
        #expect(bytes.count == 94)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let shown = "WC1:" + Base45.encode(changed)
            let expected: MemberCardVerdict =
                switch bit / 8 {
                case 0: .malformed
                case 1: .unknownKey
                default: .forged
                }
            #expect(offline.verifyCard(shown, nowMicroseconds: Self.noon) == expected)
            if bit / 8 < 30 { #expect(online.verify(shown, nowMicroseconds: Self.noon) == expected) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(5)) func `a card never passes for a code, nor a code for a card, whatever its prefix`(
        seed: UInt64
    ) {
        var random = SeededGenerator(seed: seed)
        let codes = MemberCodeIssuer(keys)
        let (onlineCodes, now) = (MemberCodeVerifier(keys), Self.noon)
        for _ in 0..<20 {
            let member = Int64.random(in: 1...1_000_000, using: &random)
            let code = codes.issue(memberID: member, nowMicroseconds: now).text
            let card = issuer.text(cardID: member, memberID: member, issuedOnDay: Self.day, validDays: 60)
            #expect(online.verify(code, nowMicroseconds: now) == .malformed)
            #expect(onlineCodes.verify(card, nowMicroseconds: now) == .malformed)
            let (asCard, asCode) = ("WC1:" + code.dropFirst(4), "WS1:" + card.dropFirst(4))
            // A nonce that ends in zeros would be a card for no day at all.
            for verdict in [online.verify(asCard, nowMicroseconds: now), offline.verifyCard(asCard, nowMicroseconds: now)] {
                #expect(verdict == .forged || verdict == .malformed, "seed \(seed)")
            }
            for verdict in [onlineCodes.verify(asCode, nowMicroseconds: now), offline.verify(asCode, nowMicroseconds: now)] {
                #expect(verdict == .forged || verdict == .malformed, "seed \(seed)")
            }
        }
    }

    @Test func `cards of another service, cut short or lengthened pass nowhere`() {
        let text = issuer.text(cardID: 1, memberID: 2, issuedOnDay: Self.day, validDays: 3)
        let foreign = MemberCardIssuer(.random()).text(cardID: 1, memberID: 2, issuedOnDay: Self.day, validDays: 3)
        #expect(online.verify(foreign, nowMicroseconds: Self.noon) == .forged)
        #expect(offline.verifyCard(foreign, nowMicroseconds: Self.noon) == .forged)
        var changed: [String] = (0..<text.count).map { String(text.prefix($0)) }
        changed += [text + "0", text + " ", text.lowercased(), "WC2:" + text.dropFirst(4)]
        for shown in changed {
            #expect(online.verify(shown, nowMicroseconds: Self.noon) == .malformed)
            #expect(offline.verifyCard(shown, nowMicroseconds: Self.noon) == .malformed)
        }
    }
}
