import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct AwardSeatTests {
    @Test func `a session is not lowered below its held places by one organizer, who is told whom it would hit`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(members, quota: 4, sessions: [ProgramSession(number: 1, title: "A", capacity: 4)])
            try await scene.published(id)
            for member in [members[0], members[3]] {
                let outcome = try await scene.afterwards.programs.awards.move(AwardMove(member, of: id, to: .confirmed, doneBy: "test"))
                #expect(outcome.verdict == .moved)
            }
            let path = "/v1/programs/\(id)/sessions/1"
            let refused = await scene.afterwards.send(.post, path + "/seats", #"{"capacity":1}"#)
            #expect(refused.status == 409 && refused.problemCode == "program.seats_held")
            // First who has not confirmed, the last in the order first; then who has.
            for member in [members[2], members[1], members[3]] { #expect(refused.text.contains("会员 \(member) ")) }
            #expect(!refused.text.contains("会员 \(members[0]) "))
            #expect(try await scene.held(id)[1]?.count == 4, "a refusal changes nothing")

            let proposed = await scene.afterwards.send(.post, path + "/cuts", #"{"capacity":1,"reason":"车坏了"}"#)
            #expect(proposed.status == 202)
            let cut = try proposed.json(CutAnswer.self)
            #expect(cut.losers == [members[2], members[1], members[3]])
            let looked = #"{"id":\#(cut.id)}"#
            #expect(try await scene.held(id)[1]?.count == 4, "nor does a proposal")
            let own = await scene.afterwards.send(.post, path + "/cuts/confirm", looked)
            #expect(own.status == 403 && own.problemCode == "program.own_cut")
            let confirmed = await scene.afterwards.send(.post, path + "/cuts/confirm", looked, bearer: scene.second)
            #expect(confirmed.status == 200, "\(confirmed.text)")
            #expect(try confirmed.json(SessionBody.self).capacity == 1)
            #expect(try await scene.held(id) == [1: [members[0]]])
            let reason: String = try await scene.value(
                "select reason from program_award_event where member_id = \(members[3]) and state_after = 'withdrawn'")
            #expect(reason == "车坏了")
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
            let again = await scene.afterwards.send(.post, path + "/cuts/confirm", looked, bearer: scene.second)
            #expect(again.problemCode == "program.no_cut")
        }
    }

    @Test func `the second organizer confirms what was looked at, not what took its place meanwhile`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(members, quota: 4, sessions: [ProgramSession(number: 1, title: "A", capacity: 4)])
            try await scene.published(id)
            let path = "/v1/programs/\(id)/sessions/1/cuts"
            #expect(await scene.afterwards.send(.get, path, bearer: scene.second).problemCode == "program.no_cut")
            func propose(_ capacity: Int) async throws -> CutAnswer {
                try await scene.afterwards.send(.post, path, #"{"capacity":\#(capacity),"reason":"车坏了"}"#).json(CutAnswer.self)
            }
            func confirm(_ cut: Int64) async -> TestResponse {
                await scene.afterwards.send(.post, path + "/confirm", #"{"id":\#(cut)}"#, bearer: scene.second)
            }
            _ = try await propose(3)
            let looked = try await scene.afterwards.send(.get, path, bearer: scene.second).json(CutAnswer.self)
            #expect(looked.capacity == 3 && looked.losers == [members[3]] && looked.proposedBy == "account:1")
            _ = try await propose(0)
            let changed = await confirm(looked.id)
            #expect(changed.status == 409 && changed.problemCode == "program.cut_changed")
            #expect(try await scene.held(id)[1]?.count == 4, "nobody lost a place")
            // The same words again are another proposal all the same; and one that was taken back and made anew is not the first.
            #expect(try await propose(3).id != looked.id)
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/sessions/1/seats", #"{"capacity":5}"#).status == 200)
            let last = try await propose(3)
            #expect(await confirm(looked.id).problemCode == "program.cut_changed")
            #expect(try await scene.afterwards.send(.get, path).json(CutAnswer.self).id == last.id)
            #expect(await confirm(last.id).status == 200)
            #expect(try await scene.held(id)[1]?.count == 3)
        }
    }

    @Test func `more seats, and fewer down to those held, need one organizer; a run under review keeps its own`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(2)
            let id = try await scene.closed(members, quota: 4, sessions: [ProgramSession(number: 1, title: "A", capacity: 4, walkIn: 1)])
            let path = "/v1/programs/\(id)/sessions/1/seats"
            #expect(await scene.afterwards.send(.post, path, #"{"capacity":5}"#).status == 200)
            try await scene.run(id)
            #expect(await scene.afterwards.send(.post, path, #"{"capacity":6}"#).problemCode == "program.wrong_state")
            try await scene.published(id)
            #expect(await scene.afterwards.send(.post, path, #"{"capacity":2,"walkIn":3}"#).problemCode == "program.walk_in_above_capacity")
            let lowered = try await scene.afterwards.send(.post, path, #"{"capacity":2}"#).json(SessionBody.self)
            #expect(lowered.capacity == 2 && lowered.walkIn == 1 && lowered.taken == 2)
            let missing = await scene.afterwards.send(.post, "/v1/programs/\(id)/sessions/9/seats", #"{"capacity":2}"#)
            #expect(missing.problemCode == "award.session_unknown")
        }
    }
}
