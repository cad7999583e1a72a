import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// What the stations do when a person is merged, looks at the own data, or is erased.
@Suite struct PersonalDataTests {
    private static let number = "NFC:04A2F19C3B5D80"

    private func send(_ ways: WaysScene, _ method: HTTP.Method, _ path: String, _ json: String? = nil, by bearer: String) async
        -> TestResponse
    {
        let answer = await ways.client.send(
            method, path, bearer: bearer, body: json.map { Array($0.utf8) }, contentType: json == nil ? nil : "application/json")
        #expect(answer.undeclared == nil)
        return answer
    }

    /// Enters a second member and lets each of the two pass a door once, hours apart.
    private func twin(_ ways: WaysScene) async throws -> ID<Member> {
        let body = #"{"organizationId":\#(ways.towns[0]),"name":"夏侯惇","nationalId":"440524198001010013"}"#
        #expect(await send(ways, .post, "/v1/members", body, by: WaysScene.owner).status == 201)
        let twin: ID<Member> = try await ways.database.query("select max(member_id) from member").single.decode(0)
        for (hours, id) in [(5, ways.person), (4, twin), (3, ways.person), (2, twin)] {
            _ = try await ways.database.query(
                """
                insert into member_passage (member_id, occurred_at, station_id, request_id, access_point_id, direction, is_automatic)
                values (
                    \(id), date_trunc('hour', now()) - \(hours) * interval '1 hour', \(ways.scene.front.station), gen_random_uuid(), 1,
                    'in', false)
                """)
        }
        return twin
    }

    @Test func `the visits of who was merged are shown with those of the one who goes on, page by page`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let twin = try await twin(ways)
            let before = try await send(ways, .get, "/v1/me/visits", by: WaysScene.bearer(ways.person)).json(MemberVisitList.self)
            let merge = #"{"duplicateId":\#(twin),"reason":"same"}"#
            #expect(await send(ways, .post, "/v1/members/\(ways.person)/merge", merge, by: WaysScene.owner).status == 200)
            var entered: [String] = []
            var path: String? = "/v1/me/visits?limit=1"
            while let next = path {
                let page = try await send(ways, .get, next, by: WaysScene.bearer(ways.person)).json(MemberVisitList.self)
                entered += page.items.map(\.enteredAt)
                path = page.next.map { "/v1/me/visits?limit=1&after=\($0)" }
            }
            #expect(before.items.count == 1, "an entry by somebody who is inside is part of the visit")
            #expect(entered.count == 2 && entered == entered.sorted(by: >))
            let rows = try await database.query("select count(*) from member_passage where member_id = \(twin)")
            #expect(try rows.single.decode(0, as: Int.self) == 2, "they stay with their own number")
        }
    }

    @Test func `a member takes the visits and cards along, and once erased no card opens and no number of a card stays`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            _ = try await twin(ways)
            let card = try #require(try await ways.issue(CredentialDraft(kind: .card), to: ways.person).code)
            _ = try await ways.issue(CredentialDraft(kind: .number, number: Self.number), to: ways.person)
            for code in [card, Self.number] { #expect(try await ways.refusals(code) == []) }
            let own = await send(ways, .get, "/v1/me/data", by: WaysScene.bearer(ways.person))
            for word in ["夏侯惇惇", "····5D80", "enteredAt"] { #expect(own.text.contains(word), "\(word)") }

            let code = ways.scene.code(ways.person)
            let erase = #"{"confirm":"erase"}"#
            #expect(await send(ways, .post, "/v1/me/erasure", erase, by: WaysScene.bearer(ways.person)).status == 200)
            #expect(try await ways.refusals(card) != [])
            #expect(try await ways.refusals(Self.number) == ["door.number_unknown"])
            #expect(try await ways.refusals(code).contains("door.member_not_active"))
            let kept = try await database.query("select count(*) from access_credential where revoked_at is null or label is not null")
            #expect(try kept.single.decode(0, as: Int.self) == 0)
            let events = try await database.query("select count(*) from access_event where member_id = \(ways.person)")
            #expect(try events.single.decode(0, as: Int.self) >= 2, "what was counted stays counted")
        }
    }
}
