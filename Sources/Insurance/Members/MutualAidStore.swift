import Postgres
import Programs
import Registry
import Runtime

/// Contributions to mutual aid: every statement about them. Places are given by `PolicyStore`.
struct MutualAidStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Says that a place of the batch, which is held, goes back unless it is paid for in time.
    func ripen(_ batch: ID<InsuranceBatch>, with policy: ID<Policy>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update insurance_batch
            set ripe_at = least(ripe_at, \(fragment: MutualAid.unpaidUntil))
            from policy
            where insurance_batch.batch_id = \(batch) and policy.batch_id = \(batch) and policy.policy_id = \(policy)
                and (ripe_at is null or ripe_at > \(fragment: MutualAid.unpaidUntil))
            """)
    }

    func isPast(_ time: Timestamp, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query("select \(time) <= \(fragment: instant)").single.decode(0)
    }

    /// What became of a contribution that was told.
    enum Noted: String, Codable, CaseIterable, Sendable {
        case noted
        /// It was told before.
        case already
        /// The place went back, or was given up.
        case over
        /// The batch has no such policy that was joined.
        case unknown
    }

    /// Writes down that these are paid for; the batch is held.
    /// - Returns: by rising number of the policies.
    func note(
        _ ids: [ID<Policy>], of batch: ID<InsuranceBatch>, paidAt: Timestamp, in querying: any Querying
    ) async throws(PostgresError) -> [(id: ID<Policy>, outcome: Noted)] {
        var outcomes: [(id: ID<Policy>, outcome: Noted)] = []
        for row in try await querying.query(
            """
            with told as materialized (
                select distinct told.policy_id, policy.member_id, policy.source, policy.contribution_paid_at,
                    coalesce(\(fragment: MutualAid.isUnpaid), false) as is_unpaid
                from unnest(\(ids)) as told (policy_id)
                left join policy on policy.batch_id = \(batch) and policy.policy_id = told.policy_id
            ),
            noted as (
                update policy
                set contribution_paid_at = \(paidAt), version = version + 1, changed_at = \(fragment: instant)
                from told
                where told.is_unpaid and policy.member_id = told.member_id and policy.policy_id = told.policy_id
            )
            select
                told.policy_id,
                case
                    when told.source is distinct from 'joined' then 'unknown'
                    when told.is_unpaid then 'noted'
                    when told.contribution_paid_at is not null then 'already'
                    else 'over'
                end
            from told
            order by told.policy_id
            """)
        { outcomes.append((try row.decode(0), try row.decodeOption(1))) }
        return outcomes
    }
}
