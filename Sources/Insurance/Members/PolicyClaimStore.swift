import FoundationEssentials
import Postgres
import Registry
import Runtime

/// Claims: every statement about them.
struct PolicyClaimStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = """
        policy_claim.claim_id, policy_claim.member_id, policy_claim.policy_id, policy_claim.batch_id, policy_claim.request_id,
        policy_claim.state, policy_claim.kind, policy_claim.happened_on, policy_claim.paid_fen, policy_claim.reason, policy_claim.filed_at,
        policy_claim.changed_at, policy_claim.version
        """

    /// Files a claim.
    /// - Returns: nil where the request id stands for one already.
    func file(
        _ kind: PolicyClaim.Kind, on day: CalendarDate, under policy: Policy, request: UUID, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> PolicyClaim? {
        try await querying.query(
            """
            insert into policy_claim (
                member_id, policy_id, batch_id, request_id, state, kind, happened_on, filed_by, filed_at, changed_at)
            select
                \(policy.memberID), \(policy.id), \(policy.batchID), \(request), 'filed', \(kind.rawValue), \(day), \(subject), instant,
                instant
            from (select \(fragment: instant) as instant) present
            on conflict on constraint policy_claim_is_filed_once do nothing
            returning \(raw: Self.columns)
            """
        ).first.map { row throws(PostgresError) in try Self.claim(row) }
    }

    func find(_ request: UUID, of member: ID<Member>, in querying: any Querying) async throws(PostgresError) -> PolicyClaim? {
        try await querying.query(
            "select \(raw: Self.columns) from policy_claim where member_id = \(member) and request_id = \(request)"
        ).first.map { row throws(PostgresError) in try Self.claim(row) }
    }

    /// Under one policy, or all of a person, the newest first.
    func claims(
        of ids: [ID<Member>], under policy: ID<Policy>? = nil, limit: Int = 200, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [PolicyClaim] {
        try await claims(
            """
            where policy_claim.member_id = any(\(ids)) and policy_claim.policy_id = coalesce(\(policy), policy_claim.policy_id)
            order by policy_claim.claim_id desc
            limit \(limit)
            """, in: querying)
    }

    /// Of a batch, in the order of their numbers, from the one after `after`.
    func list(
        of batch: ID<InsuranceBatch>, state: PolicyClaim.State?, after: ID<PolicyClaim>?, limit: Int
    ) async throws(PostgresError) -> [PolicyClaim] {
        try await claims(
            """
            where policy_claim.batch_id = \(batch) and policy_claim.claim_id > \(after?.rawValue ?? 0)
                and policy_claim.state = coalesce(\(state?.rawValue), policy_claim.state)
            order by policy_claim.claim_id
            limit \(limit)
            """, in: nil)
    }

    private func claims(_ rest: SQL, in querying: (any Querying)?) async throws(PostgresError) -> [PolicyClaim] {
        var claims: [PolicyClaim] = []
        for row in try await (querying ?? database).query("select \(raw: Self.columns) from policy_claim \(fragment: rest)") {
            claims.append(try Self.claim(row))
        }
        return claims
    }

    /// - Parameters:
    ///   - scope: of its batch; one outside of it is unknown.
    ///   - isHeld: against other changes, to the end of the transaction.
    func find(
        _ id: ID<PolicyClaim>, within scope: Scope, isHeld: Bool, in querying: any Querying
    ) async throws(PostgresError) -> PolicyClaim? {
        try await querying.query(
            """
            select \(raw: Self.columns)
            from policy_claim
            join insurance_batch using (batch_id)
            where policy_claim.claim_id = \(id) and \(fragment: scope.condition("insurance_batch.organization_id"))
            \(raw: isHeld ? "for no key update of policy_claim" : "")
            """
        ).first.map { row throws(PostgresError) in try Self.claim(row) }
    }

    /// Writes what became of a claim that is held.
    func decide(
        _ claim: PolicyClaim, _ state: PolicyClaim.State, paidFen: Int64?, reason: String?, in querying: any Querying
    ) async throws(PostgresError) -> PolicyClaim {
        try Self.claim(
            try await querying.query(
                """
                update policy_claim
                set state = \(state.rawValue), paid_fen = \(paidFen), reason = \(reason), changed_at = \(fragment: instant),
                    version = version + 1
                where member_id = \(claim.memberID) and claim_id = \(claim.id)
                returning \(raw: Self.columns)
                """
            ).single)
    }

    // MARK: What everybody may know

    /// A payment out of mutual aid, without anything that tells whose it was.
    struct Payout: Sendable {
        let id: ID<PolicyClaim>
        let month: String
        let kind: PolicyClaim.Kind
        let paidFen: Int64
        let district: String?
    }

    /// In the order of the claims, from the one after `after`; nil where there is no such mutual aid.
    func payouts(
        of batch: ID<InsuranceBatch>, after: ID<PolicyClaim>?, limit: Int
    ) async throws(PostgresError) -> [Payout]? {
        let known = try await database.query(
            "select from insurance_batch where batch_id = \(batch) and kind = 'mutual_aid' and state in ('confirmed', 'closed')")
        guard !known.isEmpty else { return nil }
        var payouts: [Payout] = []
        for row in try await database.query(
            """
            select
                policy_claim.claim_id, to_char(policy_claim.changed_at at time zone 'Asia/Shanghai', 'YYYY-MM'), policy_claim.kind,
                policy_claim.paid_fen,
                (
                    select organization.name
                    from member
                    join organization_ancestor on organization_ancestor.organization_id = member.organization_id
                    join organization on organization.organization_id = organization_ancestor.ancestor_id
                    where member.member_id = policy_claim.member_id and organization.kind = 'district'
                    limit 1)
            from policy_claim
            where policy_claim.batch_id = \(batch) and policy_claim.state = 'paid' and policy_claim.claim_id > \(after?.rawValue ?? 0)
            order by policy_claim.claim_id
            limit \(limit)
            """)
        {
            payouts.append(
                Payout(
                    id: try row.decode(0), month: try row.decode(1), kind: try row.decodeOption(2), paidFen: try row.decode(3),
                    district: try row.decode(4)))
        }
        return payouts
    }

    private static func claim(_ row: Row) throws(PostgresError) -> PolicyClaim {
        PolicyClaim(
            id: try row.decode(0), memberID: try row.decode(1), policyID: try row.decode(2), batchID: try row.decode(3),
            requestID: try row.decode(4), state: try row.decodeOption(5), kind: try row.decodeOption(6), happenedOn: try row.decode(7),
            paidFen: try row.decode(8), reason: try row.decode(9), filedAt: try row.decode(10), changedAt: try row.decode(11),
            version: try row.decode(12))
    }
}
