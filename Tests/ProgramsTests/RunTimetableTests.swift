import Allocation
import AllocationFiles
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Programs

@Suite struct RunTimetableTests {
    @Test
    func
        `the timetable closes, asks for the run once, and publishes what a second organizer has reviewed`()
        async throws
    {
        try await withPrograms { scene in
            let now = Clock().nowMicroseconds
            let id = try await scene.draft(quota: 2) { facts in
                facts.runAt = Timestamp(microseconds: now + 4 * 3_600_000_000)
                facts.resultsAt = Timestamp(microseconds: now + 6 * 3_600_000_000)
            }
            #expect(await scene.at(hours: 0).send(.post, "/v1/programs/\(id)/announce").status == 200)
            for member in try await scene.members(4) { try await scene.apply(member, to: id) }
            func tidy(_ hours: Double) async throws {
                let job = try #require(
                    scene.at(hours: hours).programs.jobs.first { $0.name == "programs.timetable" })
                while try await job.run() == .more {}
            }
            try await tidy(3.5)
            #expect(try await scene.afterwards.programs.programs.find(id)?.state == .closed)
            #expect(
                try await scene.afterwards.programs.sharing.queue.requests(of: id).isEmpty,
                "its hour has not come")
            for _ in 0..<3 { try await tidy(4.5) }
            let requests = try await scene.afterwards.programs.sharing.queue.requests(of: id)
            #expect(requests.count == 1)
            try await JobWorker(
                scene.database, handlers: scene.at(hours: 4.5).programs.handlers, log: .silent
            ).runOne(
                try #require(requests.first).id)
            try await tidy(7)
            #expect(
                try await scene.afterwards.programs.programs.find(id)?.state == .run,
                "nobody has reviewed it")
            let review = await scene.at(hours: 5).send(
                .post, "/v1/programs/\(id)/runs/1/review", #"{"decision":"accept"}"#)
            #expect(review.status == 200, "what the timetable made may be reviewed by any organizer")
            try await tidy(5)
            #expect(
                try await scene.afterwards.programs.programs.find(id)?.state == .reviewed,
                "the results were announced for later")
            try await tidy(7)
            #expect(try await scene.afterwards.programs.programs.find(id)?.state == .published)
            #expect(try await scene.held(id)[1]?.count == 2)
        }
    }

    @Test func `however many programs cannot take their step, those after them take theirs`() async throws {
        try await withPrograms { scene in
            // Their hour has come, and nobody has applied.
            _ = try await scene.database.query(
                """
                insert into program (
                    organization_id, title, shares, state, rules, quota, opens_at, closes_at, run_at, lottery_secret_sealed,
                    lottery_commitment, announcement, rules_hash, inputs_hash, announced_at, closed_at, created_by)
                select
                    \(scene.city), '体检', 'place', 'closed', '{}', 1, now() - interval '3 days', now() - interval '2 days',
                    now() - interval '1 day', '', '', '', sha256(''), '', now(), now(), 'account:1'
                from generate_series(1, 120)
                """)
            let id = try await scene.announced()
            let job = try #require(scene.at(hours: 2).programs.jobs.first { $0.name == "programs.timetable" })
            #expect(try await job.run() == .more)
            #expect(try await scene.at(hours: 2).programs.programs.find(id)?.state == .open)
            #expect(try await job.run() == .idle)
        }
    }

    @Test
    func `a program that goes by its sessions' areas is shared out, and its audit file verifies`()
        async throws
    {
        try await withPrograms { scene in
            let east = try await scene.members(3, in: scene.east)
            let west = try await scene.members(3, in: scene.west)
            var rules = ProgramScene.rules()
            rules.mode = Program.Mode.local.rawValue
            let sessions = [
                ProgramSession(number: 1, title: "East", capacity: 2, areaID: scene.east),
                ProgramSession(number: 2, title: "West", capacity: 2, areaID: scene.west),
            ]
            let id = try await scene.announced(quota: 4, rules: rules, sessions: sessions)
            for (index, member) in (west + east).enumerated() {
                try await scene.apply(member, to: id, wishes: [1, 2], points: Int64(10 - index))
            }
            _ = try await scene.database.query("update program_application set area_id = organization_id")
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/close").status == 200)
            try await scene.published(id)
            #expect(
                try await scene.held(id) == [1: [east[0], east[1]], 2: [west[0], west[1]]],
                "residents go first at their own session")
            let file = await scene.afterwards.send(
                .get, "/v1/public/programs/\(id)/audit-file", bearer: ""
            ).text
            #expect(try AuditFile.verify(SourceFile(name: "audit.txt", text: file)).isSound)
        }
    }

    @Test func `no organization has more winners than its cap`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4, in: scene.east) + scene.members(2, in: scene.west)
            var rules = ProgramScene.rules()
            rules.organizationCap = 2
            let id = try await scene.closed(members, quota: 5, rules: rules)
            let run = try await scene.published(id)
            #expect(run.placed == 4)
            #expect(try await scene.held(id)[1] == [members[0], members[1], members[4], members[5]])
            let outcome = try await scene.afterwards.programs.awards.move(
                AwardMove(members[4], of: id, to: .declined, doneBy: "test"))
            #expect(outcome.verdict == .moved)
            #expect(
                try await scene.afterwards.programs.sharing.ticks.tick(id).offered == 0, "nor after a tick")
        }
    }
}
