import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What is told apart in the one scan call, how machines without JSON make it, and what a guard sees.
@Suite struct ScanWaysTests {
    @Test func `whatever is read is told apart by itself`() throws {
        let keys = Keys.random()
        let reader = ScanReader(keys)
        let now: Int64 = 1_790_000_000_000_000
        func kind(_ text: String) -> ScanCredentialKind { reader.read(text, pin: nil, nowMicroseconds: now).kind }
        #expect(kind(MemberCodeIssuer(keys).issue(memberID: 1, nowMicroseconds: now).text) == .memberCode)
        #expect(kind(MemberCardIssuer(keys).text(cardID: 1, memberID: 1, issuedOnDay: 20_000, validDays: 9)) == .card)
        #expect(kind("NFC:DEADBEEF") == .number && kind("NFC:de:ad:be:ef") == .number)
        #expect(kind("1234 5678") == .dayCode && kind(DayCode.random().digits) == .dayCode)
        // None of them: a member code that is none, and is refused as that.
        let forged = MemberCardIssuer(.random()).text(cardID: 1, memberID: 1, issuedOnDay: 20_000, validDays: 9)
        for (text, verdict) in [
            ("", MemberCodeVerdict.malformed), ("WC1:", .malformed), (forged, .forged), ("NFC:", .malformed), ("1234567", .malformed),
            ("11010519491231002X", .malformed), ("WSD1:1:AAAA", .malformed), ("https://example.org/12345678", .malformed),
        ] {
            guard case .memberCode(text, verdict) = reader.read(text, pin: "1357", nowMicroseconds: now) else {
                Issue.record("\(text.prefix(10))")
                continue
            }
        }
    }

    @Test(arguments: SeededGenerator.seeds(20)) func `nothing that is read can trip the reader`(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let keys = Keys.random()
        let reader = ScanReader(keys)
        let starts = [
            "", "WS1:", "WC1:", "NFC:", "WSD1:", "1234", "NFC:04A2",
            MemberCardIssuer(keys).text(
                cardID: 1, memberID: 1, issuedOnDay: 20_000, validDays: 9),
        ]
        for _ in 0..<200 {
            let more = random.bytes(Int.random(in: 0..<200, using: &random))
            let text = (starts.randomElement(using: &random) ?? "") + String(decoding: more, as: UTF8.self)
            _ = reader.read(text, pin: String(decoding: random.bytes(3), as: UTF8.self), nowMicroseconds: 0)
            _ = try? ScanLines(Array(text.utf8))
        }
    }

    @Test func `equal PINs of two cards have unlike digests, and a repeat with another PIN is another scan`() {
        let reader = ScanReader(.random())
        func scan(_ pin: String?) -> AccessScan {
            AccessScan(
                requestID: UUID(), deviceID: ID(1), accessPointID: ID(1), direction: .inward, occurredAt: Timestamp(microseconds: 1),
                credential: reader.read("NFC:DEADBEEF", pin: pin, nowMicroseconds: 0))
        }
        #expect(scan("1357").said == scan("1357").said)
        #expect(scan("1357").said != scan("7531").said && scan(nil).said == scan("").said)
    }

    // MARK: Lines

    private func lines(_ text: String) -> ScanLines? {
        do { return try ScanLines(Array(text.utf8)) } catch { return nil }
    }

    @Test func `a scan is read from two or three lines, whatever ends them`() throws {
        let id = "0192f0c4-8d2e-7c31-9f0a-3b5d8004a2f1"
        for text in ["17 in \(id)\nWS1: A \n", "17 in \(id)\r\nWS1: A \r\n", "17 in \(id)\nWS1: A "] {
            let read = try #require(lines(text))
            #expect(read.accessPoint == ID(17) && read.direction == .inward && read.requestID == UUID(uuidString: id))
            #expect(read.code == "WS1: A " && read.pin == nil && read.occurredAt == nil)
        }
        let whole = try #require(lines("1 out \(id.uppercased()) 2026-11-21T10:00:00Z\nNFC:DEADBEEF\n1357\n"))
        #expect(whole.pin == "1357" && whole.direction == .outward)
        #expect(whole.occurredAt == Timestamp(dateTime: "2026-11-21T10:00:00Z"))
        for text in [
            "", "\n", "17 in \(id)", "17 in \(id)\na\nb\nc", "0 in \(id)\na", "-1 in \(id)\na", "+1 in \(id)\na", "17 up \(id)\na",
            "17 in x\na",
            "17  in \(id)\na", " 17 in \(id)\na", "17 in \(id) \na", "17 in \(id) now\na", "17 in \(id) 1969-01-01T00:00:00Z\na",
            "99999999999999999999 in \(id)\na", "17 in \(id)\na\u{0}", "17 in \(id)\n" + String(repeating: "a", count: 2_000),
            "{\"code\":\"a\"}", "17 in \(id.replacing("-", with: ""))\na",
        ] {
            #expect(lines(text) == nil, "\(text.prefix(60))")
        }
    }

    @Test func `every answer is one line of fewer than 64 bytes`() {
        for reason in AccessReason.allCases {
            let line = ScanLines.line(
                AccessDecision(
                    isOpen: false, relayMilliseconds: 0, reasons: [reason, .full], peopleInside: 0, decidedAt: Timestamp(microseconds: 0),
                    memberID: nil))
            #expect(line == "0 \(reason.rawValue)\n" && line.utf8.count < 64)
        }
    }

    @Test func `a microcontroller opens a door with lines, and a repeat gets the same line`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            func send(_ code: String, id: UUID, accept: String? = "text/plain", _ more: String = "") async -> TestResponse {
                let body = "\(ways.scene.front.accessPoint) in \(id.uuidString)\n\(code)\n\(more)"
                let response = await ways.client.send(
                    .post, "/v1/access/scans", bearer: WaysScene.door, headers: accept.map { [("Accept", $0)] } ?? [],
                    body: Array(body.utf8), contentType: "text/plain")
                #expect(response.undeclared == nil)
                return response
            }
            let id = StationScene.requestID()
            let code = ways.scene.code(ways.scene.members[0])
            for accept in ["text/plain", nil, "*/*"] {
                let response = await send(code, id: id, accept: accept)
                #expect(response.status == 200 && response.text == "1 3000\n")
                #expect(response.header("Content-Type")?.hasPrefix("text/plain") == true)
            }
            #expect(await send(code, id: StationScene.requestID()).text == "0 door.code_replayed\n")
            let issued = try await ways.issue(CredentialDraft(kind: .number, pin: "1357", number: "NFC:DEADBEEF"), to: ways.person)
            #expect(issued.credential.hasPIN)
            #expect(await send("NFC:DEADBEEF", id: StationScene.requestID()).text == "0 door.pin_missing\n")
            #expect(await send("NFC:DEADBEEF", id: StationScene.requestID(), "1357\n").text == "1 3000\n")
            #expect(await send(code, id: id, accept: "application/json").status == 200)
            let broken = await ways.client.send(
                .post, "/v1/access/scans", bearer: WaysScene.door, body: Array("17 in".utf8), contentType: "text/plain")
            #expect(broken.status == 422 && broken.problemCode == "access.line_malformed")
            #expect(try await ways.count("select count(*) from access_event") == 4)
            // JSON may be answered with a line too.
            let body = ScanBody(
                code: "nonsense", accessPointId: ways.scene.front.accessPoint, direction: .inward,
                occurredAt: Timestamp(microseconds: ways.scene.clock.nowMicroseconds).description,
                requestId: StationScene.requestID().uuidString)
            let line = try await ways.client.send(
                .post, "/v1/access/scans", json: body, bearer: WaysScene.door, headers: [("Accept", "text/plain")])
            #expect(line.text == "0 door.code_malformed\n")
        }
    }

    // MARK: Guards

    @Test func `a guard sees who it is, masked, on a refusal too, and a door sees nobody`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let seen = try #require(try await ways.scan(ways.scene.code(ways.person), by: WaysScene.guardPost).member)
            #expect(seen.maskedName == "夏*" && seen.maskedPhone == "138****5678" && seen.organizationName == "城关镇")
            #expect(seen.workerKind == .courier && seen.status == .active)
            let code = try #require(try await ways.issue(CredentialDraft(kind: .card), to: ways.person).code)
            try await ways.scene.set(.suspended, of: ways.person)
            let refused = try await ways.scan(code, by: WaysScene.guardPost)
            #expect(!refused.open && refused.reasons.map(\.code) == ["door.member_not_active"])
            #expect(refused.member?.status == .suspended && refused.member?.maskedName == "夏*")
            #expect(try await ways.scan("nonsense", by: WaysScene.guardPost).member == nil)
            #expect(try await ways.scan(code, by: WaysScene.door).member == nil)
            // Entry and exit are kept as at any door.
            _ = try await ways.scan(ways.scene.code(ways.person), .outward, by: WaysScene.guardPost)
            #expect(try await ways.count("select count(*) from access_event where member_id = \(ways.person) and open") == 2)
        }
    }
}
