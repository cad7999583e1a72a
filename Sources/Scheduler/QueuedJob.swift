package import Postgres

/// One piece of work that was asked for: what it is, and how far it is.
package struct QueuedJob: Sendable {
    package enum State: String, CaseIterable, Codable, Sendable {
        /// Waits until it is due and a worker has time.
        case queued
        case running
        /// Its effect stands.
        case done
        /// Given up after its last attempt or a refusal; can be run again by hand.
        case dead
        case cancelled

        /// Whether nothing more comes by itself.
        package var isOver: Bool { self != .queued && self != .running }
    }

    package let id: Int64
    let slot: Int32
    package let kind: String
    package let subject: String
    package let key: String
    package let state: State
    /// By the service's clock, which `--clock-offset` moves.
    package let dueAt: Timestamp
    package let attempts: Int
    package let attemptsMax: Int
    package let fence: Int64
    package let leasedBy: String?
    package let leasedUntil: Timestamp?
    package let heartbeatAt: Timestamp?
    package let progress: JobProgress?
    /// The kind of the last error or a refusal's code; stays when a later attempt succeeds.
    package let failure: String?
    package let isCancelAsked: Bool
    package let requestedBy: String
    package let createdAt: Timestamp
    package let startedAt: Timestamp?
    package let finishedAt: Timestamp?
}

/// How far a job is.
package struct JobProgress: Hashable, Sendable {
    package let done: Int64
    package let total: Int64
    package let phase: String

    /// Kept within what a row holds: nothing negative, never more than the whole.
    package init(_ done: Int64, of total: Int64, phase: String) {
        self.total = max(0, total)
        self.done = min(max(0, done), self.total)
        self.phase = String(phase.prefix(100))
    }

    /// 0 to 1.
    package var fraction: Double { total > 0 ? Double(done) / Double(total) : 0 }
}

/// How the queue stands.
package struct QueuedJobFigures: Hashable, Sendable {
    package var queued = 0
    package var running = 0
    package var dead = 0
    /// How long the oldest that is due has waited; 0 when none is due.
    package var oldestDueSeconds = 0.0
}
