package import Postgres

/// How a recurring job stands: who has it, and how its runs went.
package struct RecurringJob: Sendable {
    package let name: String
    /// From the end of one run to the start of the next; nil of one that no server of this version has known yet.
    package let interval: Duration?
    /// By an operator.
    package let isStopped: Bool
    /// An operator wants a run at once, and none has begun yet.
    package let isAsked: Bool
    package let leasedBy: String?
    package let leasedUntil: Timestamp?
    package let heartbeatAt: Timestamp?
    /// When the holder of now took it.
    package let startedAt: Timestamp?
    /// Of the last run that went well, as the last heartbeat saw it.
    package let finishedAt: Timestamp?
    package let failedAt: Timestamp?
    /// The kind of the last error.
    package let failure: String?
    package let runs: Int64
    package let failures: Int64
    package let failuresInRow: Int
    /// After failures; nil when it does not rest.
    package let restsUntil: Timestamp?
}
