import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Postgres

struct ListenerTests {
    @Test func `a notification wakes, and so does every new connection`() async throws {
        try await withEmptyDatabase { database in
            let woken = Atomic<Int>(0)
            let listener = Listener(database, channels: ["waystation_test": { woken.add(1, ordering: .relaxed) }])
            await listener.start()
            // Once for what may have been missed before the first connection.
            while woken.load(ordering: .relaxed) < 1 { await Task.yield() }

            _ = try await database.query("notify waystation_test")
            while woken.load(ordering: .relaxed) < 2 { await Task.yield() }

            _ = try await database.query(
                "select pg_terminate_backend(pid) from pg_stat_activity where query like 'listen%' and datname = current_database()")
            while woken.load(ordering: .relaxed) < 3 { await Task.yield() }
            await listener.stop(grace: .zero)
        }
    }
}
