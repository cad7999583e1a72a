import Crypto
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import HTTP
@testable import Stations

@Suite struct RuleTests {
    @Test func `a time of day reads what it writes, and nothing else`() {
        for minutes in Int16(0)..<1_440 {
            let time = TimeOfDay(minutes: minutes)
            #expect(time.flatMap { TimeOfDay($0.description) } == time)
        }
        for text in ["24:00", "23:60", "7:00", "07:0", "07-00", " 7:00", "+7:00", "07:00 ", "", "０７:00"] {
            #expect(TimeOfDay(text) == nil, "\(text)")
        }
        #expect(TimeOfDay(minutes: 1_440) == nil)
        #expect(TimeOfDay(minutes: -1) == nil)
    }

    @Test(arguments: [nil, "1357", "\n"], ["WS1:ABC+%$*/:", "驿站", "\"\\"])
    func `a scan reads its own body as the decoder does`(pin: String?, code: String) throws {
        for direction in AccessDirection.allCases {
            let scan = ScanBody(
                code: code, accessPointId: ID(12), direction: direction, occurredAt: "2026-11-21T07:12:01Z", requestId: "0", pin: pin)
            let bytes = try JSON.encode(scan)
            #expect(try JSON.encode(JSON.read(ScanBody.self, from: bytes)) == bytes)
            let isPlain = pin != "\n" && code != "\"\\"
            #expect((JSON.readDirectly(ScanBody.self, from: bytes) != nil) == isPlain)
        }
    }

    @Test func `a policy names what is wrong between its fields`() {
        var policy = AccessPolicy(
            attributes: [AttributeRule(.sex, oneOf: ["female", "queen"]), AttributeRule(.sex, oneOf: ["male"])])
        policy.opening.exceptions = ["2027-02-06", "2027-02-07", "2027-02-06"].map { HoursException(on: $0, hours: []) }
        let violations = policy.violations(at: "/policy")
        #expect(violations.map(\.code) == ["station.exception_twice", "station.attribute_value_unknown", "station.attribute_twice"])
        #expect(
            violations.map(\.pointer) == [
                "/policy/exceptions/2/on", "/policy/attributes/0/oneOf/1", "/policy/attributes/1/attribute",
            ])
        #expect(AccessPolicy.standard.violations().isEmpty)
    }

    @Test func `a policy is read back as it was written, and absent fields are the standard's`() throws {
        let policy = AccessPolicy(
            directions: .inward,
            opening: OpeningHours(
                hours: [WeekdayHours(weekday: 5, opensAt: .at(22), closesAt: .at(2))],
                exceptions: [HoursException(on: "2027-02-06", hours: [DayHours(opensAt: .at(9), closesAt: .at(12))])]),
            organizationIds: [ID(3)], attributes: [AttributeRule(.hardshipPost, oneOf: ["true"])], admitsProvisional: false,
            entryIntervalMinutes: 7, reentryMinutes: 5, antiPassback: .hard, resetHours: 8, relayMilliseconds: 500, offlineLimitHours: 24,
            whenOfflineTooLong: .openForValidCodes, exitAfterHours: 10)
        #expect(try JSON.decode(AccessPolicy.self, from: JSON.encode(policy)) == policy)
        #expect(try JSON.decode(AccessPolicy.self, from: Array("{}".utf8)) == .standard)
    }

    @Test func `hours are never open together only when no minute of the week is`() {
        let morning = OpeningHours.daily(.at(6), .at(12))
        let night = OpeningHours.daily(.at(22), .at(6))
        let friday = OpeningHours(hours: [WeekdayHours(weekday: 5, opensAt: .at(23), closesAt: .at(7))], exceptions: [])
        let never = OpeningHours(hours: [], exceptions: [])
        #expect(!OpeningHours.everOpen(morning, and: night))
        #expect(OpeningHours.everOpen(morning, and: friday))
        #expect(OpeningHours.everOpen(.roundTheClock, and: night))
        #expect(!OpeningHours.everOpen(.roundTheClock, and: never))
        #expect(morning.openMinutesOfWeek.count { $0 } == 7 * 360)
        #expect(OpeningHours.daily(.at(0), .at(0)).openMinutesOfWeek.allSatisfy { $0 })
    }

    @Test func `every reason has a text of its own in both languages`() {
        for language in [Language.zh, .en] {
            let texts = AccessReason.allCases.map { $0.text[language] }
            #expect(Set(texts).count == texts.count)
            #expect(texts.allSatisfy { !$0.isEmpty && $0.count <= 200 })
        }
        #expect(AccessReason.allCases.allSatisfy { $0.rawValue.hasPrefix("door.") })
    }

    @Test func `a time reads what it writes, to the microsecond`() {
        let seed = SeededGenerator.seeds(1)[0]
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let time = Timestamp(microseconds: Int64.random(in: 0..<253_402_300_800_000_000, using: &random))
            #expect(Timestamp(dateTime: time.description) == time, "seed \(seed)")
        }
        #expect(Timestamp(dateTime: "1970-01-01T00:00:00Z")?.microseconds == 0)
        #expect(Timestamp(dateTime: "2026-11-21T07:12:01.5Z")?.microseconds == 1_795_245_121_500_000)
        #expect(Timestamp(dateTime: "0001-01-01T00:00:00Z")?.microseconds == -62_135_596_800_000_000)
        for text in ["2026-02-29T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21T07:12:01", "2026-11-21T07:12:01.Z", "x"] {
            #expect(Timestamp(dateTime: text) == nil, "\(text)")
        }
    }

    @Test func `the fingerprint tells apart all that a device says, and nothing else`() {
        let keys = Keys.random()
        let fingerprints = ScanFingerprints(keys)
        let code = MemberCodeIssuer(keys).issue(memberID: 7, nowMicroseconds: 1_000_000).text
        func print(
            _ code: String, point: Int64 = 1, direction: AccessDirection = .inward, at: Int64 = 5, device: Int64 = 1
        ) -> [UInt8] {
            fingerprints(
                AccessScan(
                    requestID: StationScene.requestID(), deviceID: ID(device), accessPointID: ID(point), direction: direction,
                    occurredAt: Timestamp(microseconds: at), code: code,
                    verdict: MemberCodeVerifier(keys).verify(code, nowMicroseconds: 1_000_000)))
        }
        #expect(print(code) == print(code, device: 2))
        #expect(print(code).count == 16)
        let others = [print(code + "0"), print(code, point: 2), print(code, direction: .outward), print(code, at: 6), print("")]
        #expect(Set(others + [print(code)]).count == 6)
    }

    @Test func `a code that is not authentic names nobody`() {
        let keys = Keys.random()
        let issued = MemberCodeIssuer(keys).issue(memberID: 7, nowMicroseconds: 1_000_000_000)
        func scan(_ verdict: MemberCodeVerdict) -> AccessScan {
            AccessScan(
                requestID: StationScene.requestID(), deviceID: ID(1), accessPointID: ID(1), direction: .inward,
                occurredAt: Timestamp(microseconds: 0), code: issued.text, verdict: verdict)
        }
        for (verdict, reason) in [
            (MemberCodeVerdict.malformed, AccessReason.codeMalformed), (.forged, .codeForged), (.unknownKey, .codeUnknownKey),
        ] {
            #expect(scan(verdict).memberID == nil)
            #expect(scan(verdict).codeSequence == nil)
            #expect(scan(verdict).codeReason == reason)
        }
        for (verdict, reason) in [
            (MemberCodeVerdict.valid(issued.code), nil), (.expired(issued.code), AccessReason.codeExpired),
            (.fromFuture(issued.code), .codeFromFuture),
        ] {
            #expect(scan(verdict).memberID == ID(7))
            #expect(scan(verdict).codeSequence == issued.code.sequence)
            #expect(scan(verdict).codeReason == reason)
        }
    }
}
