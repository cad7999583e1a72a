import CLinux
import Glibc
package import Runtime
import Synchronization

/// A PostgreSQL that Waystation keeps itself, in its data folder, for whoever names no `--database`.
///
/// It starts with the service group and stops with it; after a crash of the postmaster it is started again with back-off, and a
/// postmaster orphaned by a kill of Waystation is found through `postmaster.pid` and adopted at the next start. It listens on a Unix
/// socket only, in a folder that only its user may enter, with data checksums and PostgreSQL's durable defaults.
///
/// All its work is blocking and done by one thread of its own; callers on loops only await.
package final class EmbeddedServer: Service {
    package let name = "postgres"

    /// The role that Waystation's statements run as; owns the database and is no superuser.
    package static let role = "waystation"

    private struct State {
        var socketFolder = ""
        var stopAllowance: Duration?
        var hasEnded = true
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Holds the cluster, in `postgres`.
    package let dataFolder: String
    private let log: Log
    private let throwAway: ThrowAwayFolder?
    private let state = Mutex(State())
    private let stopAsked: CInt

    /// A server on `dataFolder`, which is made when it starts.
    package convenience init(dataFolder: String, log: Log) throws(EmbeddedServerError) {
        try self.init(dataFolder: dataFolder, throwAway: nil, log: log)
    }

    init(dataFolder: String, throwAway: ThrowAwayFolder?, log: Log) throws(EmbeddedServerError) {
        self.dataFolder = dataFolder
        self.throwAway = throwAway
        self.log = log
        stopAsked = eventfd(0, CInt(EFD_CLOEXEC) | CInt(EFD_NONBLOCK))
        guard stopAsked >= 0 else { throw .system(.last("eventfd")) }
    }

    deinit { close(stopAsked) }

    /// A started server on `dataFolder`.
    package static func start(dataFolder: String, log: Log) async throws(EmbeddedServerError) -> EmbeddedServer {
        let server = try EmbeddedServer(dataFolder: dataFolder, log: log)
        try await server.start()
        return server
    }

    /// For libpq, once started: by default the database and the role of Waystation.
    package func connectionString(database: String = "waystation", user: String = role) -> String {
        Self.connectionString(socketFolder: state.withLock { $0.socketFolder }, database: database, user: user)
    }

    static func connectionString(socketFolder: String, database: String, user: String) -> String {
        let quoted = socketFolder.map { $0 == "'" || $0 == "\\" ? "\\\($0)" : "\($0)" }.joined()
        return "host='\(quoted)' port=5432 dbname=\(database) user=\(user)"
    }

    /// Makes the cluster if there is none, starts it (or adopts an orphan) and returns once it accepts connections.
    package func start() async throws(EmbeddedServerError) {
        state.withLock { $0.hasEnded = false }
        let outcome: Result<Void, EmbeddedServerError> = await withCheckedContinuation { continuation in
            do throws(SystemError) {
                try startThread(name: "postgres") { ready in
                    ready()
                    self.keep { continuation.resume(returning: $0) }
                }
            } catch {
                ended()
                continuation.resume(returning: .failure(.system(error)))
            }
        }
        try outcome.get()
    }

    /// Ends all sessions and shuts the cluster down cleanly. Beyond `grace`, but never before ten seconds (a checkpoint must fit), it is
    /// stopped at once and recovers at its next start; nothing committed is lost either way.
    package func stop(grace: Duration = .seconds(30)) async {
        await withCheckedContinuation { continuation in
            let hasEnded = state.withLock { state in
                if state.hasEnded { return true }
                state.stopAllowance = max(grace, .seconds(10))
                state.waiters.append(continuation)
                return false
            }
            if hasEnded { return continuation.resume() }
            var one: UInt64 = 1
            // A full counter asks as well.
            _ = write(stopAsked, &one, 8)
        }
        throwAway?.delete()
    }

    // MARK: The thread

    private func keep(_ report: @Sendable (Result<Void, EmbeddedServerError>) -> Void) {
        // The folder's lock goes with what `live` held, so it is free before anybody hears of the end.
        let failure = live { report(.success(())) }
        ended()
        if let failure { report(.failure(failure)) }
    }

    /// The life of the server: tells `started` once, then looks after the postmaster until it is asked to stop; or why it did not start.
    private func live(_ started: () -> Void) -> EmbeddedServerError? {
        let starter: EmbeddedStarter
        var postmaster: ChildProcess
        do throws(EmbeddedServerError) {
            let cluster = try EmbeddedCluster(dataFolder: dataFolder, isThrowAway: throwAway != nil)
            state.withLock { $0.socketFolder = cluster.socketFolder }
            starter = EmbeddedStarter(cluster: cluster, stopAsked: stopAsked, log: log)
            postmaster = try starter.start()
        } catch {
            return error
        }
        started()
        while case .ended(let end) = postmaster.wait(interrupt: stopAsked) {
            log.error("postgres.crashed", ["end": .text(end.description)])
            guard let next = starter.restart() else { return nil }
            postmaster = next
        }
        let allowance = state.withLock { $0.stopAllowance } ?? .seconds(10)
        EmbeddedStarter.stop(postmaster, allowance: allowance, log: log)
        return nil
    }

    private func ended() {
        let waiters = state.withLock { state in
            state.hasEnded = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
