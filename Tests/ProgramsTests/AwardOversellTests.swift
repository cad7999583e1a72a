import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

/// The three ways in which a public system gave out more places than there were, and everything at once.
@Suite struct AwardOversellTests {
    @Test func `there is no giving a place without counting it, nor counting one without giving it`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 3, capacities: [2])
            try await scene.hold(scene.place(0), scene.place(1))
            // A second writer who decremented apart from the booking would end here.
            await #expect(throws: PostgresError.self) {
                _ = try await database.query("update program_session set taken = taken + 1 where program_id = \(scene.program)")
            }
            #expect(try await scene.hold(scene.place(2)) == [.sessionFull])
            #expect(try await scene.imbalances() == 0)
            let statements = try await database.query(
                "select count(*) from pg_proc where proname like 'programs%' and prosrc ~ 'set taken'")[0].decode(0, as: Int.self)
            #expect(statements == 2, "the counters are written by hold and move alone")
        }
    }

    @Test(arguments: ["before", "within", "after"])
    func `a connection that dies takes its place along whole, or leaves it whole`(moment: String) async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 2, capacities: [1])
            do throws(TransactionError<PostgresError>) {
                try await database.transaction { (transaction) async throws(PostgresError) in
                    let backend = try await transaction.query("select pg_backend_pid()")[0].decode(0, as: Int32.self)
                    if moment != "before" { _ = try await scene.awards.hold([scene.place(0)], in: transaction) }
                    if moment == "after" { _ = try await scene.awards.move([scene.change(0, to: .confirmed)], in: transaction) }
                    _ = try await database.query("select pg_terminate_backend(\(backend))")
                    _ = try await scene.awards.hold([scene.place(1)], in: transaction)
                }
                Issue.record("the transaction was expected to be lost")
            } catch {
                guard case .database(let cause) = error, cause.isOutage else {
                    Issue.record("the connection was expected to be lost, not \(error)")
                    return
                }
            }
            #expect(try await scene.taken() == [0, 0], "nothing of it stands")
            #expect(try await scene.state(0) == nil)
            #expect(try await scene.benefits(0) == [])
            #expect(try await scene.hold(scene.place(0), scene.place(1)) == [.held, .sessionFull])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `sessions made anew or changed while places are held cannot forget them`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 5, capacities: [3, 3])
            try await scene.hold(scene.place(0), scene.place(1), scene.place(2))
            await #expect(throws: PostgresError.self, "a session with awards is not removed") {
                _ = try await database.query("delete from program_session where program_id = \(scene.program)")
            }
            await #expect(throws: PostgresError.self, "nor made twice") {
                _ = try await database.query(
                    "insert into program_session (program_id, number, title, capacity) values (\(scene.program), 1, 'again', 3)")
            }
            await #expect(throws: PostgresError.self, "nor lowered below what is held") {
                _ = try await database.query("update program_session set capacity = 2 where program_id = \(scene.program) and number = 1")
            }
            await #expect(throws: PostgresError.self, "nor the quota") {
                _ = try await database.query("update program set quota = 2 where program_id = \(scene.program)")
            }
            #expect(try await scene.hold(scene.place(3)) == [.sessionFull])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test(arguments: SeededGenerator.seeds(2))
    func `many who confirm, decline, withdraw, swap and come in at once leave counters and awards the same`(seed: UInt64) async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 60, capacities: [12, 9, 6], quota: 24, walkIn: 2)
            let other = try await AwardScene.makeProgram(database, scene.organization, capacities: [20])
            // Two servers' worth of stores: they share nothing but the database.
            let stores = [scene.awards, AwardStore(database, clock: Clock())]
            await withTaskGroup(of: Void.self) { group in
                for task in 0..<8 {
                    group.addTask {
                        var random = SeededGenerator(seed: seed &+ UInt64(task))
                        for _ in 0..<40 {
                            let member = scene.members[Int.random(in: 0..<60, using: &random)]
                            let program = Int.random(in: 0..<5, using: &random) == 0 ? other : scene.program
                            let number = Int32.random(in: 1...3, using: &random)
                            let store = stores[task % 2]
                            do {
                                switch Int.random(in: 0..<3, using: &random) {
                                case 0:
                                    let source = AwardSource.allCases.randomElement(using: &random) ?? .tick
                                    let count = Int.random(in: 1...4, using: &random)
                                    let places = (0..<count).map { _ in
                                        AwardPlace(
                                            scene.members[Int.random(in: 0..<60, using: &random)], of: program, number: number,
                                            state: source == .walkIn ? .attended : .offered, source: source, doneBy: "test")
                                    }
                                    _ = try await store.hold(places)
                                case 1: _ = try await store.move(AwardMove(member, of: program, to: nil, number: number, doneBy: "test"))
                                default:
                                    let state = AwardState.allCases.randomElement(using: &random)
                                    _ = try await store.move(AwardMove(member, of: program, to: state, doneBy: "test"))
                                }
                            } catch {
                                Issue.record("seed \(seed): \(error)")
                            }
                        }
                    }
                }
            }
            #expect(try await scene.imbalances() == 0, "seed \(seed)")
            let held = try await scene.taken()
            #expect(held[0] <= 24 && held[1] <= 12 && held[2] <= 9 && held[3] <= 6 && held[0] > 0, "seed \(seed): \(held)")
            let twice = try await database.query(
                """
                select count(*)
                from (
                    select member_id from program_award where programs_holds_place(state) group by member_id having count(*) > 1
                ) twice
                """)[0].decode(0, as: Int.self)
            #expect(twice == 0, "seed \(seed): nobody has the benefit twice")
        }
    }
}
