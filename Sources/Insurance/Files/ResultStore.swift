import Postgres
import Registry
import Runtime

/// Files of results: every statement that writes and reads what became of them. Policies are moved by `PolicyStore`.
struct ResultStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = "number, content_hash, lines, issued, rejected, unchanged, faulty, taken_by, taken_at"

    /// The file with this content, if it was taken before and no roster went out since: a later one may be answered in the same words.
    func result(
        of batch: ID<InsuranceBatch>, contentHash: [UInt8], in querying: any Querying
    ) async throws(PostgresError) -> InsuranceResult? {
        let rows = try await querying.query(
            """
            select \(raw: Self.columns) from insurance_result
            where batch_id = \(batch) and content_hash = \(contentHash)
                and roster_number = (select coalesce(max(number), 0) from insurance_roster where batch_id = \(batch))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.result(row) }
    }

    func result(_ number: Int32, of batch: ID<InsuranceBatch>) async throws(PostgresError) -> InsuranceResult? {
        let rows = try await database.query(
            "select \(raw: Self.columns) from insurance_result where batch_id = \(batch) and number = \(number)")
        return try rows.first.map { row throws(PostgresError) in try Self.result(row) }
    }

    /// Policies of a batch that ever stood in a roster.
    func sent(of batch: ID<InsuranceBatch>, in querying: any Querying) async throws(PostgresError) -> Int64 {
        try await querying.query(
            "select count(*) from policy where batch_id = \(batch) and roster_number is not null"
        ).single.decode(0)
    }

    /// Writes down what became of a file; the batch is held.
    func create(
        of batch: ID<InsuranceBatch>, contentHash: [UInt8], issued: Int, rejected: Int, unchanged: Int, faults: [ResultFault],
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> InsuranceResult {
        let made = try Self.result(
            try await querying.query(
                """
                insert into insurance_result (
                    batch_id, number, content_hash, roster_number, lines, issued, rejected, unchanged, faulty, taken_by, taken_at)
                select \(batch), coalesce(max(number), 0) + 1, \(contentHash),
                    (select coalesce(max(roster.number), 0) from insurance_roster roster where roster.batch_id = \(batch)),
                    \(Int32(issued + rejected + unchanged + faults.count)),
                    \(Int32(issued)), \(Int32(rejected)), \(Int32(unchanged)), \(Int32(faults.count)), \(subject), \(fragment: instant)
                from insurance_result
                where batch_id = \(batch)
                returning \(raw: Self.columns)
                """
            ).single)
        if !faults.isEmpty {
            _ = try await querying.query(
                """
                insert into insurance_result_fault (batch_id, number, line, code, field, shown)
                select \(batch), \(made.number), line, code, field, shown
                from unnest(
                    \(faults.map(\.line)), \(faults.map(\.code)), \(faults.map(\.field)), \(faults.map(\.shown))
                ) as fault (line, code, field, shown)
                """)
        }
        return made
    }

    /// In the order in which they were taken, from the one after `after`.
    func list(of batch: ID<InsuranceBatch>, after: Int32, limit: Int) async throws(PostgresError) -> [InsuranceResult] {
        var results: [InsuranceResult] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from insurance_result
            where batch_id = \(batch) and number > \(after)
            order by number
            limit \(limit)
            """)
        { results.append(try Self.result(row)) }
        return results
    }

    /// Lines of a file that changed nothing, in their order, from the one after `after`.
    func faults(
        of batch: ID<InsuranceBatch>, _ number: Int32, after: Int32, limit: Int
    ) async throws(PostgresError) -> [ResultFault] {
        var faults: [ResultFault] = []
        for row in try await database.query(
            """
            select line, code, field, shown from insurance_result_fault
            where batch_id = \(batch) and number = \(number) and line > \(after)
            order by line
            limit \(limit)
            """)
        {
            faults.append(
                ResultFault(line: try row.decode(0), code: try row.decode(1), field: try row.decode(2), shown: try row.decode(3)))
        }
        return faults
    }

    private static func result(_ row: Row) throws(PostgresError) -> InsuranceResult {
        InsuranceResult(
            number: try row.decode(0), contentHash: try row.decode(1), lines: try row.decode(2), issued: try row.decode(3),
            rejected: try row.decode(4), unchanged: try row.decode(5), faulty: try row.decode(6), takenBy: try row.decode(7),
            takenAt: try row.decode(8))
    }
}
