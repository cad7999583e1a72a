import Postgres
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Programs

@Suite struct PublishOrderTests {
    private final class Attempts: Sendable {
        let count = Mutex(0)
    }

    @Test func `two publications of one family whose winners are the same wait for each other, and never in a circle`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 600, capacities: [300, 300])
            let other = try await AwardScene.makeProgram(database, scene.organization, capacities: [300, 300])
            // Those who won the first session of the one won the second of the other: more than one batch each.
            for (program, first) in [(scene.program, 1), (other, 2)] {
                _ = try await database.query(
                    """
                    insert into program_result (program_id, run_number, ticket, member_id, place, number)
                    select \(program), 1, place, member_id, place, case when place <= 300 then \(Int32(first)) else \(Int32(3 - first)) end
                    from unnest(\(scene.members)) with ordinality as winner (member_id, place)
                    """)
            }
            let attempts = Attempts()
            let held = try await database.inTransaction { transaction in
                _ = try await transaction.query("select from program_session where number = 2 order by program_id for update")
                let held = Task {
                    try await withThrowingTaskGroup(of: Int.self) { group in
                        for program in [scene.program, other] {
                            group.addTask {
                                try await database.inTransaction { transaction in
                                    attempts.count.withLock { $0 += 1 }
                                    return try await transaction.query("select held from programs_publish(\(program), 1, 'test', 0)")
                                        .single.decode(0, as: Int.self)
                                }
                            }
                        }
                        return try await group.reduce(into: []) { $0.append($1) }
                    }
                }
                // Both have begun as far as they can.
                let waits: SQL = """
                    select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'
                    """
                while try await database.query(waits).single.decode(0, as: Int.self) < 2 { try await Task.sleep(for: .milliseconds(5)) }
                return held
            }
            #expect(try await held.value.sorted() == [0, 600])
            #expect(attempts.count.withLock { $0 } == 2, "a deadlock would have been tried again")
            #expect(try await scene.imbalances() == 0)
        }
    }
}
