import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime

/// What every work stands on: a fresh PostgreSQL on disk with durable defaults, migrated, with as many made-up members as asked for.
final class BenchHouse: Sendable {
    let folder: String
    let embedded: EmbeddedServer
    let loops: [EventLoop]
    let database: Database
    let keys: Keys

    private init(folder: String, embedded: EmbeddedServer, loops: [EventLoop], database: Database, keys: Keys) {
        self.folder = folder
        self.embedded = embedded
        self.loops = loops
        self.database = database
        self.keys = keys
    }

    static func start(members: Int, report: Report) async throws -> BenchHouse {
        let base = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/var/tmp"
        let folder = "\(base)/waystation-bench-\(getpid())-\(UInt32.random(in: 0...UInt32.max))"
        let embedded = try await EmbeddedServer.start(dataFolder: folder, log: .silent)
        let loops = [try EventLoop.start(name: "bench-0"), try EventLoop.start(name: "bench-1")]
        let database = Database(try ConnectionSettings(embedded.connectionString(), deadline: .seconds(120)), loops: loops)
        try await database.start()
        _ = try await Migrator().run(on: database)
        let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
        return BenchHouse(folder: folder, embedded: embedded, loops: loops, database: database, keys: keys)
    }

    /// Starts `waystation serve` on this database.
    func serve(_ arguments: [String]) throws -> ServerProcess {
        try ServerProcess(
            arguments: ["--database", embedded.connectionString(), "--keys", folder + "/keys.json"] + arguments, port: ServerProcess.freePort())
    }

    func pgbench() throws -> Pgbench {
        let binaries = try PostgresBinaries.choose(cluster: nil, from: PostgresBinaries.installed())
        return Pgbench(program: binaries.path("pgbench"), connection: embedded.connectionString())
    }

    func stop() async {
        await database.stop(grace: .seconds(2))
        for loop in loops { loop.shutDown() }
        await embedded.stop(grace: .seconds(10))
        do { try FileManager.default.removeItem(atPath: folder) } catch { Output.error("could not remove \(folder)\n") }
    }
}
