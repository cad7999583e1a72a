package import HTTP
package import Postgres

// What a handler answers when the database fails: an outage can be repeated with the same request id, anything else is our fault.

extension PostgresError: ProblemRepresentable {
    package var problem: Problem {
        isOutage ? Problem(RegistryProblem.databaseUnavailable, retryAfterSeconds: 1) : Problem(HTTPProblem.internal)
    }
}

extension TransactionError: ProblemRepresentable {
    package var problem: Problem {
        switch self {
        case .database(let error): error.problem
        case .aborted(let cause): (cause as? any ProblemRepresentable)?.problem ?? Problem(HTTPProblem.internal)
        }
    }
}
