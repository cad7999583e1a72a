package import Postgres

/// Which transaction the seals of the audit, the webhooks and the figures wait for.
package struct OldestWriterStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// A transaction that may write until it ends.
    package struct Writer: Equatable, Sendable {
        package let transactionID: Int64
        /// Of the database server's; nil of a prepared transaction, which none holds.
        package let process: Int32?
        /// Since it began; nil where that is not ours to see.
        package let seconds: Double?
    }

    /// The oldest of this database, if any runs that has written.
    package func find() async throws(PostgresError) -> Writer? {
        guard let row = try await database.query("select transaction_id, process, seconds from registry_oldest_writer()").first
        else { return nil }
        return Writer(transactionID: try row.decode(0), process: try row.decode(1), seconds: try row.decode(2))
    }
}
