import Postgres
import Registry
import Runtime

extension PolicyStore {
    /// Policies that were rejected for this reason, by rising number.
    func rejected(
        of batch: ID<InsuranceBatch>, reason: String, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Policy>] {
        try await querying.query(
            """
            select coalesce(array_agg(policy_id order by policy_id), '{}') from policy
            where batch_id = \(batch) and state = 'rejected' and reason = \(reason)
            """
        ).single.decode(0)
    }
}
