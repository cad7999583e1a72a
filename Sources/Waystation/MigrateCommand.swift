import Postgres
import Runtime

extension Command {
    static let migrate = Command(
        "migrate", summary: "Brings the database's schema up to date; with --check only says what is missing (status 1)",
        options: Settings.database + [Option("check", .flag, defaultValue: "false", help: "change nothing; fail when something is pending")]
    ) { settings in
        let log = try settings.makeLog(level: .warning)
        let isCheck = settings.configuration.flag("check")
        try await DatabaseOnly.run(settings, log: log) { database in
            let migrator = Migrator()
            let pending = try await migrator.pending(in: database)
            if isCheck {
                for file in pending.migrations + pending.functions { Terminal.output("pending  \(file)\n") }
                if !pending.isEmpty { throw CommandError("the schema is not up to date: run waystation migrate") }
                return Terminal.output("The schema is up to date.\n")
            }
            for file in try await migrator.run(on: database) { Terminal.output("applied  \(file)\n") }
            Terminal.output("The schema is up to date.\n")
        }
    }
}

/// A database without the rest of the house: for commands that must work on an older schema too.
enum DatabaseOnly {
    static func run(_ settings: Settings, log: Log, _ body: (Database) async throws -> Void) async throws {
        var embedded: EmbeddedServer?
        var connectionString = settings.databaseURL ?? EmbeddedServer.runningConnectionString(dataFolder: settings.dataFolder)
        if connectionString == nil {
            let server = try await EmbeddedServer.start(dataFolder: settings.dataFolder, log: log)
            embedded = server
            connectionString = server.connectionString()
        }
        let loop = try EventLoop.start(name: "loop-0")
        let outcome: Swift.Result<Void, any Error>
        do {
            let database = Database(
                try ConnectionSettings(connectionString ?? "", pooler: settings.pooler, deadline: .seconds(3_600)), loops: [loop],
                connections: 1)
            do { outcome = .success(try await body(database)) } catch { outcome = .failure(error) }
            await database.stop(grace: .seconds(1))
        } catch {
            outcome = .failure(error)
        }
        loop.shutDown()
        await embedded?.stop(grace: .seconds(10))
        try outcome.get()
    }
}
