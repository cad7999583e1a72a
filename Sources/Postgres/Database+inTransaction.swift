extension Database {
    /// A transaction whose error is what was thrown inside, or the database's.
    package func inTransaction<Value>(_ body: (Transaction) async throws -> Value) async throws -> Value {
        do throws(TransactionError<any Error>) {
            return try await transaction { (transaction) async throws(any Error) in try await body(transaction) }
        } catch {
            switch error {
            case .aborted(let cause): throw cause
            case .database(let cause): throw cause
            }
        }
    }

    /// The same for what throws only the database's errors.
    package func inTransaction<Value>(
        _ body: (Transaction) async throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        do throws(TransactionError<PostgresError>) {
            return try await transaction(body)
        } catch {
            switch error {
            case .aborted(let cause), .database(let cause): throw cause
            }
        }
    }
}
