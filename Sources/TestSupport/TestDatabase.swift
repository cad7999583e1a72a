package import Postgres
import Runtime

/// Runs `body` against a fresh database, made from a migrated template on the one cluster of this test run, and drops it afterwards.
///
/// The cluster is the program's own embedded server in its throw-away form, with durable defaults; it vanishes with the process.
package func withDatabase<Value>(_ body: (Database) async throws -> Value) async throws -> Value {
    try await TestCluster.shared.withDatabase(template: true, body)
}

/// The same with an empty database: for the migrator's own tests.
package func withEmptyDatabase<Value>(_ body: (Database) async throws -> Value) async throws -> Value {
    try await TestCluster.shared.withDatabase(template: false, body)
}

/// The cluster of this test run.
package actor TestCluster {
    package static let shared = TestCluster()

    /// Databases in use at once: bounded, for tests run in parallel and each has a dozen connections.
    private static let inUseMax = 6
    private static let templateName = "waystation_template"

    private var starting: Task<EmbeddedServer, any Error>?
    private var made = 0
    private var inUse = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// The libpq connection string of `database` on this cluster.
    package func connectionString(_ database: String) async throws -> String {
        try await server().connectionString(database: database)
    }

    /// The folder that holds the cluster's files and its log.
    package func dataFolder() async throws -> String { try await server().dataFolder }

    nonisolated func withDatabase<Value>(template: Bool, _ body: (Database) async throws -> Value) async throws -> Value {
        let name = try await make(template: template)
        let outcome: Result<Value, any Error>
        do {
            let database = Database(try ConnectionSettings(await connectionString(name)), loops: TestLoops.all)
            try await database.start()
            do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
            await database.stop(grace: .seconds(1))
        } catch {
            outcome = .failure(error)
        }
        try await drop(name)
        return try outcome.get()
    }

    private func server() async throws -> EmbeddedServer {
        if let starting { return try await starting.value }
        let task = Task {
            let server = try await EmbeddedServer.startThrowAway(log: .silent)
            try await Self.administer(server, "create database \(Self.templateName)")
            let loops = [TestLoops.all[0]]
            let database = Database(try ConnectionSettings(server.connectionString(database: Self.templateName)), loops: loops)
            try await database.start()
            _ = try await Migrator().run(on: database)
            await database.stop(grace: .seconds(1))
            return server
        }
        starting = task
        return try await task.value
    }

    private static func administer(_ server: EmbeddedServer, _ statement: String) async throws {
        let settings = try ConnectionSettings(server.connectionString(database: "postgres"), deadline: .seconds(600))
        let database = Database(settings, loops: [TestLoops.all[0]], connections: 1)
        _ = try await database.query(SQL(raw: statement))
        await database.stop(grace: .seconds(1))
    }

    private func make(template: Bool) async throws -> String {
        while inUse >= Self.inUseMax { await withCheckedContinuation { waiting.append($0) } }
        inUse += 1
        made += 1
        let name = "test_\(made)"
        let server = try await server()
        // Copied as files, the thousand relations are not in memory to be written by the next checkpoint, which every drop asks for.
        let copied = template ? " template \(Self.templateName) strategy file_copy" : ""
        try await Self.administer(server, "create database \(name)" + copied)
        return name
    }

    private func drop(_ name: String) async throws {
        inUse -= 1
        if !waiting.isEmpty { waiting.removeFirst().resume() }
        while true {
            do {
                return try await Self.administer(server(), "drop database \(name) with (force)")
            } catch PostgresError.server(let error) where error.sqlState == "42501" {
                // An autovacuum worker is at it, which our role may not end; it ends by itself.
                try await Task.sleep(for: .milliseconds(50))
            }
        }
    }
}
