import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// Another time of the same visit, while places last.
@Suite struct SwapTests {
    private func swap(_ member: ID<Member>, to number: Int32, _ campaign: CheckupScene.Campaign, _ scene: CheckupScene) async throws
        -> TestResponse
    {
        await scene.today.send(
            .post, "/v1/me/checkups/visits/\(campaign.visit)/swap", #"{"session":\#(number)}"#, by: try await scene.token(of: member))
    }

    private func number(of member: ID<Member>, _ scene: CheckupScene) async throws -> Int32 {
        try await scene.value("select number from program_award where member_id = \(member)")
    }

    @Test func `a worker takes another time, and the one left is free for who waits`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 1)
            let members = try await scene.members(2)
            try await scene.give(1, of: campaign, to: members[0])
            let answer = try await swap(members[0], to: 3, campaign, scene)
            let places = try answer.json(OwnCheckupList.self).items
            #expect(places.map(\.session.number) == [3] && places.map(\.state) == [.confirmed])
            #expect(try await scene.give(1, of: campaign, to: members[1]) == "held")
            #expect(try await scene.outOfBalance() == 0)
            #expect(
                try await scene.value(
                    "select count(*) from program_award_event where number_before = 1 and number_after = 3", as: Int.self) == 1)
        }
    }

    @Test func `an offer keeps its end when it changes its time, and one that is over is not changed`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(offerHours: 24)
            let members = try await scene.members(2)
            for member in members { try await scene.give(1, of: campaign, to: member, state: "offered") }
            let before: Timestamp = try await scene.value("select offered_until from program_award where member_id = \(members[0])")
            #expect(try await swap(members[0], to: 2, campaign, scene).status == 200)
            let rows = try await scene.database.query("select state, offered_until from program_award where member_id = \(members[0])")
            #expect(try rows[0].decode(0, as: String.self) == "offered" && rows[0].decode(1, as: Timestamp.self) == before)
            _ = try await scene.database.query(
                "update program_award set offered_until = now() - interval '1 minute' where member_id = \(members[1])")
            #expect(try await swap(members[1], to: 2, campaign, scene).problemCode == "checkup.swap_too_late")
        }
    }

    @Test func `full, foreign, begun or without a place: told why, and the place stays`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(capacity: 2, walkInPercent: 50)
            let second = try await scene.visit(of: campaign.id, campaign.package, site: "西园")
            let foreign = try await scene.addSessions(
                to: second, VanSessionsBody(from: "08:00", to: "08:30", everyMinutes: 30, capacity: 3))
            try await scene.publish(campaign)
            let members = try await scene.members(3)
            try await scene.give(1, of: campaign, to: members[0])
            try await scene.give(2, of: campaign, to: members[1])
            #expect(try await swap(members[0], to: 2, campaign, scene).problemCode == "checkup.swap_full", "the rest is the walk-ins'")
            #expect(try await swap(members[0], to: foreign[0].number, campaign, scene).problemCode == "checkup.swap_session_unknown")
            #expect(try await swap(members[0], to: 999, campaign, scene).problemCode == "checkup.swap_session_unknown")
            #expect(try await swap(members[2], to: 3, campaign, scene).problemCode == "checkup.swap_no_place")
            _ = try await scene.database.query(
                "update program_session set starts_at = now() - interval '1 hour' where program_id = \(campaign.id) and number = 3")
            #expect(try await swap(members[0], to: 3, campaign, scene).problemCode == "checkup.swap_too_late")
            _ = try await scene.database.query(
                "update program_session set starts_at = now() - interval '1 hour' where program_id = \(campaign.id) and number = 1")
            #expect(try await swap(members[0], to: 2, campaign, scene).problemCode == "checkup.swap_too_late")
            #expect(try await number(of: members[0], scene) == 1)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `while some swap into the last places and a tick gives them, nobody is given one too many`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 6)
            let holders = try await scene.members(6)
            let waiting = try await scene.members(6)
            for member in holders { try await scene.give(1, of: campaign, to: member) }
            for member in try await scene.members(3) { try await scene.give(2, of: campaign, to: member) }
            let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                for member in holders { group.addTask { try await swap(member, to: 2, campaign, scene).status == 200 } }
                for member in waiting { group.addTask { try await scene.give(2, of: campaign, to: member, state: "offered") == "held" } }
                return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(outcomes == 3, "three places were left in the session")
            let taken: Int = try await scene.value("select taken::bigint from program_session where number = 2")
            #expect(taken == 6)
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
