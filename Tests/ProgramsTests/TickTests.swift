import Allocation
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct TickTests {
    /// n1, n2, g1, n3, g2 for three places of which one is promised to g (E17).
    private func example(_ scene: ProgramScene, keepsWaiting: Bool = false) async throws -> (id: ID<UnionProgram>, members: [ID<Member>]) {
        let members = try await scene.members(5)
        let id = try await scene.closed(
            members, quota: 3, rules: ProgramScene.rules(floor: 1), groups: { [2, 4].contains($0) ? ProgramScene.firstGroup : 0 })
        if keepsWaiting { _ = try await scene.database.query("update program set keeps_waiting = true where program_id = \(id)") }
        try await scene.published(id)
        #expect(try await scene.held(id) == [1: [members[0], members[1], members[2]]])
        return (id, members)
    }

    private func leave(_ member: ID<Member>, _ id: ID<UnionProgram>, _ scene: ProgramScene, to state: AwardState = .declined) async throws {
        let outcome = try await scene.afterwards.programs.awards.move(AwardMove(member, of: id, to: state, doneBy: "member:\(member)"))
        #expect(outcome.verdict == .moved)
    }

    @Test(arguments: [(leaver: 2, next: 4), (leaver: 0, next: 3)])
    func `a seat of a short floor goes to the next of its group, any other to the next in line`(leaver: Int, next: Int) async throws {
        try await withPrograms { scene in
            let (id, members) = try await example(scene)
            try await leave(members[leaver], id, scene)
            let outcome = try await scene.afterwards.programs.sharing.ticks.tick(id)
            #expect(outcome == TickMaker.Outcome(lapsed: 0, offered: 1))
            #expect(try await scene.state(members[next], in: id) == .offered)
            #expect(try await scene.held(id)[1]?.count == 3)
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
            // Who still waits is told how many before them got a place since.
            let places = try await scene.database.query(
                """
                select award.member_id, award.waiting_place, result.waiting
                from program_award award
                join program_result result using (member_id, program_id)
                where award.waiting_place is not null
                """)
            let place = try #require(places.first)
            #expect(
                try places.count == 1 && place.decode(0) == members[next].rawValue && place.decode(1, as: Int32.self) == place.decode(2))
        }
    }

    @Test func `it does not matter who left first within a tick`() async throws {
        var results: [[Int]] = []
        for order in [[0, 2], [2, 0]] {
            try await withPrograms { scene in
                let (id, members) = try await example(scene)
                for leaver in order { try await leave(members[leaver], id, scene) }
                _ = try await scene.afterwards.programs.sharing.ticks.tick(id)
                let held = Set(try await scene.held(id)[1] ?? [])
                results.append(members.indices.filter { held.contains(members[$0]) })
            }
        }
        #expect(results == [[1, 3, 4], [1, 3, 4]])
    }

    @Test func `offers left open when a program ends lapse in their time, and nobody gets their places`() async throws {
        try await withPrograms { scene in
            let (id, members) = try await example(scene)
            let actor = ProgramLife.Actor(subject: "account:1")
            _ = try await scene.database.inTransaction { try await scene.afterwards.programs.life.end(id, by: actor, in: $0) }
            try await scene.afterwards.programs.sharing.ticks.runOnce()
            #expect(try await scene.state(members[0], in: id) == .offered, "there are hours left, for whoever asks")
            let later = scene.at(hours: 4 + 49).programs.sharing.ticks
            try await later.runOnce()
            for member in members[..<3] { #expect(try await scene.state(member, in: id) == .lapsed) }
            #expect(try await scene.value("select taken::bigint from program", as: Int64.self) == 0)
            #expect(try await later.ticks.due(after: 0, limit: 10).isEmpty)
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `offers that ended lapse and are given on; confirmed places stay where they are`() async throws {
        try await withPrograms { scene in
            let (id, members) = try await example(scene)
            let token = try await scene.token(of: members[0])
            #expect(await scene.afterwards.send(.post, "/v1/me/programs/\(id)/award/confirm", bearer: token).status == 200)
            let later = scene.at(hours: 4 + 49).programs.sharing.ticks
            #expect(try await later.tick(id) == TickMaker.Outcome(lapsed: 2, offered: 2))
            #expect(try await scene.state(members[0], in: id) == .confirmed)
            #expect(try await scene.state(members[1], in: id) == .lapsed)
            #expect(try await scene.state(members[3], in: id) == .offered)
            #expect(try await later.tick(id) == TickMaker.Outcome(), "who let an offer lapse has left the waitlist")
            let reason: String = try await scene.value(
                "select reason from program_award_event where member_id = \(members[1]) and state_after = 'lapsed'")
            #expect(reason == "not_confirmed")
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `who declined waits again only where the program says so, and after all others`() async throws {
        try await withPrograms { scene in
            let (id, members) = try await example(scene, keepsWaiting: true)
            let ticks = scene.afterwards.programs.sharing.ticks
            try await leave(members[0], id, scene)
            _ = try await ticks.tick(id)
            #expect(try await scene.state(members[3], in: id) == .offered, "another goes before who declined")
            try await leave(members[1], id, scene)
            _ = try await ticks.tick(id)
            #expect(try await scene.state(members[4], in: id) == .offered)
            try await leave(members[3], id, scene)
            #expect(try await ticks.tick(id).offered == 1)
            #expect(try await scene.state(members[0], in: id) == .offered, "the first of those who gave one back")
        }
    }

    @Test func `a session that has started is no vacancy, and who has left the union is passed over`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let sessions = [1, 2].map { number in
                ProgramSession(
                    number: number, title: "S\(number)", capacity: 1,
                    startsAt: Timestamp(microseconds: Clock().nowMicroseconds + (number == 1 ? 6 : 60) * 3_600_000_000))
            }
            let id = try await scene.closed(members, quota: 2, sessions: sessions) { [[1], [2], [1, 2], [1, 2]][$0] }
            try await scene.published(id)
            try await leave(members[0], id, scene)
            try await leave(members[1], id, scene)
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[2])")
            let late = scene.at(hours: 7).programs.sharing.ticks
            #expect(try await late.tick(id).offered == 1)
            #expect(try await scene.held(id) == [2: [members[3]]])
        }
    }

    @Test func `who has the benefit under a number that was merged into theirs is passed over for the next`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(members, quota: 2, family: "checkup")
            try await scene.published(id)
            // The first and the third turn out to be one person.
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(members[2]) where member_id = \(members[0])")
            try await leave(members[1], id, scene)
            #expect(try await scene.afterwards.programs.sharing.ticks.tick(id).offered == 1)
            #expect(try await scene.state(members[2], in: id) == nil)
            #expect(try await scene.state(members[3], in: id) == .offered)
        }
    }

    @Test func `while somebody waits a session is awaited, until a tick leaves places of it over`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let sessions = [1, 2].map { ProgramSession(number: $0, title: "S\($0)", capacity: 2) }
            // One waits for the first session; in the second there is a place that nobody wished for.
            let id = try await scene.closed(members, quota: 4, sessions: sessions) { [[1], [1], [2], [1]][$0] }
            try await scene.published(id)
            func awaited() async throws -> [Bool] {
                try await scene.database.query("select is_awaited from program_session order by number").map { try $0.decode(0) }
            }
            #expect(try await awaited() == [true, true], "nobody has looked yet")
            let ticks = scene.afterwards.programs.sharing.ticks
            _ = try await ticks.tick(id)
            #expect(try await awaited() == [true, false])
            try await leave(members[0], id, scene)
            try await leave(members[1], id, scene)
            #expect(try await ticks.tick(id).offered == 1)
            #expect(try await awaited() == [false, false])
        }
    }

    @Test func `however many ticks fail, every program has its own`() async throws {
        try await withPrograms { scene in
            var ids: [ID<UnionProgram>] = []
            for _ in 0..<5 { ids.append(try await scene.closed(try await scene.members(2), quota: 1)) }
            for id in ids {
                try await scene.published(id)
                let winner = try #require(try await scene.held(id)[1]?.first)
                try await leave(winner, id, scene)
            }
            for statement: SQL in [
                "create function fails() returns trigger language plpgsql as 'begin raise exception ''full''; end'",
                """
                create trigger fails before insert or update on program_award for each row when (new.program_id < 5)
                execute function fails()
                """,
            ] { _ = try await scene.database.query(statement) }
            await #expect(throws: PostgresError.self) { try await scene.afterwards.programs.sharing.ticks.runOnce(batch: 2) }
            var held: [Int] = []
            for id in ids { held.append(try await scene.held(id)[1]?.count ?? 0) }
            #expect(held == [0, 0, 0, 0, 1])
        }
    }

    @Test func `two servers that tick at once give each place once`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(40)
            let id = try await scene.closed(members, quota: 20)
            try await scene.published(id)
            for member in members.prefix(10) { try await leave(member, id, scene) }
            let ticks = scene.afterwards.programs.sharing.ticks
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<6 {
                    group.addTask {
                        do { _ = try await ticks.tick(id) } catch { Issue.record("\(error)") }
                    }
                }
            }
            #expect(try await scene.held(id)[1]?.count == 20)
            #expect(try await AwardScene.imbalances(in: scene.database) == 0)
        }
    }

    @Test func `of two ticks that looked at the same state the later one gives nothing`() async throws {
        try await withPrograms { scene in
            let (id, _) = try await example(scene)
            let ticks = scene.afterwards.programs.sharing.ticks.ticks
            for _ in 0..<2 {
                let last = try await ticks.tickedAt(id, in: scene.database)
                #expect(try await ticks.claim(id, last: last, in: scene.database))
                #expect(try await !ticks.claim(id, last: last, in: scene.database))
            }
        }
    }

    @Test func `ticks come every so many minutes, and at once in the last day before a session`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 1)
            try await scene.published(id)
            let ticks = scene.afterwards.programs.sharing.ticks
            try await ticks.runOnce()
            try await leave(members[0], id, scene)
            try await ticks.runOnce()
            #expect(try await scene.held(id).isEmpty, "the next tick has not come")
            try await scene.at(hours: 4.2).programs.sharing.ticks.runOnce()
            #expect(try await scene.held(id) == [1: [members[1]]])
            _ = try await scene.database.query(
                "update program_session set starts_at = now() + interval '10 hours' where program_id = \(id)")
            let soon = scene.at(hours: 4.21)
            let outcome = try await soon.programs.awards.move(AwardMove(members[1], of: id, to: .declined, doneBy: "test"))
            #expect(outcome.verdict == .moved)
            try await scene.at(hours: 4.22).programs.sharing.ticks.runOnce()
            #expect(try await scene.held(id) == [1: [members[2]]])
        }
    }
}
