import Postgres
import Registry
import Runtime

/// What stands between an insurer and the union, counted from the policies themselves: every statement of it.
struct ReconciliationStore: Sendable {
    let database: Database

    /// The insurer's batches within the scope that were announced, in the order of their numbers.
    ///
    /// A policy that was refused or returned keeps its number if it was issued before, and else has none.
    func lines(of insurer: ID<Insurer>, within scope: Scope) async throws(PostgresError) -> [ReconciliationLine] {
        var lines: [ReconciliationLine] = []
        for row in try await database.query(
            """
            select
                batch.batch_id, batch.title, batch.size::bigint as size, counted.sent, counted.issued, counted.given_back,
                counted.rejected, counted.outstanding, counted.since, roster.made_at,
                (select count(*) from policy_number
                    where policy_number.insurer_id = \(insurer) and policy_number.batch_id = batch.batch_id
                        and policy_number.state = 'void') as void_numbers,
                batch.premium_fen * counted.issued as premiums, batch.premium_fen * counted.given_back as given_back_fen,
                claims.paid, claims.paid_fen
            from insurance_batch batch
            join insurance_product product using (product_id)
            cross join lateral (
                select
                    count(*) filter (where roster_number is not null) as sent,
                    count(*) filter (where number is not null
                        and state in ('issued', 'accepted', 'active', 'claimed', 'expired', 'cancelled', 'refused', 'returned')) as issued,
                    count(*) filter (where number is not null and state in ('refused', 'returned')) as given_back,
                    count(*) filter (where state = 'rejected') as rejected,
                    count(*) filter (where state = 'sent') as outstanding,
                    min(roster_number) filter (where state = 'sent') as since
                from policy where policy.batch_id = batch.batch_id
            ) counted
            left join insurance_roster roster on roster.batch_id = batch.batch_id and roster.number = counted.since
            cross join lateral (
                select count(*) as paid, coalesce(sum(paid_fen), 0)::bigint as paid_fen
                from policy_claim where policy_claim.batch_id = batch.batch_id and policy_claim.state = 'paid'
            ) claims
            where product.insurer_id = \(insurer) and batch.state not in ('draft', 'cancelled')
                and \(fragment: scope.condition("batch.organization_id"))
            order by batch.batch_id
            limit \(ReconciliationAnswer.batchesMax)
            """)
        {
            let since: Timestamp? = try row.decode("made_at")
            lines.append(
                ReconciliationLine(
                    batchId: try row.decode("batch_id"), title: try row.decode("title"), size: try row.decode("size"),
                    sent: try row.decode("sent"), issued: try row.decode("issued"), givenBack: try row.decode("given_back"),
                    rejected: try row.decode("rejected"), outstanding: try row.decode("outstanding"),
                    outstandingSinceRoster: try row.decode("since"), outstandingSince: since?.description,
                    voidNumbers: try row.decode("void_numbers"), premiumsFen: try row.decode("premiums"),
                    givenBackFen: try row.decode("given_back_fen"), claimsPaid: try row.decode("paid"),
                    claimsPaidFen: try row.decode("paid_fen")))
        }
        return lines
    }
}
