import Postgres
import Registry
import Runtime

/// Numbers that insurers give beforehand: every statement about those that no policy has.
struct PolicyNumberStore: Sendable {
    let database: Database

    /// How many a batch has that no policy has: before its run all.
    func free(of batch: ID<InsuranceBatch>, in querying: any Querying) async throws(PostgresError) -> Int64 {
        try await querying.query("select count(*) from policy_number where batch_id = \(batch) and state = 'free'").single.decode(0)
    }

    /// Adds numbers to a batch that is held.
    /// - Returns: those that the insurer gave before, to whatever batch; the others were added.
    func add(
        _ numbers: [String], to batch: ID<InsuranceBatch>, of insurer: ID<Insurer>, in querying: any Querying
    ) async throws(PostgresError) -> [String] {
        var used = Set(numbers)
        // After the batch, as insurance_move has them: no two batches bring one number.
        _ = try await querying.query("select from insurer where insurer_id = \(insurer) for no key update")
        for row in try await querying.query(
            """
            insert into policy_number (insurer_id, number, batch_id, state)
            select \(insurer), given.number, \(batch), 'free'
            from unnest(\(numbers)) as given (number)
            order by given.number
            on conflict (insurer_id, number) do nothing
            returning number
            """)
        { used.remove(try row.decode(0)) }
        return Array(used)
    }
}
