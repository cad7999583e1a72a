import HTTP
package import Postgres
import Programs
package import Registry
package import Runtime

/// Rounds: every statement that reads, makes and changes them. Whoever changes one holds its campaign first, then the round.
package struct CouponRoundStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let factColumns =
        "mode, opens_at, closes_at, stock, planned_stock, cap, equal_start_seconds, leftover, reserves_end_at, rules"

    private static let columns = """
        round.round_id, round.campaign_id, round.number, round.state, round.version, round.mode, round.opens_at, round.closes_at,
        round.stock, round.cap, round.equal_start_seconds, round.leftover, round.reserves_end_at, round.rules::text as rules,
        round.face_fen, round.rules_hash, round.lottery_commitment, round.program_id, round.announced_at, round.shuffled_at,
        round.closed_at, round.cancel_reason, round.paused_at, round.pause_reason, round.sold_out_at, round.issued, round.held,
        round.redeemed, round.expired, round.returned, round.reissued
        """

    private static func values(_ facts: CouponRoundFacts) throws(PostgresError) -> SQL {
        let rules: String
        do { rules = String(decoding: try facts.rules.canonicalBytes(), as: UTF8.self) } catch { throw .decoding("rules without JSON") }
        return """
            \(facts.mode.rawValue), \(facts.opensAt), \(facts.closesAt), \(facts.stock), \(facts.stock), \(Int16(facts.cap)),
            \(facts.equalStartSeconds.map { Int16($0) }), \(facts.leftover.rawValue), \(facts.reservesEndAt), \(rules)::jsonb
            """
    }

    /// Adds a draft to a campaign that is held; nil when the budget has not that much left.
    package func create(
        _ facts: CouponRoundFacts, of campaign: CouponCampaign, in querying: any Querying
    ) async throws(PostgresError) -> CouponRound? {
        guard try await plan(campaign.id, moreFen: Int64(facts.stock) * campaign.facts.faceFen, in: querying) else { return nil }
        let rows = try await querying.query(
            """
            insert into coupon_round (campaign_id, number, face_fen, \(raw: Self.factColumns))
            values (
                \(campaign.id), (select coalesce(max(number), 0) + 1 from coupon_round where campaign_id = \(campaign.id)),
                \(campaign.facts.faceFen), \(fragment: try Self.values(facts)))
            returning round_id
            """)
        return try await find(try rows.single.decode(0), in: querying)
    }

    /// Replaces what is said of a draft that is held; false when the budget has not that much left.
    package func change(_ round: CouponRound, to facts: CouponRoundFacts, in querying: any Querying) async throws(PostgresError) -> Bool {
        let more = Int64(facts.stock - round.facts.stock) * round.faceFen
        guard try await plan(round.campaignID, moreFen: more, in: querying) else { return false }
        _ = try await querying.query(
            """
            update coupon_round
            set (version, \(raw: Self.factColumns)) = row(version + 1, \(fragment: try Self.values(facts)))
            where round_id = \(round.id) and state = 'draft'
            """)
        return true
    }

    /// Speaks for more of the budget, or for less.
    private func plan(_ campaign: ID<CouponCampaign>, moreFen: Int64, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query(
            """
            update coupon_campaign set planned_fen = planned_fen + \(moreFen)
            where campaign_id = \(campaign) and planned_fen + \(moreFen) <= budget_fen
            """
        ).affectedRows == 1
    }

    // MARK: Reading

    /// - Parameter scope: where the campaign's organization lies; what lies outside is unknown: nil.
    package func find(
        _ id: ID<CouponRound>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> CouponRound? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from coupon_round round
            join coupon_campaign campaign using (campaign_id)
            where round_id = \(id) and \(fragment: scope.condition("campaign.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.round(row) }
    }

    /// The round and before it its campaign, held against other changes and claims to the end of the transaction.
    package func hold(
        _ id: ID<CouponRound>, within scope: Scope = .everything, in querying: any Querying
    ) async throws(PostgresError) -> CouponRound? {
        _ = try await querying.query(
            """
            select from coupon_campaign where campaign_id = (select campaign_id from coupon_round where round_id = \(id))
            for no key update
            """)
        _ = try await querying.query("select from coupon_round where round_id = \(id) for no key update")
        return try await find(id, within: scope, in: querying)
    }

    /// By their numbers.
    package func list(of campaign: ID<CouponCampaign>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [CouponRound] {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from coupon_round round where campaign_id = \(campaign) order by number")
        var rounds: [CouponRound] = []
        for row in rows { rounds.append(try Self.round(row)) }
        return rounds
    }

    /// What each has announced.
    static func announced(
        _ ids: [ID<CouponRound>], in querying: any Querying
    ) async throws(PostgresError) -> [ID<CouponRound>: FrozenRounds.Entry] {
        var entries: [ID<CouponRound>: FrozenRounds.Entry] = [:]
        for row in try await querying.query(
            """
            select round_id, rules_hash, mode, rules::text, program_id
            from coupon_round where round_id = any(\(ids)) and rules_hash is not null
            """)
        {
            let rules = try ProgramRules(text: try row.decode(3))
            entries[try row.decode(0)] = FrozenRounds.Entry(
                hash: try row.decode(1), mode: try row.decodeOption(2), rules: rules, names: try await rules.names(in: querying),
                programID: try row.decode(4))
        }
        return entries
    }

    // MARK: Steps; each of a round that is held

    /// What an announcement freezes.
    package struct Announcement: Sendable {
        let hash: [UInt8]
        let secretSealed: [UInt8]?
        let commitment: [UInt8]?
        let programID: ID<UnionProgram>?
    }

    package func announce(_ round: CouponRound, _ announcement: Announcement, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update coupon_round
            set state = 'announced', version = version + 1, announced_at = \(fragment: instant), rules_hash = \(announcement.hash),
                lottery_secret_sealed = \(announcement.secretSealed), lottery_commitment = \(announcement.commitment),
                program_id = \(announcement.programID)
            where round_id = \(round.id)
            """)
        if round.facts.mode == .draw { return }
        let rules = round.facts.rules
        for (bit, group) in rules.groups.enumerated() {
            guard let floor = rules.floors.first(where: { $0.group == group.name }) else { continue }
            _ = try await querying.query(
                """
                insert into coupon_reserve (round_id, number, name, size)
                values (\(round.id), \(Int16(bit)), \(group.name), \(Int32(floor.size)))
                """)
        }
    }

    /// Pauses or resumes claims.
    /// - Parameter reason: nil resumes.
    package func pause(_ id: ID<CouponRound>, reason: String?, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update coupon_round
            set paused_at = case when \(reason)::text is null then null else coalesce(paused_at, \(fragment: instant)) end,
                pause_reason = \(reason), version = version + 1
            where round_id = \(id)
            """)
    }

    /// Cancels one that nobody has a coupon of and nobody waits for; false otherwise.
    package func cancel(_ round: CouponRound, reason: String, in querying: any Querying) async throws(PostgresError) -> Bool {
        let cancelled = try await querying.query(
            """
            update coupon_round
            set state = 'cancelled', cancel_reason = \(reason), version = version + 1
            where round_id = \(round.id) and state in ('draft', 'announced') and issued = 0
                and not exists (select from coupon_claim where coupon_claim.round_id = \(round.id) and state = 'pending')
            """)
        guard cancelled.affectedRows == 1 else { return false }
        _ = try await querying.query(
            """
            update coupon_campaign set planned_fen = planned_fen - \(Int64(round.facts.stock) * round.faceFen)
            where campaign_id = \(round.campaignID)
            """)
        return true
    }

    static func round(_ row: Row) throws(PostgresError) -> CouponRound {
        CouponRound(
            id: try row.decode("round_id"), campaignID: try row.decode("campaign_id"),
            number: Int32(try row.decode("number", as: Int16.self)), state: try row.decodeOption("state"),
            version: try row.decode("version"),
            facts: CouponRoundFacts(
                mode: try row.decodeOption("mode"), opensAt: try row.decode("opens_at"), closesAt: try row.decode("closes_at"),
                stock: try row.decode("stock"),
                cap: Int32(try row.decode("cap", as: Int16.self)),
                equalStartSeconds: try row.decode("equal_start_seconds", as: Int16?.self).map { Int32($0) },
                leftover: try row.decodeOption("leftover"),
                reservesEndAt: try row.decode("reserves_end_at"), rules: try ProgramRules(text: try row.decode("rules"))),
            faceFen: try row.decode("face_fen"), rulesHash: try row.decode("rules_hash"), commitment: try row.decode("lottery_commitment"),
            programID: try row.decode("program_id"), announcedAt: try row.decode("announced_at"), shuffledAt: try row.decode("shuffled_at"),
            closedAt: try row.decode("closed_at"), cancelReason: try row.decode("cancel_reason"), pausedAt: try row.decode("paused_at"),
            pauseReason: try row.decode("pause_reason"), soldOutAt: try row.decode("sold_out_at"),
            ledger: CouponLedger(
                issued: try row.decode("issued"), held: try row.decode("held"), redeemed: try row.decode("redeemed"),
                expired: try row.decode("expired"), returned: try row.decode("returned"), reissued: try row.decode("reissued")))
    }
}
