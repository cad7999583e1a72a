import Crypto
import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What must hold before anything is served: the database is there, its schema is this program's, and the key file is the database's.
struct Preparation: Sendable {
    let settings: Settings
    let log: Log
    let signals: Signals?

    private static let databaseWaitMax = Duration.seconds(60)

    /// Over a connection without the usual deadline: building an index takes its time.
    /// - Returns: the keys.
    func run(_ connectionString: String, on loop: EventLoop) async throws -> Keys {
        let patient = Database(
            try ConnectionSettings(connectionString, pooler: settings.pooler, deadline: .seconds(3_600)), loops: [loop], connections: 1,
            log: log)
        let outcome: Swift.Result<Keys, any Error>
        do {
            try await patiently { try await prepareSchema(patient) }
            outcome = .success(try await patiently { try await openKeys(KeyFingerprintStore(patient)) })
        } catch {
            outcome = .failure(error)
        }
        await patient.stop(grace: .seconds(1))
        return try outcome.get()
    }

    private func prepareSchema(_ database: Database) async throws {
        let encoding = try await database.query("show server_encoding").single.decode(0, as: String.self)
        guard encoding == "UTF8" else {
            throw CommandError(
                "the database's encoding is \(encoding), which cannot hold every name: make it with createdb -E UTF8 -T template0")
        }
        for file in try await Migrator().run(on: database) { log.notice("migrated", ["file": .text(file)]) }
    }

    /// A database that is just restarting, or not up yet after a power cut, is waited for; a wrong password is not. What is tried must bear
    /// to be begun again.
    func patiently<Value>(_ body: () async throws -> Value) async throws -> Value {
        let giveUp = MonotonicTime.current + Self.databaseWaitMax
        while true {
            do {
                return try await body()
            } catch {
                guard Self.isOutage(error) else { throw error }
                if signals?.hasArrived == true { throw CommandError("stopped while waiting for the database") }
                guard MonotonicTime.current < giveUp else {
                    throw CommandError("no connection to the database within a minute; the log says why: check --database")
                }
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }

    private static func isOutage(_ error: any Error) -> Bool {
        if case .failed(_, let cause)? = error as? MigratorError { return cause.isOutage }
        return (error as? PostgresError)?.isOutage ?? false
    }

    /// A key file is made only for a database that has never had one: a lost or a foreign file must not go unnoticed.
    private func openKeys(_ fingerprints: KeyFingerprintStore) async throws -> Keys {
        let path = settings.keyFile
        let keys: Keys
        if FileManager.default.fileExists(atPath: path) {
            keys = try KeyFile.open(path: path)
        } else {
            guard try await !fingerprints.exists() else {
                throw CommandError("this database was sealed with a key file that is not at \(path): name it with --keys")
            }
            let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
            if !folder.isEmpty { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
            keys = try KeyFile.openOrCreate(path: path)
        }
        switch try await fingerprints.check(keys) {
        case .accepted: return keys
        case .foreign: throw CommandError("this database was sealed with another key file than \(path): name the right one with --keys")
        case .outdated(let id):
            throw CommandError("\(path) is from before keys were rotated, it lacks master key \(id): copy the newer file here")
        }
    }
}
