import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct PublishTests {
    @Test func `nobody reviews their own run, and nothing is published without a review`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 2)
            let unmade = await scene.afterwards.send(.post, "/v1/programs/\(id)/publish")
            #expect(unmade.status == 409 && unmade.problemCode == "program.not_reviewed")
            try await scene.run(id)
            let path = "/v1/programs/\(id)/runs/1/review"
            let own = await scene.afterwards.send(.post, path, #"{"decision":"accept"}"#)
            #expect(own.status == 403 && own.problemCode == "program.own_run")
            let unreviewed = await scene.afterwards.send(.post, "/v1/programs/\(id)/publish")
            #expect(unreviewed.status == 409 && unreviewed.problemCode == "program.not_reviewed")
            let rejected = await scene.afterwards.send(
                .post, path, #"{"decision":"reject","note":"周三的车取消了"}"#, bearer: scene.second)
            #expect(try rejected.json(RunAnswer.self).state == .rejected)
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/publish").problemCode == "program.not_reviewed")
            let twice = await scene.afterwards.send(.post, path, #"{"decision":"accept"}"#, bearer: scene.second)
            #expect(twice.status == 409 && twice.problemCode == "program.run_decided")
            #expect(try await scene.held(id).isEmpty)
            let run = try await scene.published(id)
            #expect(run.number == 2 && run.reviewedBy == "account:2" && run.publishedBy == "account:1")
            #expect(try await scene.held(id) == [1: [members[0], members[1]]])
            let again = await scene.afterwards.send(.post, "/v1/programs/\(id)/runs")
            #expect(again.problemCode == "program.wrong_state", "nothing is shared out anew once places are held")
        }
    }

    @Test func `winners are offered their places until a time, confirm or decline, and others may not`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 2, family: "checkup", offerHours: 24)
            try await scene.published(id)
            let tokens = try await [scene.token(of: members[0]), scene.token(of: members[1]), scene.token(of: members[2])]
            let path = "/v1/me/programs/\(id)/award"
            let confirmed = await scene.afterwards.send(.post, path + "/confirm", bearer: tokens[0])
            #expect(try confirmed.json(AwardAnswer.self).state == .confirmed)
            #expect(await scene.afterwards.send(.post, path + "/confirm", bearer: tokens[0]).status == 200, "again, it changes nothing")
            #expect(await scene.afterwards.send(.post, path + "/confirm", bearer: tokens[2]).problemCode == "award.not_found")
            let late = await scene.at(hours: 4 + 25).send(.post, path + "/confirm", bearer: tokens[1])
            #expect(late.status == 409 && late.problemCode == "award.offer_over", "by the service's clock")
            #expect(await scene.afterwards.send(.post, path + "/decline", bearer: tokens[1]).status == 200)
            #expect(await scene.afterwards.send(.post, path + "/withdraw", bearer: tokens[0]).status == 200)
            #expect(try await scene.held(id).isEmpty)
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `a winner whose benefit is taken meanwhile is dropped with the reason, and the seat goes to the next tick`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 2, family: "checkup")
            let run = try await scene.run(id)
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (\(members[1]), 'checkup', '2026', 'used', now(), now())
                """)
            let review = "/v1/programs/\(id)/runs/\(run.number)/review"
            _ = await scene.afterwards.send(.post, review, #"{"decision":"accept"}"#, bearer: scene.second)
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/publish").status == 200)
            #expect(try await scene.held(id) == [1: [members[0]]])
            #expect(try await scene.state(members[1], in: id) == .withdrawn)
            let reason: String = try await scene.value(
                "select reason from program_award_event where member_id = \(members[1])")
            #expect(reason == "benefit_taken")
            _ = try await scene.afterwards.programs.sharing.ticks.tick(id)
            #expect(try await scene.held(id) == [1: [members[0], members[2]]])
        }
    }

    @Test func `publishing that fails half way leaves nothing`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(300)
            let id = try await scene.closed(members, quota: 290)
            let run = try await scene.run(id)
            let review = "/v1/programs/\(id)/runs/\(run.number)/review"
            _ = await scene.afterwards.send(.post, review, #"{"decision":"accept"}"#, bearer: scene.second)
            struct Cut: Error {}
            let sharing = scene.afterwards.programs.sharing
            await #expect(throws: Cut.self) {
                try await scene.database.inTransaction { transaction in
                    _ = try await sharing.review.publish(id, by: ProgramLife.Actor(subject: "account:1"), in: transaction)
                    throw Cut()
                }
            }
            #expect(try await scene.held(id).isEmpty)
            #expect(try await scene.value("select state from program where program_id = \(id)", as: String.self) == "reviewed")
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/publish").status == 200)
            #expect(try await scene.held(id)[1]?.count == 290, "more than one batch of the function")
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `organizers change places with a reason, which stands in the history and the audit`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let sessions = [ProgramSession(number: 1, title: "A", capacity: 2), ProgramSession(number: 2, title: "B", capacity: 1)]
            let id = try await scene.closed(Array(members.prefix(2)), quota: 3, sessions: sessions)
            try await scene.published(id)
            let path = "/v1/programs/\(id)/awards"
            #expect(await scene.afterwards.send(.post, path + "/\(members[0])/swap", #"{"number":2,"reason":"住得近"}"#).status == 200)
            #expect(await scene.afterwards.send(.post, path + "/\(members[1])/swap", #"{"number":2}"#).problemCode == "award.session_full")
            #expect(
                await scene.afterwards.send(.post, path + "/\(members[1])/withdraw", #"{"reason":"离职"}"#).status == 200)
            let given = await scene.afterwards.send(
                .post, path, #"{"memberId":\#(members[2]),"number":1,"reason":"复核更正"}"#, headers: [("Idempotency-Key", "k")])
            #expect(given.status == 201)
            #expect(try await scene.held(id) == [1: [members[2]], 2: [members[0]]])
            let listed = try await scene.afterwards.send(.get, path + "?state=withdrawn").json(AwardList.self)
            #expect(listed.items.map(\.memberId) == [members[1]])
            let actions = try await scene.database.query("select action from audit_entry where action like 'award.%' order by entry_id")
            #expect(try actions.map { try $0.decode(0, as: String.self) } == ["award.changed", "award.changed", "award.given"])
        }
    }
}
