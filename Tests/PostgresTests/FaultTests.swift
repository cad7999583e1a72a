import Runtime
import TestSupport
import Testing

@testable import Postgres

/// What happens to those who wait when something breaks.
struct FaultTests {
    /// A loop's database with one pipelined connection and one lease, to the same database as `database`.
    private func narrow(_ database: Database, deadline: Duration = .seconds(3_600)) async throws -> Database {
        let name = database.settings.value("dbname") ?? ""
        let settings = try ConnectionSettings(await TestCluster.shared.connectionString(name), deadline: deadline)
        return Database(settings, loops: [TestLoops.all[0]], connections: 1, leasesMax: 1)
    }

    @Test func `a statement that fails is prepared once`() async throws {
        try await withEmptyDatabase { database in
            let narrow = try await narrow(database)
            for _ in 0..<5 { await #expect(throws: PostgresError.self) { try await narrow.query("select 1 / \(0) as never") } }
            let prepared = try await narrow.query("select count(*) from pg_prepared_statements where statement like '%never'")
            #expect(try prepared[0].decode(0, as: Int.self) == 1)
            await narrow.stop(grace: .seconds(1))
        }
    }

    @Test func `a statement that cannot be prepared is prepared anew when it can`() async throws {
        try await withEmptyDatabase { database in
            let narrow = try await narrow(database)
            await #expect(throws: PostgresError.self) { try await narrow.query("select a from entry") }
            _ = try await database.query("create table entry (a int)")
            #expect(try await narrow.query("select a from entry").isEmpty)
            await narrow.stop(grace: .seconds(1))
        }
    }

    @Test func `a changed table strands no statement of a connection that is never idle`() async throws {
        try await withEmptyDatabase { database in
            _ = try await database.query("create table entry (a int)")
            let narrow = try await narrow(database)
            _ = try await narrow.query("select * from entry")
            _ = try await database.query("alter table entry add b int")
            let answered = try await TestLoops.run {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<50 {
                        group.addTask(executorPreference: TestLoops.all[0]) { _ = try await narrow.query("select * from entry") }
                    }
                    return try await group.reduce(0) { count, _ in count + 1 }
                }
            }
            #expect(answered == 50)
            await narrow.stop(grace: .seconds(1))
        }
    }

    @Test func `who waits for a lease is told at once when none can be had any more`() async throws {
        try await withEmptyDatabase { database in
            let name = database.settings.value("dbname") ?? ""
            let settings = try ConnectionSettings(await TestCluster.shared.connectionString(name), deadline: .seconds(3_600))
            let pool = LeasePool(settings, connectionsMax: 1, loop: TestLoops.all[0])
            let lease = try await pool.lease()
            let waiting = (0..<5).map { _ in
                Task {
                    do throws(PostgresError) {
                        _ = try await pool.lease()
                        return false
                    } catch {
                        return error.isOutage
                    }
                }
            }
            while await pool.waitingCount < waiting.count { await Task.yield() }
            _ = try await database.query(SQL(raw: "alter database \(name) connection limit 0"))
            await lease.close(.connectionLost)
            await pool.release(lease)
            for task in waiting { #expect(await task.value) }
            _ = try await database.query(SQL(raw: "alter database \(name) connection limit -1"))
            await pool.release(try await pool.lease())
            await pool.close()
        }
    }

    @Test func `a deadlock that was not resolved may be repeated later`() {
        func error(_ state: String) -> PostgresError {
            .server(ServerError(sqlState: state, constraint: nil, table: nil, column: nil, message: ""))
        }
        for state in ["40001", "40P01", "55P03", "57014", "57P01", "53300", "25006", "08006"] { #expect(error(state).isOutage, "\(state)") }
        for state in ["23505", "22012", "42P01", "26000"] { #expect(!error(state).isOutage, "\(state)") }
    }
}
