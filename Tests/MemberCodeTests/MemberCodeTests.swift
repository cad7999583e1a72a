import Crypto
import MemberCode
import Runtime
import TestSupport
import Testing

@Suite struct MemberCodeTests {
    static let now: Int64 = 1_770_000_000_654_321
    let keys = Keys.random()
    let online: MemberCodeVerifier
    let offline: OfflineVerifier
    let issuer: MemberCodeIssuer

    init() {
        online = MemberCodeVerifier(keys)
        offline = OfflineVerifier(publicKeys: keys.memberCodePublicKeys)
        issuer = MemberCodeIssuer(keys)
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `a code says what it was issued with, to the server and to a station`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let member = Int64.random(in: .min ... .max, using: &random)
        let groups = UInt16.random(in: 0 ... .max, using: &random)
        let validity = UInt16.random(in: 1 ... .max, using: &random)
        let now = Int64.random(in: 0..<4_294_967_296_000_000, using: &random)
        let issued = issuer.issue(memberID: member, groups: groups, validitySeconds: validity, nowMicroseconds: now)
        #expect(issued.text.hasPrefix("WS1:"))
        #expect(issued.text.utf8.count == 145)
        #expect(issued.code.memberID == member && issued.code.groups == groups && issued.code.validitySeconds == validity)
        #expect(issued.code.keyID == keys.currentMemberCodeKeyID)
        #expect(Int64(issued.code.issuedAtSeconds) == now / 1_000_000)
        #expect(online.verify(issued.text, nowMicroseconds: now) == .valid(issued.code))
        #expect(offline.verify(issued.text, nowMicroseconds: now) == .valid(issued.code))
    }

    @Test func `a screen's code lives for sixty seconds`() {
        #expect(issuer.issue(memberID: 1, nowMicroseconds: Self.now).code.expiresAtSeconds == 1_770_000_060)
    }

    @Test(arguments: [(-6, "future"), (-5, "valid"), (0, "valid"), (60, "valid"), (65, "valid"), (66, "expired"), (100_000_000, "expired")])
    func `the borders of time lie five seconds outside of the validity`(seconds: Int64, expected: String) {
        let issued = issuer.issue(memberID: 1, nowMicroseconds: Self.now)
        // The first and the last microsecond of that second.
        for microsecond: Int64 in [0, 999_999] {
            let now = (Self.now / 1_000_000 + seconds) * 1_000_000 + microsecond
            let verdict: MemberCodeVerdict =
                switch expected {
                case "future": .fromFuture(issued.code)
                case "valid": .valid(issued.code)
                default: .expired(issued.code)
                }
            #expect(online.verify(issued.text, nowMicroseconds: now) == verdict)
            #expect(offline.verify(issued.text, nowMicroseconds: now) == verdict)
        }
    }

    @Test func `no flipped bit passes a station, none outside of the signature the server`() throws {
        let issued = issuer.issue(memberID: 4711, groups: 3, nowMicroseconds: Self.now)
        let bytes = try #require(Base45.decode(String(issued.text.dropFirst(4))))
        #expect(bytes.count == 94)
        for bit in 0..<bytes.count * 8 {
            var changed = bytes
            changed[bit / 8] ^= 1 << UInt8(bit % 8)
            let text = "WS1:" + Base45.encode(changed)
            let expected: MemberCodeVerdict =
                switch bit / 8 {
                case 0: .malformed
                case 1: .unknownKey
                case 18 where bit % 8 == 7: .malformed
                default: .forged
                }
            #expect(offline.verify(text, nowMicroseconds: Self.now) == expected)
            if bit / 8 < 30 { #expect(online.verify(text, nowMicroseconds: Self.now) == expected) }
        }
    }

    @Test(arguments: SeededGenerator.seeds(5)) func `a code cut short, lengthened or with a character changed passes nowhere`(seed: UInt64)
    {
        var random = SeededGenerator(seed: seed)
        let text = Array(issuer.issue(memberID: 4711, nowMicroseconds: Self.now).text)
        for count in 0..<text.count { expectMalformed(String(text[..<count])) }
        for more in ["0", " ", "\n", "000", "é", "\u{0}"] {
            expectMalformed(String(text) + more)
            expectMalformed(more + String(text))
        }
        for position in text.indices {
            for _ in 0..<3 {
                var changed = text
                changed[position] = Character(UnicodeScalar(UInt8.random(in: 0..<128, using: &random)))
                guard changed != text else { continue }
                if case .valid = offline.verify(String(changed), nowMicroseconds: Self.now) { Issue.record("passed: \(changed)") }
            }
        }
        expectMalformed(String(text).lowercased())
        expectMalformed("WS2:" + String(text[4...]))
        expectMalformed(String(repeating: "WS1:", count: 2_500_000))
    }

    @Test func `a code of another service is forged, and one of an unknown key is that`() {
        let foreign = MemberCodeIssuer(.random()).issue(memberID: 1, nowMicroseconds: Self.now).text
        #expect(online.verify(foreign, nowMicroseconds: Self.now) == .forged)
        #expect(offline.verify(foreign, nowMicroseconds: Self.now) == .forged)
        let later = issuer(after: keys, id: 9).issue(memberID: 1, nowMicroseconds: Self.now).text
        #expect(online.verify(later, nowMicroseconds: Self.now) == .unknownKey)
        #expect(offline.verify(later, nowMicroseconds: Self.now) == .unknownKey)
    }

    @Test func `codes of the key before pass after a change of keys`() {
        let old = issuer.issue(memberID: 1, nowMicroseconds: Self.now)
        let changed = changedKeys(after: keys, id: 9)
        #expect(MemberCodeVerifier(changed).verify(old.text, nowMicroseconds: Self.now) == .valid(old.code))
        #expect(OfflineVerifier(changed).verify(old.text, nowMicroseconds: Self.now) == .valid(old.code))
        let new = MemberCodeIssuer(changed).issue(memberID: 1, nowMicroseconds: Self.now)
        #expect(new.code.keyID == 9)
        #expect(MemberCodeVerifier(changed).verify(new.text, nowMicroseconds: Self.now) == .valid(new.code))
    }

    @Test func `who knows the server's secret alone convinces no station, and who knows the seed alone no server`() throws {
        func mixed(_ hmac: MemberCodeKey, _ seed: MemberCodeKey) -> Keys {
            Keys(
                masterKeys: keys.masterKeys, currentMasterKeyID: 1, blindIndexSecret: keys.blindIndexSecret,
                memberCodeKeys: [1: MemberCodeKey(hmacSecret: hmac.hmacSecret, signingSeed: seed.signingSeed)], currentMemberCodeKeyID: 1)
        }
        let own = try #require(keys.memberCodeKeys[1])
        let withSecret = MemberCodeIssuer(mixed(own, .random())).issue(memberID: 1, nowMicroseconds: Self.now)
        #expect(online.verify(withSecret.text, nowMicroseconds: Self.now) == .valid(withSecret.code))
        #expect(offline.verify(withSecret.text, nowMicroseconds: Self.now) == .forged)
        let withSeed = MemberCodeIssuer(mixed(.random(), own)).issue(memberID: 1, nowMicroseconds: Self.now)
        #expect(online.verify(withSeed.text, nowMicroseconds: Self.now) == .forged)
    }

    @Test(arguments: SeededGenerator.seeds(10)) func `of two codes of a member the later issued has the greater sequence`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var now = Int64.random(in: 0..<4_000_000_000_000_000, using: &random)
        var last = issuer.issue(memberID: 1, nowMicroseconds: now).code
        for step: Int64 in [1, 1, 2, 999, 1_000, 999_999, 1_000_000, 1, 30_000_000, 3] {
            now += step
            let code = issuer.issue(memberID: 1, nowMicroseconds: now).code
            #expect(code.sequence > last.sequence && last.sequence >= 0)
            last = code
        }
    }

    @Test func `codes of the same microsecond differ`() {
        #expect(Set((0..<50).map { _ in issuer.issue(memberID: 1, nowMicroseconds: Self.now).text }).count > 40)
    }

    private func expectMalformed(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(online.verify(text, nowMicroseconds: Self.now) == .malformed, sourceLocation: sourceLocation)
        #expect(offline.verify(text, nowMicroseconds: Self.now) == .malformed, sourceLocation: sourceLocation)
    }

    private func changedKeys(after keys: Keys, id: UInt8) -> Keys {
        Keys(
            masterKeys: keys.masterKeys, currentMasterKeyID: keys.currentMasterKeyID, blindIndexSecret: keys.blindIndexSecret,
            memberCodeKeys: keys.memberCodeKeys.merging([id: .random()]) { $1 }, currentMemberCodeKeyID: id)
    }

    private func issuer(after keys: Keys, id: UInt8) -> MemberCodeIssuer { MemberCodeIssuer(changedKeys(after: keys, id: id)) }
}
