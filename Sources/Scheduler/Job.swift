package import Postgres

/// Work that a server does by itself, again and again.
///
/// A run takes no input but the rows it finds, does a bounded amount, and may be repeated or cut at any moment: its effects stand in
/// one transaction each, guarded by what they change. One server runs a job at a time; should two for a moment (a lease that ran out
/// under a server that was only slow), the guards keep the effects single. Work whose guards do not reach so far takes the fence.
package struct Job: Sendable {
    /// For logs, figures and the lease: `stations.feed`.
    package let name: String
    /// From the end of one run to the start of the next, when nothing was left to do.
    package let interval: Duration
    private let body: @Sendable (JobFence) async throws -> JobResult

    package init(_ name: String, every interval: Duration, _ body: @escaping @Sendable () async throws -> JobResult) {
        self.init(name, every: interval) { _ in try await body() }
    }

    /// A job whose runs ask the fence in each of their transactions.
    package init(_ name: String, every interval: Duration, _ body: @escaping @Sendable (JobFence) async throws -> JobResult) {
        precondition(interval > .zero, "a job rests between its runs")
        self.name = name
        self.interval = interval
        self.body = body
    }

    /// One run; what tests call, without a lease.
    @discardableResult
    package func run(_ fence: JobFence = JobFence()) async throws -> JobResult { try await body(fence) }
}

/// What a run found.
package enum JobResult: Sendable {
    /// Nothing is left for now.
    case idle
    /// The bound of one run was reached: run again at once.
    case more
}

/// Lets a transaction of a recurring job happen only while its server has the job.
package struct JobFence: Sendable {
    private let lease: (held: RecurringJobStore.Held, length: Duration)?

    /// Of a run that needs no lease: it lets everything through.
    package init() { lease = nil }

    init(_ held: RecurringJobStore.Held, _ length: Duration) { lease = (held, length) }

    /// Keeps the job for this server until the transaction ends; to be called first in it.
    /// - Throws: `JobLeaseLost` when another server has the job: let it through, so that the transaction rolls back.
    package func hold(in querying: any Querying) async throws {
        guard let lease else { return }
        guard try await RecurringJobStore.hold(lease.held, lease.length, in: querying) else { throw JobLeaseLost() }
    }
}
