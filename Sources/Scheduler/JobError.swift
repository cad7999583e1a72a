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
        (error as? JobRefusal)?.code ?? databaseError(error)?.description ?? (error as? SystemError)?.description
        ?? String(describing: type(of: error))
    return kind.isEmpty ? "unknown" : String(kind.prefix(200))
}

/// Whether nothing is wrong but that the database is away for a moment.
func isOutage(_ error: any Error) -> Bool { databaseError(error)?.isOutage ?? false }

private func databaseError(_ error: any Error) -> PostgresError? {
    error as? PostgresError ?? (error as? any DatabaseFailing)?.databaseError
}

/// An error that may come of the database's.
private protocol DatabaseFailing: Error {
    var databaseError: PostgresError? { get }
}

extension TransactionError: DatabaseFailing {
    fileprivate var databaseError: PostgresError? {
        switch self {
        case .database(let error): error
        case .aborted(let cause): cause as? PostgresError ?? (cause as? any DatabaseFailing)?.databaseError
        }
    }
}
