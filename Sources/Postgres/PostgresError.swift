/// What can go wrong between a store and PostgreSQL. Descriptions hold no parameter and no row data, so they may be logged.
package enum PostgresError: Error, Sendable {
    /// The server refused the statement; nothing of it happened.
    case server(ServerError)
    /// No connection could be had; nothing was sent.
    case unavailable
    /// The connection broke after the statement was sent: it may have committed or not. Repeat with the same request id.
    case connectionLost
    /// No answer within the deadline: the statement goes on and may commit. Repeat with the same request id.
    case timedOut
    /// A field is not what the caller asked for: a fault in our code.
    case decoding(String)
    /// The connection string or a setting is wrong.
    case configuration(String)

    /// Whether the named constraint refused a row.
    package func isConstraint(_ name: String) -> Bool {
        if case .server(let error) = self { return error.constraint == name }
        return false
    }

    /// Whether the same transaction, tried again, may well succeed: serialization failure or deadlock.
    package var isRetryable: Bool {
        if case .server(let error) = self { return error.sqlState == "40001" || error.sqlState == "40P01" }
        return false
    }

    /// Whether nothing is wrong with the request: it may be repeated later with the same request id.
    package var isOutage: Bool {
        switch self {
        case .unavailable, .connectionLost, .timedOut: true
        // 53: out of resources (disk, memory, connections); 57P: shutting down or starting; 08: connection; 25006: read-only.
        // 40001, 40P01: serialization failure, deadlock; 55P03, 57014: a lock or statement time limit of the operator's.
        case .server(let error):
            ["53", "08"].contains(error.sqlState.prefix(2)) || error.sqlState.hasPrefix("57P")
                || ["25006", "40001", "40P01", "55P03", "57014"].contains(error.sqlState)
        case .decoding, .configuration: false
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .server(let error): error.description
        case .unavailable: "no connection to PostgreSQL"
        case .connectionLost: "the connection to PostgreSQL broke; the outcome is unknown"
        case .timedOut: "no answer from PostgreSQL in time; the outcome is unknown"
        case .decoding(let what): "unexpected field from PostgreSQL: \(what)"
        case .configuration(let what): what
        }
    }
}

/// An error report of the server.
package struct ServerError: Sendable {
    /// Five characters, see PostgreSQL's appendix A.
    package let sqlState: String
    package let constraint: String?
    package let table: String?
    package let column: String?
    /// For a developer's terminal only: may quote data.
    package let message: String
}

extension ServerError: CustomStringConvertible {
    package var description: String {
        var text = "PostgreSQL error \(sqlState)"
        if let constraint { text += ", constraint \(constraint)" }
        if let table { text += ", table \(table)" }
        if let column { text += ", column \(column)" }
        return text
    }
}
