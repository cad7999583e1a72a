/// Work that a server does by itself, again and again.
///
/// A run takes no input but the rows it finds, does a bounded amount, and may be repeated or cut at any moment: its effects stand in
/// one transaction each, guarded by what they change. One server runs a job at a time; should two for a moment (a lease that ran out
/// under a server that was only slow), the guards keep the effects single.
package struct Job: Sendable {
    /// For logs, figures and the lease: `stations.feed`.
    package let name: String
    /// From the end of one run to the start of the next, when nothing was left to do.
    package let interval: Duration
    private let body: @Sendable () async throws -> JobResult

    package init(_ name: String, every interval: Duration, _ body: @escaping @Sendable () async throws -> JobResult) {
        precondition(interval > .zero, "a job rests between its runs")
        self.name = name
        self.interval = interval
        self.body = body
    }

    /// One run; what tests call.
    @discardableResult
    package func run() async throws -> JobResult { try await body() }
}

/// What a run found.
package enum JobResult: Sendable {
    /// Nothing is left for now.
    case idle
    /// The bound of one run was reached: run again at once.
    case more
}
