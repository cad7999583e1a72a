import Postgres
import Runtime
import Synchronization
import Testing

@testable import Scheduler

/// A queue over a fresh database, with a table for the effects of jobs that would take the same effect twice.
struct JobScene: Sendable {
    let database: Database
    let queue: QueuedJobStore

    init(_ database: Database, clockOffsetMicroseconds: Int64 = 0) async throws {
        self.database = database
        queue = QueuedJobStore(database, clockOffsetMicroseconds: clockOffsetMicroseconds)
        _ = try await database.query(
            "create table trial_effect (number bigint generated always as identity, job_id bigint not null, fence bigint not null)")
    }

    func enqueue(_ subject: String, key: String = "1", kind: String = "trial", dueAt: Timestamp? = nil) async throws -> Int64 {
        try await queue.enqueue(kind, subject: subject, key: key, dueAt: dueAt, by: "test", in: database)
    }

    func job(_ id: Int64) async throws -> QueuedJob { try #require(try await queue.find(id)) }

    static func effect(_ lease: JobLease, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("insert into trial_effect (job_id, fence) values (\(lease.id), \(lease.fence))")
    }

    /// Jobs in the order of their effects; one twice had its effect twice.
    func effects() async throws -> [Int64] {
        try await database.query("select job_id from trial_effect order by number").map { try $0.decode(0) }
    }

    /// A handler with no more than the effect.
    static func plain(attemptsMax: Int = 5) -> QueuedJobHandler {
        QueuedJobHandler("trial", attemptsMax: attemptsMax) { lease in
            try await lease.complete { transaction in try await effect(lease, in: transaction) }
        }
    }

    func worker(_ handlers: [QueuedJobHandler], clockOffsetMicroseconds: Int64 = 0, _ change: (inout JobWorker.Settings) -> Void = { _ in })
        -> JobWorker
    {
        var settings = JobWorker.Settings()
        settings.look = .milliseconds(5)
        settings.backOff = JobBackOff(first: .milliseconds(2), longest: .milliseconds(5))
        change(&settings)
        return JobWorker(database, handlers: handlers, log: .silent, clockOffsetMicroseconds: clockOffsetMicroseconds, settings: settings)
    }

    /// What a server finds that wakes up long after its lease.
    func letLeasesRunOut() async throws {
        _ = try await database.query(
            "update queued_job set leased_until = clock_timestamp() - interval '1 second' where state = 'running'")
    }

    func letLeaseRunOut(_ lease: JobLease, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update queued_job set leased_until = clock_timestamp() - interval '1 second'
            where queued_job_id = \(lease.id) and state = 'running'
            """)
    }

    func wait(_ id: Int64, for state: QueuedJob.State) async throws {
        while try await job(id).state != state { await Task.yield() }
    }
}

/// Closed, then open for good; waited for by tasks.
final class Lock: Sendable {
    private let opened = Atomic(false)

    func open() { opened.store(true, ordering: .releasing) }
    var isOpen: Bool { opened.load(ordering: .acquiring) }
    func wait() async { while !isOpen { await Task.yield() } }
}

extension JobWorker {
    /// The statements of a worker with another clock.
    func leases(clockOffsetMicroseconds: Int64 = 0) -> JobLeaseStore {
        JobLeaseStore(
            database: database, holder: jobHolder(), clockOffsetMicroseconds: clockOffsetMicroseconds, leaseMicroseconds: 30_000_000)
    }
}
