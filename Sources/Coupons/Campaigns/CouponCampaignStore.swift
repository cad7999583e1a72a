package import Postgres
package import Registry
package import Runtime

/// Campaigns: every statement that reads, makes and changes them.
package struct CouponCampaignStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let factColumns = """
        title, goods, budget_fen, face_fen, minimum_spend_fen, first_on, last_on, weekdays, from_minute, to_minute, time_zone, cap,
        offline_max, offline_charge
        """

    private static let columns = """
        campaign.campaign_id, campaign.organization_id, campaign.version, campaign.planned_fen, campaign.paused_at,
        campaign.pause_reason, campaign.ended_at, campaign.created_by, campaign.title, campaign.goods, campaign.budget_fen,
        campaign.face_fen, campaign.minimum_spend_fen, campaign.first_on, campaign.last_on, campaign.weekdays, campaign.from_minute,
        campaign.to_minute, campaign.time_zone, campaign.cap, campaign.offline_max, campaign.offline_charge
        """

    private static func values(_ facts: CouponCampaignFacts) -> SQL {
        let window = facts.window
        return """
            \(facts.title), \(facts.goods), \(facts.budgetFen), \(facts.faceFen), \(facts.minimumSpendFen), \(window.firstOn),
            \(window.lastOn), \(window.weekdayMask), \(Int16(window.fromMinute)), \(Int16(window.toMinute)), \(window.timeZone),
            \(Int16(facts.cap)), \(Int16(facts.offlineMax)), \(facts.offlineCharge.rawValue)
            """
    }

    package enum CreateOutcome: Sendable {
        case created(CouponCampaign)
        case organizationUnknown
        case timeZoneUnknown
    }

    /// - Parameter scope: an organization outside of it is unknown.
    package func create(
        _ facts: CouponCampaignFacts, of organization: ID<Organization>, within scope: Scope, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> CreateOutcome {
        guard try await isTimeZone(facts.window.timeZone, in: querying) else { return .timeZoneUnknown }
        let rows = try await querying.query(
            """
            insert into coupon_campaign (organization_id, created_by, created_at, \(raw: Self.factColumns))
            select organization_id, \(subject), \(fragment: instant), \(fragment: Self.values(facts))
            from organization
            where organization_id = \(organization) and \(fragment: scope.condition("organization.organization_id"))
            returning campaign_id
            """)
        guard let row = rows.first else { return .organizationUnknown }
        guard let made = try await find(try row.decode(0), in: querying) else { throw .decoding("the campaign that was just made") }
        return .created(made)
    }

    private func isTimeZone(_ name: String, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await !querying.query("select from pg_timezone_names where name = \(name)").isEmpty
    }

    package enum ChangeOutcome: Sendable {
        case changed
        case beyondBudget
        /// Coupons of it are out: what they are worth and when they are good does not change.
        case frozen
        case timeZoneUnknown
    }

    /// Changes a campaign that is held. Once a round was announced only title, budget and the later end of its days change.
    package func change(
        _ campaign: CouponCampaign, to facts: CouponCampaignFacts, in querying: any Querying
    ) async throws(PostgresError) -> ChangeOutcome {
        let announced = try await querying.query(
            "select from coupon_round where campaign_id = \(campaign.id) and state in ('announced', 'closed') limit 1")
        if !announced.isEmpty, !campaign.facts.allows(facts) { return .frozen }
        guard try await isTimeZone(facts.window.timeZone, in: querying) else { return .timeZoneUnknown }
        do throws(PostgresError) {
            _ = try await querying.query(
                """
                with drafts as (
                    update coupon_round set face_fen = \(facts.faceFen)
                    where campaign_id = \(campaign.id) and state = 'draft'
                    returning stock
                )
                update coupon_campaign
                set (planned_fen, version, \(raw: Self.factColumns)) = row(
                    planned_fen + (select coalesce(sum(stock), 0) from drafts) * (\(facts.faceFen) - face_fen), version + 1,
                    \(fragment: Self.values(facts)))
                where campaign_id = \(campaign.id)
                """)
            return .changed
        } catch {
            if error.isConstraint("coupon_campaign_planned_within_budget") { return .beyondBudget }
            throw error
        }
    }

    package func find(
        _ id: ID<CouponCampaign>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> CouponCampaign? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from coupon_campaign campaign
            where campaign_id = \(id) and \(fragment: scope.condition("campaign.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.campaign(row) }
    }

    /// The campaign, held against other changes and claims to the end of the transaction.
    package func hold(
        _ id: ID<CouponCampaign>, within scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> CouponCampaign? {
        _ = try await querying.query("select from coupon_campaign where campaign_id = \(id) for no key update")
        return try await find(id, within: scope, in: querying)
    }

    /// In order of their ids, from the one after `after`.
    package func list(within scope: Scope, after: ID<CouponCampaign>?, limit: Int) async throws(PostgresError) -> [CouponCampaign] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns) from coupon_campaign campaign
            where campaign_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("campaign.organization_id"))
            order by campaign_id
            limit \(limit)
            """)
        var campaigns: [CouponCampaign] = []
        for row in rows { campaigns.append(try Self.campaign(row)) }
        return campaigns
    }

    /// Pauses or resumes all of it: claims and redemptions.
    /// - Parameter reason: nil resumes.
    package func pause(_ id: ID<CouponCampaign>, reason: String?, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update coupon_campaign
            set paused_at = case when \(reason)::text is null then null else coalesce(paused_at, \(fragment: instant)) end,
                pause_reason = \(reason), version = version + 1
            where campaign_id = \(id)
            """)
    }

    /// Writes down what happened.
    package func note(
        _ step: String, on campaign: ID<CouponCampaign>, round: ID<CouponRound>? = nil, details: [String: String] = [:],
        reason: String? = nil, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        let pairs = details.sorted { $0.key < $1.key }
        _ = try await querying.query(
            """
            insert into coupon_campaign_event (campaign_id, round_id, step, details, reason, done_by, occurred_at)
            values (\(campaign), \(round), \(step), jsonb_object(\(pairs.map(\.key)), \(pairs.map(\.value))), \(reason), \(subject),
                \(fragment: instant))
            """)
    }

    static func campaign(_ row: Row) throws(PostgresError) -> CouponCampaign {
        let window = CouponWindow(
            firstOn: try row.decode("first_on"), lastOn: try row.decode("last_on"),
            weekdays: CouponWindow.weekdays(ofMask: try row.decode("weekdays")),
            fromMinute: Int32(try row.decode("from_minute", as: Int16.self)), toMinute: Int32(try row.decode("to_minute", as: Int16.self)),
            timeZone: try row.decode("time_zone"))
        return CouponCampaign(
            id: try row.decode("campaign_id"), organizationID: try row.decode("organization_id"), version: try row.decode("version"),
            facts: CouponCampaignFacts(
                title: try row.decode("title"), goods: try row.decode("goods"), budgetFen: try row.decode("budget_fen"),
                faceFen: try row.decode("face_fen"), minimumSpendFen: try row.decode("minimum_spend_fen"), window: window,
                cap: Int32(try row.decode("cap", as: Int16.self)), offlineMax: Int32(try row.decode("offline_max", as: Int16.self)),
                offlineCharge: try row.decodeOption("offline_charge")),
            plannedFen: try row.decode("planned_fen"), pausedAt: try row.decode("paused_at"), pauseReason: try row.decode("pause_reason"),
            endedAt: try row.decode("ended_at"), createdBy: try row.decode("created_by"))
    }
}

extension CouponCampaignFacts {
    /// Whether these may become `new` once people were told of them: their coupons stay as good as they were.
    func allows(_ new: CouponCampaignFacts) -> Bool {
        var free = new
        free.title = title
        free.budgetFen = budgetFen
        free.offlineMax = offlineMax
        if free.window.lastOn >= window.lastOn { free.window.lastOn = window.lastOn }
        return free == self
    }
}
