import Allocation
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Programs

@Suite struct RunTests {
    @Test func `a run gives each applicant what the rule gives, and writes down what explains it`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(6)
            let sessions = [
                ProgramSession(number: 1, title: "周一", capacity: 2), ProgramSession(number: 2, title: "周二", capacity: 2, walkIn: 1),
                ProgramSession(number: 7, title: "空", capacity: 1, walkIn: 1),
            ]
            let id = try await scene.closed(members, quota: 10, sessions: sessions) { [[1, 2], [1], [1, 2], [2], [7], [7, 1]][$0] }
            let run = try await scene.run(id)
            #expect(run.number == 1 && run.state == .made && run.madeBy == "account:1")
            #expect(run.applicants == 6 && run.placed == 3 && run.waiting == 2 && run.excluded == 1)
            let rows = try await scene.database.query(
                """
                select member_id, place, number, waiting, exclusion from program_result where program_id = \(id) order by member_id
                """)
            let results = try rows.map { row in
                [
                    try row.decode(1, as: Int32?.self).map { "\($0)" }, try row.decode(2, as: Int32?.self).map { "at \($0)" },
                    try row.decode(3, as: Int32?.self).map { "waits \($0)" }, try row.decode(4, as: String?.self),
                ].compactMap(\.self).joined(separator: " ")
            }
            #expect(results == ["1 at 1", "2 at 1", "3 at 2", "4 waits 1", "no_seats", "5 waits 2"])
            let full = try await scene.database.query(
                "select number, capacity, taken, closing from program_run_session where program_id = \(id) order by number")
            #expect(try full.map { try $0.decode(2, as: Int32.self) } == [2, 1], "a session without seats does not enter")
            #expect(try full[0].decode(3, as: Int32?.self) == 2)
            #expect(try await scene.held(id).isEmpty, "nothing is held before it is published")
        }
    }

    @Test func `applicants who may not have a place any more take no part, with the reason`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(4)
            let id = try await scene.closed(members, quota: 1, family: "checkup")
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[0])")
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (\(members[1]), 'checkup', '2026', 'used', now(), now()), (\(members[2]), 'checkup', '2025', 'used', now(), now())
                """)
            let run = try await scene.run(id)
            #expect(run.excluded == 2 && run.placed == 1 && run.waiting == 1)
            #expect(run.figures.exclusions.map(\.code) == ["member_not_active", "holds_benefit"])
            let winner: ID<Member> = try await scene.value("select member_id from program_result where number is not null")
            #expect(winner == members[2], "a benefit of another year is none of this one")
        }
    }

    @Test func `an empty program, one that is not closed and one whose run is under way are refused`() async throws {
        try await withPrograms { scene in
            let open = try await scene.announced()
            let early = await scene.at(hours: 2).send(.post, "/v1/programs/\(open)/runs")
            #expect(early.status == 409 && early.problemCode == "program.wrong_state")
            let empty = try await scene.closed([], quota: 3)
            let nobody = await scene.afterwards.send(.post, "/v1/programs/\(empty)/runs")
            #expect(nobody.status == 409 && nobody.problemCode == "program.no_applicants")
            let id = try await scene.closed(try await scene.members(2), quota: 1)
            let first = await scene.afterwards.send(.post, "/v1/programs/\(id)/runs")
            #expect(first.status == 202)
            let second = await scene.afterwards.send(.post, "/v1/programs/\(id)/runs")
            #expect(second.status == 409 && second.problemCode == "program.run_under_way")
            try await scene.work(first)
            let path = try #require(first.header("Location"))
            let done = try await scene.afterwards.send(.get, path).json(RunRequestAnswer.self)
            #expect(done.state == .done)
            try await scene.run(id)
            let runs = try await scene.afterwards.send(.get, "/v1/programs/\(id)/runs").json(RunList.self).items
            #expect(runs.map(\.state) == [.made, .replaced], "a run may be made again until it is published")
        }
    }

    @Test func `many who ask for a run at once are given one`() async throws {
        try await withPrograms { scene in
            let id = try await scene.closed(try await scene.members(2), quota: 1)
            let moment = scene.afterwards
            let statuses = await withTaskGroup(of: Int.self) { group in
                for _ in 0..<8 { group.addTask { await moment.send(.post, "/v1/programs/\(id)/runs").status } }
                return await group.reduce(into: [Int]()) { $0.append($1) }
            }
            #expect(statuses.sorted() == [202] + [Int](repeating: 409, count: 7))
        }
    }

    @Test func `a run that was computed with other seats than there are is not written`() async throws {
        try await withPrograms { scene in
            let id = try await scene.closed(try await scene.members(3), quota: 3)
            let maker = scene.afterwards.programs.sharing.maker
            let computed = try await maker.compute(id)
            let fewer = await scene.afterwards.send(.post, "/v1/programs/\(id)/sessions/1/seats", #"{"capacity":1}"#)
            #expect(fewer.status == 200, "\(fewer.text)")
            let problem = await #expect(throws: Problem.self) {
                try await scene.database.inTransaction { try await maker.write(computed, by: .init(subject: "account:1"), in: $0) }
            }
            #expect(problem?.type.code == RunProblem.inputsChanged.code)
            #expect(try await scene.value("select count(*) from program_run", as: Int.self) == 0)
        }
    }

    @Test func `whoever asks looks with the connection that holds the program, and needs no other`() async throws {
        try await withPrograms { scene in
            let id = try await scene.closed(try await scene.members(2), quota: 1)
            let queue = scene.afterwards.programs.sharing.queue
            let actor = ProgramLife.Actor(subject: "account:1")
            let problem = await #expect(throws: Problem.self) {
                try await scene.database.inTransaction { transaction in
                    _ = try await queue.ask(id, by: actor, in: transaction)
                    _ = try await queue.ask(id, by: actor, in: transaction)
                }
            }
            #expect(problem?.type.code == RunProblem.underWay.code)
        }
    }

    @Test func `applications that are not those whose hash was published are not shared out`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(3)
            let id = try await scene.closed(members, quota: 1)
            _ = try await scene.database.query("update program_application set points = 9 where member_id = \(members[2])")
            await #expect(throws: JobRefusal.self) { try await scene.run(id) }
            let job = try #require(try await scene.afterwards.programs.sharing.queue.requests(of: id).first)
            #expect(job.state == .dead && job.failure == "program.inputs_changed")
            #expect(try await scene.value("select count(*) from program_run", as: Int.self) == 0)
        }
    }

    @Test func `the hash of the applications is the same in Swift and in the database`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(40)
            let id = try await scene.closed(
                members, quota: 3,
                sessions: (1...9).map { ProgramSession(number: $0, title: "S\($0)", capacity: 1) },
                wishes: { index in (0...index % 8).map { Int32((index + $0) % 9 + 1) } }, groups: { Int16($0 * 7 % 256) })
            _ = try await scene.database.query(
                """
                update program_application
                set
                    area_id = organization_id, points = points * 65537,
                    ticket = case when member_id = \(members[2]) then ticket >> 16 << 16 else ticket end
                where member_id % 3 = 0
                """
            )
            _ = try await scene.database.query("update program set inputs_hash = programs_inputs_hash(program_id)")
            let program = try #require(try await scene.afterwards.programs.programs.find(id))
            let table = try await scene.afterwards.programs.sharing.maker.read(program).table
            #expect(table.inputsHash(table.byTicket()) == program.inputsHash)
        }
    }

    @Test func `a program with a beacon waits for it, and takes it once and after closing`() async throws {
        try await withPrograms { scene in
            let id = try await scene.draft { facts in
                facts.lotteryKind = .beacon
                facts.beaconSource = "drand quicknet 1000"
            }
            _ = await scene.at(hours: 0).send(.post, "/v1/programs/\(id)/announce")
            let early = await scene.at(hours: 2).send(.post, "/v1/programs/\(id)/beacon", #"{"beacon":"00ff"}"#)
            #expect(early.status == 409 && early.problemCode == "program.beacon_refused")
            try await scene.apply(try await scene.members(1)[0], to: id)
            _ = await scene.afterwards.send(.post, "/v1/programs/\(id)/close")
            let awaited = await scene.afterwards.send(.post, "/v1/programs/\(id)/runs")
            #expect(awaited.status == 409 && awaited.problemCode == "program.beacon_awaited")
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/beacon", #"{"beacon":"00ff"}"#).status == 200)
            #expect(await scene.afterwards.send(.post, "/v1/programs/\(id)/beacon", #"{"beacon":"00fe"}"#).status == 409)
            let run = try await scene.run(id)
            #expect(run.placed == 1)
        }
    }
}
