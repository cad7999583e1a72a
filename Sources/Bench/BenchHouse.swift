import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import Synchronization

/// What every work stands on: a fresh PostgreSQL on disk with durable defaults, migrated, with as many made-up members as asked for.
final class BenchHouse: Sendable {
    let folder: String
    let embedded: EmbeddedServer
    let loops: [EventLoop]
    let database: Database
    let keys: Keys
    let registry: Registry
    private let servers = Mutex<[ServerProcess]>([])

    private init(folder: String, embedded: EmbeddedServer, loops: [EventLoop], database: Database, keys: Keys) {
        self.folder = folder
        self.embedded = embedded
        self.loops = loops
        self.database = database
        self.keys = keys
        registry = Registry(database: database, keys: keys, loops: loops)
    }

    /// Runs `body` in a fresh house and takes it down afterwards, whatever happened.
    static func with(_ body: (BenchHouse) async throws -> Void) async throws {
        let house = try await start()
        let outcome: Swift.Result<Void, any Error>
        do { outcome = .success(try await body(house)) } catch { outcome = .failure(error) }
        await house.stop()
        try outcome.get()
    }

    private static func start() async throws -> BenchHouse {
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
    func serve(_ arguments: [String], port: UInt16? = nil) throws -> ServerProcess {
        let server = try ServerProcess(
            arguments: [
                "--database", embedded.connectionString(), "--keys", folder + "/keys.json", "--data", folder + "/data",
            ] + arguments,
            port: port ?? ServerProcess.freePort())
        servers.withLock { $0.append(server) }
        return server
    }

    /// Writes a made-up register as a CSV file.
    func writeRegister(_ count: Int, first: Int = 0, organization: String, to path: String) throws {
        guard FileManager.default.createFile(atPath: path, contents: nil) else { throw BenchError(description: "cannot write \(path)") }
        let descriptor = open(path, O_WRONLY | O_TRUNC)
        defer { close(descriptor) }
        for piece in DemoRegister(seed: 1, count: count, first: first, organizations: [organization]) {
            guard write(descriptor, piece, piece.count) == piece.count else { throw SystemError.last("write") }
        }
    }

    /// Runs `waystation members import` on a file.
    /// - Returns: the most memory it held, in MB.
    func importFile(_ path: String) async throws -> Double {
        let program = try ServerProcess.program()
        let arguments = ["members", "import", path, "--database", embedded.connectionString(), "--keys", folder + "/keys.json"]
        return try await onThread(name: "import") { () -> Result<Double, BenchError> in
            do {
                let process = try ChildProcess.start(program, arguments, errors: 2)
                var most = 0.0
                while case .timedOut = process.wait(timeout: .milliseconds(50)) {
                    most = max(most, ServerProcess.residentMegabytes(of: process.id))
                }
                guard process.wait() == .ended(.status(0)) else { throw BenchError(description: "the import failed") }
                return .success(most)
            } catch {
                return .failure(BenchError(description: "\(error)"))
            }
        }.get().get()
    }

    func pgbench() throws -> Pgbench {
        let binaries = try PostgresBinaries.choose(cluster: nil, from: PostgresBinaries.installed())
        return Pgbench(program: binaries.path("pgbench"), connection: embedded.connectionString())
    }

    /// Stations, doors and devices by plain inserts, numbered as `ScanPeer` wants them, and members by the importer.
    func prepareDoors(members: Int, stations: Int) async throws -> [String] {
        let organization = try await ensureOrganization()
        let file = folder + "/members.csv"
        try writeRegister(members, organization: "Bench", to: file)
        _ = try await importFile(file)
        _ = try await database.query(
            """
            insert into station (organization_id, name_zh)
            select \(organization.id), 'station ' || n from generate_series(1, \(stations)) n
            """
        )
        _ = try await database.query(
            """
            insert into access_point (station_id, name, policy)
            select station_id, 'door ' || n, '{}' from station cross join generate_series(1, 2) n order by station_id, n
            """)
        var keys: [String] = []
        for number in 1...2 * stations { keys.append(try await registry.devices.create(name: "door \(number)", profile: .door).key) }
        _ = try await database.query("insert into device_access_point (device_id, access_point_id) select device_id, device_id from device")
        return keys
    }

    /// The organization of every member here.
    @discardableResult
    func ensureOrganization() async throws -> Organization {
        guard let organization = try await registry.organizations.ensure(Organization.Draft(parentID: nil, kind: .city, name: "Bench"))
        else {
            throw BenchError(description: "the organization could not be made")
        }
        return organization
    }

    /// kill -9 of the postmaster; the embedded server starts it again.
    func killPostgres() {
        guard let text = FileManager.default.contents(atPath: folder + "/postgres/postmaster.pid"),
            let process = String(decoding: text, as: UTF8.self).split(separator: "\n").first.flatMap({ pid_t($0) })
        else { return }
        kill(process, SIGKILL)
    }

    private func stop() async {
        for server in servers.withLock({ $0 }) { server.stop() }
        await database.stop(grace: .seconds(2))
        for loop in loops { loop.shutDown() }
        await embedded.stop(grace: .seconds(10))
        do { try FileManager.default.removeItem(atPath: folder) } catch { Output.error("could not remove \(folder)\n") }
    }
}
