extension QueryResult {
    /// The row of a statement that gives exactly one.
    package var single: Row {
        get throws(PostgresError) {
            guard count == 1, let row = first else { throw .decoding("\(count) rows where there is one") }
            return row
        }
    }
}
