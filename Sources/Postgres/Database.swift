package import Runtime
import Synchronization

/// The way to PostgreSQL: for each loop its own connections, so that a request never leaves its loop.
///
/// - `query` runs one statement as its own transaction on a pipelined connection;
/// - `transaction` leases a connection;
/// - `lane` gives some work connections of its own.
package final class Database: Querying {
    package let loops: [EventLoop]
    package let settings: ConnectionSettings
    package let log: Log
    private let general: Lane
    private let leases: PerLoop<LeasePool>
    private let lanes = Mutex<[Lane]>([])

    /// - Parameters:
    ///   - connections: pipelined ones for single statements, on each loop.
    ///   - leasesMax: for transactions and copies, on each loop.
    package init(_ settings: ConnectionSettings, loops: [EventLoop], connections: Int = 2, leasesMax: Int = 4, log: Log = .silent) {
        self.settings = settings
        self.loops = loops
        self.log = log
        general = Self.makeLane("general", settings, connections, loops, log)
        leases = PerLoop(loops) { LeasePool(settings, connectionsMax: leasesMax, loop: $0) }
    }

    private static func makeLane(_ name: String, _ settings: ConnectionSettings, _ connections: Int, _ loops: [EventLoop], _ log: Log)
        -> Lane
    {
        Lane(
            name: name,
            perLoop: PerLoop(loops) { LaneConnections(name, settings: settings, connections: connections, loop: $0, log: log) })
    }

    package func query(_ sql: SQL) async throws(PostgresError) -> QueryResult {
        try await general.query(sql)
    }

    /// Connections of their own for one kind of work, on each loop.
    package func lane(_ name: String, connections: Int) -> Lane {
        let lane = Self.makeLane(name, settings, connections, loops, log)
        lanes.withLock { $0.append(lane) }
        return lane
    }

    /// Runs `body` in a transaction: committed when it returns, rolled back when it throws, and run again from its start (up to 5 times)
    /// after a serialization failure or a deadlock, so it must have no effects of its own outside the database.
    ///
    /// A lost connection at the commit is `.database(.connectionLost)`: it may have committed.
    package func transaction<Value, Failure: Error>(
        _ body: (Transaction) async throws(Failure) -> Value
    ) async throws(TransactionError<Failure>) -> Value {
        var attempt = 1
        while true {
            do throws(TransactionError<Failure>) {
                return try await runOnce(body)
            } catch {
                guard case .database(let cause) = error, cause.isRetryable, attempt < 5 else { throw error }
            }
            await pause(.microseconds(Int64.random(in: 500...2_000) << Int64(attempt)))
            attempt += 1
        }
    }

    private func runOnce<Value, Failure: Error>(
        _ body: (Transaction) async throws(Failure) -> Value
    ) async throws(TransactionError<Failure>) -> Value {
        let pool = leases.current
        let connection: Connection
        do throws(PostgresError) { connection = try await pool.lease() } catch { throw .database(error) }
        let transaction = Transaction(connection: connection)
        do throws(PostgresError) {
            _ = try await transaction.query("begin")
        } catch {
            await pool.release(connection)
            throw .database(error)
        }
        let value: Value
        do throws(Failure) {
            value = try await body(transaction)
        } catch {
            await transaction.rollBack()
            await pool.release(connection)
            if let cause = error as? PostgresError { throw .database(cause) }
            // A step inside, such as a copy, may throw the whole answer already.
            throw error as? TransactionError<Failure> ?? .aborted(error)
        }
        do throws(PostgresError) {
            try await transaction.commit()
        } catch {
            await pool.release(connection)
            throw .database(error)
        }
        await pool.release(connection)
        return value
    }

    private func pause(_ duration: Duration) async {
        let loop = leases.current.loop
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let start: @Sendable () -> Void = { loop.schedule(after: duration) { continuation.resume() } }
            loop.perform(start)
        }
    }
}

extension Database: Service {
    package var name: String { "database" }

    /// Connects; what is wrong with the connection string or the account is thrown here.
    package func start() async throws {
        try await general.open()
        for lane in lanes.withLock({ $0 }) { try await lane.open() }
    }

    package func stop(grace: Duration) async {
        for lane in [general] + lanes.withLock({ $0 }) { await lane.close(grace: grace) }
        for pool in leases.all { await pool.close() }
    }
}
