import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// From the poster to the door and from one street to another, over HTTP, through the service as it is composed.
struct NewcomerTests {
    @Test func `whoever scans a poster and applies goes in with the card of that answer, before anybody approved`() async throws {
        try await withService { service in
            let town = try await Newcomer(service)
            await town.setPolicy(#""admitsProvisional":false"#, at: 1)
            let code = try await town.joinCode(of: town.east)
            let applied = try await town.send(.post, "/v1/join/\(code)/applications", Newcomer.form(), bearer: nil)
                .json(Newcomer.Application.self)
            #expect(applied.state == "pending")
            let (card, secret) = (try #require(applied.card).text, try #require(applied.secret))

            let first = try await town.scan(card, at: 0)
            #expect(first.open && first.peopleInside == 1)
            #expect(try await town.refusals(card, at: 0) == ["door.code_replayed"], "once at each door, as every code")
            #expect(try await town.refusals(card, at: 1) == ["door.member_not_active"], "that door wants members")
            func fresh() async throws -> Newcomer.Application {
                try await town.send(.get, "/v1/join-application", bearer: secret).json(Newcomer.Application.self)
            }
            #expect(try await town.scan(try #require(try await fresh().card).text, at: 0, "out").open)

            let path = "/v1/applications/\(applied.applicationId)"
            #expect(await town.send(.post, path + "/reject", #"{"reason":"照片不清"}"#).status == 200)
            let late = try await town.refusals(card, at: 1)
            #expect(late == ["door.member_not_active"], "turned away: the card opens nothing any more")
            #expect(try await fresh().card == nil)

            let again = await town.send(.put, "/v1/join-application", Newcomer.form("王武"), bearer: secret)
            let resubmitted = try again.json(Newcomer.Application.self)
            #expect(try await town.scan(try #require(resubmitted.card).text, at: 0).open)
            #expect(await town.send(.post, path + "/approve").status == 200)
            let member = try #require(try await fresh().card).text
            #expect(try await town.scan(member, at: 1, "out").open)
            #expect(try await town.refusals(try #require(try await fresh().card).text, at: 1) == [], "a member now")
            let names = try await service.database.query(
                "select status from member order by member_id"
            ).map { try $0.decode(0, as: String.self) }
            #expect(names == ["left", "active"])
        }
    }

    @Test func `by the rule automatic the poster, the form and the door take one answer each`() async throws {
        try await withService { service in
            let town = try await Newcomer(service)
            await town.setPolicy(#""admitsProvisional":false"#, at: 0)
            #expect(await town.send(.patch, "/v1/organizations/\(town.west)", #"{"joinRule":"automatic"}"#).status == 200)
            let code = try await town.joinCode(of: town.west)
            let joined = try await town.send(.post, "/v1/join/\(code)/applications", Newcomer.form(), bearer: nil)
                .json(Newcomer.Application.self)
            #expect(joined.state == "approved")
            #expect(try await town.scan(try #require(joined.card).text, at: 0).open)
        }
    }

    @Test func `the doors stay open to a member all through a transfer, and those of one street follow the member`() async throws {
        try await withService { service in
            let town = try await Newcomer(service)
            await town.setPolicy(#""organizationIds":[\#(town.city)]"#, at: 0)
            let body = #"{"organizationId":\#(town.east),"name":"王五","nationalId":"110105198803150010"}"#
            let member = try await town.send(.post, "/v1/members", body).json(Newcomer.Made.self).id
            let session = try await service.registry.memberSessions.create(ID(member), lifetimeSeconds: 3_600).token
            func code() async throws -> String {
                try await town.send(.get, "/v1/me/code", bearer: session).json(Newcomer.Card.self).text
            }
            func refusals(at door: Int) async throws -> [String] { try await town.refusals(try await code(), at: door) }
            await town.setPolicy(#""organizationIds":[\#(town.west)]"#, at: 1)
            #expect(try await refusals(at: 0) == [])
            #expect(try await refusals(at: 1) == ["door.organization_not_admitted"])

            let target = try await town.joinCode(of: town.west)
            let asked = await town.send(.post, "/v1/me/transfers", #"{"joinCode":"\#(target)"}"#, bearer: session)
            let transfer = try asked.json(Newcomer.Made.self).id
            #expect(try await refusals(at: 0) == [])
            #expect(try await refusals(at: 1) == ["door.organization_not_admitted"])

            // Completed while the member goes in and out.
            async let completing = town.send(.post, "/v1/transfers/\(transfer)/agree")
            for direction in ["out", "in", "out", "in", "out", "in"] {
                #expect(try await town.scan(try await code(), at: 0, direction).open, "no gap")
            }
            #expect(await completing.text.contains("completed"))
            #expect(try await refusals(at: 0) == [])
            #expect(try await refusals(at: 1) == [])
            let gaps: Int = try await service.database.query(
                """
                select count(*)
                from member
                left join membership on membership.member_id = member.member_id
                where membership.ended_at is distinct from member.organization_since
                """)[0].decode(0)
            #expect(gaps == 0)
        }
    }
}
