import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

/// One person under several numbers that turn out to be one, and people who leave.
@Suite struct MergedMemberTests {
    private func merge(_ ended: ID<Member>, into survivor: ID<Member>, _ scene: ProgramScene) async throws {
        _ = try await scene.database.query(
            "update member set status = 'left', merged_into = \(survivor) where member_id = \(ended)")
    }

    private static let sessions = [1, 2].map { ProgramSession(number: $0, title: "S\($0)", capacity: 2) }

    /// Two sessions that begin in two and a half days.
    private static var later: [ProgramSession] {
        [1, 2].map {
            ProgramSession(
                number: $0, title: "S\($0)", capacity: 2, startsAt: Timestamp(microseconds: Clock().nowMicroseconds + 60 * 3_600_000_000))
        }
    }

    @Test(arguments: [true, false])
    func `of two applications of one person the one that was changed last stands, under the number that goes on`(
        isEndedNewer: Bool
    ) async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 4, sessions: Self.sessions) { [[1], [2], [2]][$0] }
            let (ended, survivor) = (members[0], members[1])
            _ = try await scene.database.query(
                """
                update program_application set changed_at = changed_at + interval '1 hour'
                where member_id = \(isEndedNewer ? ended : survivor)
                """)
            try await merge(ended, into: survivor, scene)
            let run = try await scene.published(id)
            #expect(run.placed == 2 && run.excluded == 1)
            #expect(run.figures.exclusions.map(\.code) == ["other_application"])
            #expect(try await scene.held(id) == (isEndedNewer ? [1: [survivor], 2: [members[2]]] : [2: [survivor, members[2]]]))
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `who applied under a number that was merged takes part under the one that goes on`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(Array(members.prefix(2)), quota: 1)
            try await merge(members[0], into: members[2], scene)
            #expect(try await scene.published(id).excluded == 0)
            #expect(try await scene.held(id) == [1: [members[2]]])
        }
    }

    @Test func `who has the benefit under a number that was merged into theirs takes no part, and costs nobody a place`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(Array(members.prefix(2)), quota: 1, family: "checkup")
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (\(members[2]), 'checkup', '2026', 'used', now(), now())
                """)
            try await merge(members[2], into: members[0], scene)
            let run = try await scene.published(id)
            #expect(run.figures.exclusions.map(\.code) == ["holds_benefit"])
            #expect(try await scene.held(id) == [1: [members[1]]])
        }
    }

    @Test func `two winners who are one by the publication have one place, and the one that goes on has it`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(Array(members.prefix(3)), quota: 4, sessions: Self.sessions) { [[1], [2], [2]][$0] }
            let run = try await scene.run(id)
            try await merge(members[0], into: members[1], scene)
            try await merge(members[2], into: members[3], scene)
            let path = "/v1/programs/\(id)"
            let reviewed = await scene.afterwards.send(
                .post, path + "/runs/\(run.number)/review", #"{"decision":"accept"}"#, bearer: scene.second)
            #expect(reviewed.status == 200)
            #expect(await scene.afterwards.send(.post, path + "/publish").status == 200)
            #expect(try await scene.held(id) == [1: [members[1]], 2: [members[3]]])
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `without a family, too, who has a place under a merged number is given no second one, and the next is asked`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(members, quota: 2)
            try await scene.published(id)
            try await merge(members[0], into: members[2], scene)
            let outcome = try await scene.afterwards.programs.awards.move(AwardMove(members[1], of: id, to: .declined, doneBy: "test"))
            #expect(outcome.verdict == .moved)
            #expect(try await scene.afterwards.programs.sharing.ticks.tick(id).offered == 1)
            #expect(try await scene.held(id) == [1: [members[0], members[3]]])
            let given = try await scene.afterwards.programs.awards.hold([
                AwardPlace(members[2], of: id, number: 1, source: .organizer, doneBy: "test")
            ])
            #expect(given.map(\.verdict) == [.holdsPlace])
        }
    }

    @Test func `places of who has left go to who waits, with the reason, once; those of who was merged pass to the number that goes on`()
        async throws
    {
        try await withPrograms { scene in
            let members = try await scene.members(8)
            let id = try await scene.closed(Array(members.prefix(6)), quota: 4, sessions: Self.later) { $0 < 2 ? [1] : [2, 1] }
            try await scene.published(id)
            #expect(try await scene.held(id) == [1: [members[0], members[1]], 2: [members[2], members[3]]])
            let awards = scene.afterwards.programs.awards
            #expect(try await awards.move(AwardMove(members[3], of: id, to: .confirmed, doneBy: "test")).verdict == .moved)
            #expect(try await awards.followMembers() == 0)
            // One leaves, one rests, one is merged into nobody's number, one into that of another who has a place.
            _ = try await scene.database.query("update member set status = 'left' where member_id = \(members[0])")
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[1])")
            try await merge(members[3], into: members[6], scene)
            try await merge(members[2], into: members[1], scene)
            let counts = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 { group.addTask { try await awards.followMembers() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(counts.reduce(0, +) == 3)
            #expect(try await scene.held(id) == [1: [members[1]], 2: [members[6]]])
            #expect(try await scene.state(members[6], in: id) == .confirmed)
            let reasons = try await scene.database.query(
                "select reason from program_award_event where state_after = 'withdrawn' order by member_id")
            #expect(try reasons.map { try $0.decode(0) } == ["member_left", "member_merged", "member_merged"])
            #expect(try await scene.afterwards.programs.sharing.ticks.tick(id).offered == 2)
            #expect(try await scene.held(id) == [1: [members[1], members[5]], 2: [members[4], members[6]]])
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `a place in a session that has begun stays what it is`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(1)
            let id = try await scene.closed(members, quota: 4, sessions: Self.later)
            try await scene.published(id)
            _ = try await scene.database.query("update member set status = 'left' where member_id = \(members[0])")
            #expect(try await scene.at(hours: 61).programs.awards.followMembers() == 0)
            #expect(try await scene.state(members[0], in: id) == .offered)
        }
    }
}
