/// Why a transaction did not happen: its own reason, kept in its type, or the database's.
package enum TransactionError<Failure: Error>: Error {
    case aborted(Failure)
    case database(PostgresError)
}

/// An open transaction; use it only within the body it was given to.
package struct Transaction: Querying {
    let connection: Connection

    package func query(_ sql: SQL) async throws(PostgresError) -> QueryResult {
        try await connection.query(sql, deadline: nil)
    }

    /// Runs a script of several statements; it must not end the transaction.
    package func script(_ text: String) async throws(PostgresError) {
        try await connection.script(text)
    }

    /// Copies rows in binary form into `target`, `"member (member_id, …)"`, which is part of the program, never a stranger's text.
    /// - Returns: the rows copied.
    package func copyIn<Failure: Error>(
        into target: String, _ body: (CopyWriter) async throws(Failure) -> Void
    ) async throws(TransactionError<Failure>) -> Int {
        let writer = CopyWriter(connection)
        do throws(PostgresError) {
            try await connection.startCopyIn("copy \(target) from stdin (format binary)")
        } catch {
            throw .database(error)
        }
        do throws(Failure) {
            try await body(writer)
        } catch {
            let refused = await refuseCopy()
            if let cause = error as? PostgresError { throw .database(refused ?? cause) }
            throw .aborted(error)
        }
        do throws(PostgresError) {
            try await writer.finish()
            return try await connection.finishCopyIn(refusing: nil)
        } catch {
            throw .database(error)
        }
    }

    /// Streams the result of `query` in the text form of COPY: tab-separated lines, or CSV with `options` `"format csv, header"`.
    package func copyOut(_ query: String, options: String = "format text", _ take: @Sendable ([UInt8]) async throws -> Void) async throws {
        try await connection.copyOut("copy (\(query)) to stdout (\(options))", take)
    }

    /// Gives the server's own reason where it had one; nil when it only followed our refusal (57014).
    private func refuseCopy() async -> PostgresError? {
        do throws(PostgresError) {
            _ = try await connection.finishCopyIn(refusing: "refused by the sender")
            return nil
        } catch {
            if case .server(let server) = error, server.sqlState == "57014" { return nil }
            return error
        }
    }

    func commit() async throws(PostgresError) {
        let result = try await connection.query("commit", deadline: nil)
        // The server answers COMMIT of a failed transaction with ROLLBACK and no error.
        guard result.commandTag == "COMMIT" else {
            throw .server(
                ServerError(
                    sqlState: "25P02", constraint: nil, table: nil, column: nil, message: "an error inside the transaction was passed over")
            )
        }
    }

    /// A failed rollback leaves a connection that `release` closes, which rolls back too.
    func rollBack() async {
        do throws(PostgresError) { _ = try await connection.query("rollback", deadline: nil) } catch { return }
    }
}
