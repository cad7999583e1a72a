import Postgres
import Registry
import Runtime

/// A member's own policies: every statement that reads them, and the holding of their batch.
struct OwnPolicyStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Of a person under all numbers, the newest first; of batches that are confirmed or closed, for before that nobody is told.
    func policies(
        of ids: [ID<Member>], only: ID<Policy>? = nil, limit: Int = 200, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [OwnPolicy] {
        try await policies(
            "policy.member_id = any(\(ids)) and policy.policy_id = coalesce(\(only), policy.policy_id)", limit: limit, in: querying)
    }

    /// One of whomever, by its number in our books.
    func policy(_ reference: PolicyReference) async throws(PostgresError) -> OwnPolicy? {
        try await policies("policy.batch_id = \(reference.batchID) and policy.policy_id = \(reference.policyID)", limit: 1, in: nil).first
    }

    private func policies(
        _ condition: SQL, limit: Int, in querying: (any Querying)?
    ) async throws(PostgresError) -> [OwnPolicy] {
        var policies: [OwnPolicy] = []
        for row in try await (querying ?? database).query(
            """
            select
                \(raw: PolicyStore.columns), batch.title, batch.donor, batch.kind, batch.contribution_fen, product.name, product.name_en,
                product.sum_insured_fen, product.covers::text, product.is_accepted_by_member, product.beneficiary, product.claim_advice,
                product.claim_advice_en, insurer.name, insurer.hotline, present.instant,
                (present.instant at time zone 'Asia/Shanghai')::date, batch.organization_id
            from policy
            join insurance_batch batch on batch.batch_id = policy.batch_id
            join insurance_product product on product.product_id = batch.product_id
            join insurer on insurer.insurer_id = product.insurer_id
            cross join (select \(fragment: instant) as instant) present
            where batch.state in ('confirmed', 'closed') and \(fragment: condition)
            order by policy.policy_id desc
            limit \(limit)
            """)
        { policies.append(try Self.policy(row)) }
        return policies
    }

    private static func policy(_ row: Row) throws(PostgresError) -> OwnPolicy {
        OwnPolicy(
            policy: try PolicyStore.policy(row), organizationID: try row.decode(30), title: try row.decode(14), donor: try row.decode(15),
            kind: try row.decodeOption(16),
            contributionFen: try row.decode(17), productName: try row.decode(18), productNameEn: try row.decode(19),
            sumInsuredFen: try row.decode(20), covers: try InsuranceJSON.value(try row.decode(21)), isAcceptedByMember: try row.decode(22),
            beneficiary: try row.decodeOption(23), claimAdvice: try row.decode(24), claimAdviceEn: try row.decode(25),
            insurer: try row.decode(26), hotline: try row.decode(27), now: try row.decode(28), today: try row.decode(29))
    }

    /// Holds a batch against every move of its policies, to the end of the transaction. What is read afterwards is what is decided upon.
    func hold(_ batch: ID<InsuranceBatch>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("select from insurance_batch where batch_id = \(batch) for no key update")
    }

    // MARK: Beneficiaries, sealed

    func sealedBeneficiary(of policy: Policy, in querying: (any Querying)? = nil) async throws(PostgresError) -> [UInt8]? {
        try await (querying ?? database).query(
            "select sealed from policy_beneficiary where member_id = \(policy.memberID) and policy_id = \(policy.id)"
        ).first.map { row throws(PostgresError) in try row.decode(0) }
    }

    func write(_ sealed: [UInt8], asBeneficiaryOf policy: Policy, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into policy_beneficiary (member_id, policy_id, sealed, told_at)
            values (\(policy.memberID), \(policy.id), \(sealed), \(fragment: instant))
            on conflict on constraint policy_beneficiary_pkey do update set sealed = excluded.sealed, told_at = excluded.told_at
            """)
    }
}
