import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Stations

/// All of the service, composed: what is started, in which order, and which routes it serves.
struct House: Sendable {
    let settings: Settings
    let log: Log
    let embedded: EmbeddedServer?
    let loops: [EventLoop]
    let keys: Keys
    let database: Database
    let registry: Registry
    let stations: Stations
    let metrics: Metrics

    /// Opens the data folder, the keys and the database, and brings the schema up to date when asked to.
    /// - Parameters:
    ///   - loopCount: 1 is enough for commands that serve nobody.
    ///   - migrates: servers and the demo do; other commands only look.
    ///   - keepsCluster: servers keep the embedded cluster for themselves; other commands share one that runs.
    static func open(
        _ settings: Settings, log: Log, loopCount: Int, migrates: Bool = true, keepsCluster: Bool = false
    ) async throws -> House {
        var embedded: EmbeddedServer?
        let connectionString: String
        if let given = settings.databaseURL {
            connectionString = given
        } else if !keepsCluster, let running = EmbeddedServer.runningConnectionString(dataFolder: settings.dataFolder) {
            // A server keeps the cluster; commands beside it share it.
            connectionString = running
        } else {
            let server = try await EmbeddedServer.start(dataFolder: settings.dataFolder, log: log)
            embedded = server
            connectionString = server.connectionString()
        }
        do {
            try makeFolder(settings.keyFile)
            let keys = try KeyFile.openOrCreate(path: settings.keyFile)
            let loops = try (0..<loopCount).map { try EventLoop.start(name: "loop-\($0)") }
            let database = Database(try ConnectionSettings(connectionString, pooler: settings.pooler), loops: loops, log: log)
            let registry = Registry(database: database, keys: keys, loops: loops, clock: settings.clock, log: log)
            let metrics = Metrics()
            let stations = Stations(database: database, registry: registry, keys: keys, clock: settings.clock, metrics: metrics)
            let house = House(
                settings: settings, log: log, embedded: embedded, loops: loops, keys: keys, database: database, registry: registry,
                stations: stations, metrics: metrics)
            try await house.prepareSchema(migrates: migrates, connectionString)
            try await database.start()
            try await stations.prepare()
            return house
        } catch {
            await embedded?.stop(grace: .seconds(10))
            throw error
        }
    }

    /// Migrations run over a connection without a deadline of ten seconds: building an index takes its time.
    private func prepareSchema(migrates: Bool, _ connectionString: String) async throws {
        let patient = Database(
            try ConnectionSettings(connectionString, pooler: settings.pooler, deadline: .seconds(3_600)), loops: [loops[0]], connections: 1)
        let outcome: Swift.Result<Void, any Error>
        do {
            outcome = .success(try await prepareSchema(migrates: migrates, patient))
        } catch {
            outcome = .failure(error)
        }
        await patient.stop(grace: .seconds(1))
        try outcome.get()
    }

    /// A database that is just restarting, or not up yet after a power cut, is waited for; a wrong password is not.
    private func prepareSchema(migrates: Bool, _ database: Database) async throws {
        let giveUp = MonotonicTime.current + Self.databaseWaitMax
        while true {
            do {
                if migrates {
                    for file in try await Migrator().run(on: database) { log.notice("migrated", ["file": .text(file)]) }
                } else if try await !Migrator().pending(in: database).isEmpty {
                    throw CommandError("the database's schema is older than this program: run waystation migrate")
                }
                return
            } catch let error as MigratorError {
                guard case .failed(_, let cause) = error, cause.isOutage, MonotonicTime.current < giveUp else { throw error }
                log.warning("database.awaited", ["error": .text(cause.description)])
            }
            try await Task.sleep(for: .milliseconds(500))
        }
    }

    private static let databaseWaitMax = Duration.seconds(60)

    private static func makeFolder(_ file: String) throws {
        let folder = file.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    }

    /// Closes what `open` opened, in reverse.
    func close() async {
        await database.stop(grace: settings.grace)
        for loop in loops { loop.shutDown() }
        await embedded?.stop(grace: settings.grace)
        log.flush()
    }
}
