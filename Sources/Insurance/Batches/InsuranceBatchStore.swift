package import Postgres
import Programs
package import Registry
package import Runtime

/// Batches: every statement that reads, makes and changes them. Policies are moved by `PolicyStore`.
package struct InsuranceBatchStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let factColumns = """
        kind, title, donor, size, premium_fen, contribution_fen, cover_from, cover_until, join_until, rules, renew_days
        """

    private static let columns = """
        batch_id, organization_id, product_id, state, version, kind, title, donor, size, premium_fen, contribution_fen, cover_from,
        cover_until, join_until, rules::text as rules, rules_hash, lottery_commitment, inputs_hash, figures::text as figures,
        run_by, run_at, reviewed_by, reviewed_at, cancel_reason, created_by, free, reserved, sent, rejected, issued, accepted, active,
        claimed, expired, cancelled, renew_days, renews_batch_id
        """

    private static func values(_ facts: InsuranceBatchFacts) throws(PostgresError) -> SQL {
        """
        \(facts.kind.rawValue), \(facts.title), \(facts.donor), \(facts.size), \(facts.premiumFen), \(facts.contributionFen),
        \(facts.coverFrom), \(facts.coverUntil), \(facts.joinUntil), \(try InsuranceJSON.text(facts.rules))::jsonb, \(facts.renewDays)
        """
    }

    /// - Parameter scope: an organization outside of it is unknown.
    /// - Returns: nil where the organization is unknown.
    package func create(
        _ facts: InsuranceBatchFacts, of product: ID<InsuranceProduct>, for organization: ID<Organization>, within scope: Scope,
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> InsuranceBatch? {
        let rows = try await querying.query(
            """
            insert into insurance_batch (organization_id, product_id, free, created_by, created_at, \(raw: Self.factColumns))
            select organization_id, \(product), \(facts.size), \(subject), \(fragment: instant), \(fragment: try Self.values(facts))
            from organization
            where organization_id = \(organization) and \(fragment: scope.condition("organization.organization_id"))
            returning \(raw: Self.columns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.batch(row) }
    }

    /// Changes a draft that is held.
    package func change(
        _ id: ID<InsuranceBatch>, to facts: InsuranceBatchFacts, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update insurance_batch
            set (version, free, \(raw: Self.factColumns)) = row(version + 1, \(facts.size), \(fragment: try Self.values(facts)))
            where batch_id = \(id) and state = 'draft'
            """)
    }

    /// - Parameter isHeld: against other changes and every move of its policies, to the end of the transaction.
    package func find(
        _ id: ID<InsuranceBatch>, within scope: Scope = .everything, isHeld: Bool = false, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> InsuranceBatch? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from insurance_batch
            where batch_id = \(id) and \(fragment: scope.condition("insurance_batch.organization_id"))
            \(raw: isHeld ? "for no key update" : "")
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.batch(row) }
    }

    /// In order of their ids, from the one after `after`.
    package func list(
        within scope: Scope, state: InsuranceBatch.State? = nil, after: ID<InsuranceBatch>?, limit: Int
    ) async throws(PostgresError) -> [InsuranceBatch] {
        let one: SQL = state.map { "state = \($0.rawValue)" } ?? "true"
        var batches: [InsuranceBatch] = []
        for row in try await database.query(
            """
            select \(raw: Self.columns) from insurance_batch
            where batch_id > \(after?.rawValue ?? 0) and \(fragment: one)
                and \(fragment: scope.condition("insurance_batch.organization_id"))
            order by batch_id
            limit \(limit)
            """)
        { batches.append(try Self.batch(row)) }
        return batches
    }

    // MARK: Renewing

    func dueToRenewStatement(limit: Int) -> SQL {
        """
        select batch_id from insurance_batch
        where renew_days is not null and state in ('confirmed', 'closed')
            and cover_until - renew_days <= (\(fragment: instant) at time zone 'Asia/Shanghai')::date
            and not exists (select from insurance_batch later where later.renews_batch_id = insurance_batch.batch_id)
        order by cover_until - renew_days, batch_id
        limit \(limit)
        """
    }

    /// Batches that are to be renewed by now, and are not.
    func dueToRenew(limit: Int) async throws(PostgresError) -> [ID<InsuranceBatch>] {
        var ids: [ID<InsuranceBatch>] = []
        for row in try await database.query(dueToRenewStatement(limit: limit)) { ids.append(try row.decode(0)) }
        return ids
    }

    /// A draft that says what a batch said, for as long a time after it: as many years, months and days.
    /// - Returns: nil where there is one already.
    func renew(_ id: ID<InsuranceBatch>, by subject: String, in querying: any Querying) async throws(PostgresError) -> InsuranceBatch? {
        let rows = try await querying.query(
            """
            insert into insurance_batch (
                organization_id, product_id, free, created_by, created_at, renews_batch_id, \(raw: Self.factColumns))
            select
                organization_id, product_id, size, \(subject), \(fragment: instant), batch_id, kind, title, donor, size, premium_fen,
                contribution_fen, cover_until, (cover_until + age(cover_until, cover_from))::date,
                join_until + age(cover_until, cover_from), rules, renew_days
            from insurance_batch
            where batch_id = \(id)
            on conflict on constraint insurance_batch_is_renewed_once do nothing
            returning \(raw: Self.columns)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.batch(row) }
    }

    // MARK: Its life; the batch is held

    package func announce(
        _ id: ID<InsuranceBatch>, as state: InsuranceBatch.State, rulesHash: [UInt8], secretSealed: [UInt8], commitment: [UInt8],
        in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update insurance_batch
            set state = \(state.rawValue), rules_hash = \(rulesHash), lottery_secret_sealed = \(secretSealed),
                lottery_commitment = \(commitment), announced_at = \(fragment: instant), version = version + 1
            where batch_id = \(id)
            """)
    }

    package func sealedSecret(of id: ID<InsuranceBatch>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [UInt8]? {
        try await (querying ?? database).query("select lottery_secret_sealed from insurance_batch where batch_id = \(id)").first
            .map { row throws(PostgresError) in try row.decode(0) } ?? nil
    }

    /// Writes what somebody decided about a run.
    package func review(
        _ id: ID<InsuranceBatch>, isConfirmed: Bool, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        if isConfirmed {
            _ = try await querying.query(
                """
                update insurance_batch
                set state = 'confirmed', reviewed_by = \(subject), reviewed_at = \(fragment: instant), version = version + 1,
                    last_place = (
                        select max(place) from policy
                        where policy.batch_id = \(id) and source = 'run' and phase = \(RegisterDraw.Way.next.rawValue))
                where batch_id = \(id)
                """)
        } else {
            // As before the run: the next one looks at the register anew, by the same rules and the same secret.
            _ = try await querying.query(
                """
                update insurance_batch
                set state = 'announced', run_by = null, run_at = null, inputs_hash = null, figures = null, version = version + 1
                where batch_id = \(id)
                """)
            _ = try await querying.query("delete from insurance_candidates where batch_id = \(id)")
        }
    }

    package func end(
        _ id: ID<InsuranceBatch>, as state: InsuranceBatch.State, reason: String?, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update insurance_batch set state = \(state.rawValue), cancel_reason = \(reason), version = version + 1
            where batch_id = \(id)
            """)
    }

    /// The day in China, by the service's time.
    package func today(in querying: any Querying) async throws(PostgresError) -> CalendarDate {
        try await querying.query("select ((\(fragment: instant)) at time zone 'Asia/Shanghai')::date").single.decode(0)
    }

    /// Writes down what happened.
    package func note(
        _ step: String, on batch: ID<InsuranceBatch>, details: [String: String] = [:], reason: String? = nil, by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) {
        let pairs = details.sorted { $0.key < $1.key }
        _ = try await querying.query(
            """
            insert into insurance_batch_event (batch_id, step, details, reason, done_by, occurred_at)
            values (\(batch), \(step), jsonb_object(\(pairs.map(\.key)), \(pairs.map(\.value))), \(reason), \(subject),
                \(fragment: instant))
            """)
    }

    private static func batch(_ row: Row) throws(PostgresError) -> InsuranceBatch {
        let figures: String? = try row.decode("figures")
        return InsuranceBatch(
            id: try row.decode("batch_id"), organizationID: try row.decode("organization_id"), productID: try row.decode("product_id"),
            state: try row.decodeOption("state"), version: try row.decode("version"),
            facts: InsuranceBatchFacts(
                kind: try row.decodeOption("kind"), title: try row.decode("title"), donor: try row.decode("donor"),
                size: try row.decode("size"), premiumFen: try row.decode("premium_fen"),
                contributionFen: try row.decode("contribution_fen"),
                coverFrom: try row.decode("cover_from"), coverUntil: try row.decode("cover_until"), joinUntil: try row.decode("join_until"),
                rules: try InsuranceJSON.value(try row.decode("rules")), renewDays: try row.decode("renew_days")),
            places: try InsuranceBatch.Places { name throws(PostgresError) in try row.decode(name) },
            rulesHash: try row.decode("rules_hash"), commitment: try row.decode("lottery_commitment"),
            inputsHash: try row.decode("inputs_hash"),
            figures: try figures.map { text throws(PostgresError) in try InsuranceJSON.value(text) }, runBy: try row.decode("run_by"),
            runAt: try row.decode("run_at"), reviewedBy: try row.decode("reviewed_by"), reviewedAt: try row.decode("reviewed_at"),
            cancelReason: try row.decode("cancel_reason"), createdBy: try row.decode("created_by"),
            renewsBatchID: try row.decode("renews_batch_id"))
    }
}
