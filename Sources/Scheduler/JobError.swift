import Postgres
import Runtime

/// A later owner has the job, or it ended meanwhile: nothing of what was tried happened.
package struct JobLeaseLost: Error {
    package init() {}
}

/// Somebody asked to cancel the job: nothing of what was tried happened.
package struct JobCancelled: Error {
    package init() {}
}

/// Thrown by a handler whose work can never succeed as asked: the job is dead at once.
package struct JobRefusal: Error {
    /// A word of the program such as a problem's code, never a text with data.
    package let code: String

    package init(_ code: String) { self.code = code }
}

/// Why a certain job cannot be run now.
package enum JobUnavailable: Error, Hashable, Sendable {
    case unknown
    /// This program knows no handler of its kind.
    case unhandled(kind: String)
    /// It runs, here or on another server.
    case running
    /// It is over: done, dead or cancelled.
    case over(QueuedJob.State)
}

/// What may be written down about an error: its kind, since its text may hold what it failed on.
func failureKind(_ error: any Error) -> String {
    let kind =
        (error as? JobRefusal)?.code ?? (error as? PostgresError)?.description ?? (error as? SystemError)?.description
        ?? String(describing: type(of: error))
    return kind.isEmpty ? "unknown" : String(kind.prefix(200))
}
