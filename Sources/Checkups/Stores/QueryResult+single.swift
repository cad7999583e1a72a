import Postgres

extension QueryResult {
    /// The one row of an answer that always has one.
    var single: Row {
        get throws(PostgresError) {
            guard let row = first else { throw .decoding("a row was expected") }
            return row
        }
    }
}
