package import FoundationEssentials
import HTTP
package import Postgres
package import Registry
package import Runtime

/// Redemptions: decided in batches by a set function, which answers a request id once and for ever; and taken back.
package struct RedemptionStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let redemptions: PerLoop<Coalescer<VenueScan, VenueDecision>>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("redemptions")

    /// Largest batch: one round's decisions wait for each other's lock anyhow, so a batch is worth as many waits.
    package static let batchMax = 64

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        let offset = clock.offsetMicroseconds
        clockOffsetMicroseconds = offset
        // Connections of their own: a statement that waits for a round's lock stands before nobody else.
        let lane = database.lane("redemptions", connections: 1)
        let figures = figures
        redemptions = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 1) { (scans) async throws(PostgresError) in
                try Self.decisions(await lane.query(Self.statement(scans, isOffline: false, offset)), count: scans.count)
            }
        }
    }

    /// Decides one scan, together with those that wait beside it.
    package func redeem(_ scan: VenueScan) async throws(PostgresError) -> VenueDecision {
        try await redemptions.current.submit(scan)
    }

    /// Decides these scans in their order, or, of what was taken without network, in the order of their times; in one transaction.
    package func redeem(batch scans: [VenueScan], isOffline: Bool) async throws(PostgresError) -> [VenueDecision] {
        var attempt = 1
        while true {
            do throws(PostgresError) {
                return try Self.decisions(
                    await database.query(Self.statement(scans, isOffline: isOffline, clockOffsetMicroseconds)), count: scans.count)
            } catch {
                guard error.isRetryable, attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    static func statement(_ scans: [VenueScan], isOffline: Bool, _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select
            ordinality, outcome, reasons, member_id, coupon_id, campaign_id, title, goods, face_fen, amount_fen, charged_to, recorded_at,
            earlier_at, earlier_venue
        from coupons_redeem(
            \(scans.map(\.deviceID)), \(scans.map(\.requestID)), \(scans.map(\.memberID)), \(scans.map { $0.reason?.rawValue }),
            \(scans.map(\.kind)), \(scans.map(\.digest)), \(scans.map(\.pinDigest)), \(scans.map(\.couponID)), \(scans.map(\.spendFen)),
            \(scans.map(\.occurredAt)), \(scans.map(\.fingerprint)), \(isOffline), \(clockOffsetMicroseconds))
        """
    }

    private static func decisions(_ rows: QueryResult, count: Int) throws(PostgresError) -> [VenueDecision] {
        var decisions = [VenueDecision?](repeating: nil, count: count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard decisions.indices.contains(position) else { throw .decoding("an answer to no request") }
            decisions[position] = try decision(row)
        }
        let answered = decisions.compactMap(\.self)
        guard answered.count == count else { throw .decoding("\(answered.count) answers to \(count) scans") }
        return answered
    }

    private static func decision(_ row: Row) throws(PostgresError) -> VenueDecision {
        let text = try row.decode(1, as: String.self)
        if text == "conflict" { return .conflict }
        if text == "unbound" { return .unbound }
        let isRepeat = text.hasPrefix("repeated_")
        guard let outcome = VenueDecision.Outcome(rawValue: isRepeat ? String(text.dropFirst(9)) : text) else {
            throw .decoding("an outcome unknown to this version")
        }
        var reasons: [CouponReason] = []
        for code in try row.decode(2, as: [String].self) {
            guard let reason = CouponReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
            reasons.append(reason)
        }
        var coupon: VenueDecision.ShownCoupon?
        if let id = try row.decode(4, as: ID<Coupon>?.self) {
            coupon = VenueDecision.ShownCoupon(
                id: id, campaignID: try row.decode(5), title: try row.decode(6), goods: try row.decode(7), faceFen: try row.decode(8))
        }
        var earlier: (Timestamp, String)?
        if let at = try row.decode(12, as: Timestamp?.self) { earlier = (at, try row.decode(13)) }
        return .decided(
            VenueDecision.Decided(
                outcome: outcome, reasons: reasons, memberID: try row.decode(3), coupon: coupon, amountFen: try row.decode(9),
                chargedTo: try row.decode(10, as: String?.self).flatMap(CouponCampaignFacts.OfflineCharge.init(rawValue:)),
                decidedAt: try row.decode(11), earlier: earlier),
            isRepeat: isRepeat)
    }

    // MARK: Taking back

    /// What came of taking a redemption back.
    package enum UndoOutcome: Sendable {
        case undone(Undone)
        /// It was refused, taken twice, or is undone the other way.
        case notStanding
        case tooLate
        /// Another device's.
        case foreign
        case unknown
        case unbound
    }

    package struct Undone: Sendable {
        /// False: it took nothing, or has not come and never will.
        package let wasTaken: Bool
        /// Whether it was so before.
        package let isRepeat: Bool
        package let couponID: ID<Coupon>?
        package let amountFen: Int64?
        package let at: Timestamp
    }

    /// By the device that asked for it, within 15 minutes.
    package func annul(_ request: UUID, by device: ID<Device>) async throws(PostgresError) -> UndoOutcome {
        var attempt = 1
        while true {
            do throws(PostgresError) {
                return try await undo(request, device: device, venue: nil, reason: nil, by: "device:\(device)", in: database)
            } catch {
                guard error.isRetryable || error.isConstraint("coupon_redemption_pkey"), attempt < 5 else { throw error }
                attempt += 1
            }
        }
    }

    /// By an organizer, whenever.
    package func refund(
        _ request: UUID, of venue: ID<Venue>, reason: String, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> UndoOutcome {
        try await undo(request, device: nil, venue: venue, reason: reason, by: subject, in: querying)
    }

    private func undo(
        _ request: UUID, device: ID<Device>?, venue: ID<Venue>?, reason: String?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> UndoOutcome {
        let rows = try await querying.query(Self.undoStatement(request, device, venue, reason, subject, clockOffsetMicroseconds))
        guard let row = rows.first else { throw .decoding("an answer was expected") }
        switch try row.decode(0, as: String.self) {
        case "annulled", "refunded", "never_taken":
            return .undone(
                Undone(
                    wasTaken: try row.decode(0, as: String.self) != "never_taken", isRepeat: try row.decode(1),
                    couponID: try row.decode(2), amountFen: try row.decode(3), at: try row.decode(4)))
        case "not_standing": return .notStanding
        case "too_late": return .tooLate
        case "foreign": return .foreign
        case "unknown": return .unknown
        case "unbound": return .unbound
        default: throw .decoding("an outcome unknown to this version")
        }
    }

    static func undoStatement(
        _ request: UUID, _ device: ID<Device>?, _ venue: ID<Venue>?, _ reason: String?, _ subject: String, _ clockOffsetMicroseconds: Int64
    ) -> SQL {
        """
        select outcome, is_repeat, coupon_id, amount_fen, undone_at
        from coupons_undo(\(device), \(venue), \(request), \(reason), \(subject), \(clockOffsetMicroseconds))
        """
    }

    /// The organization of the campaign that a redemption is of, as far as `scope` reaches; nil for what is refused, too.
    package func organization(
        of request: UUID, at venue: ID<Venue>, within scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> (campaign: ID<CouponCampaign>, organization: ID<Organization>)? {
        let rows = try await querying.query(
            """
            select coupon_campaign.campaign_id, coupon_campaign.organization_id
            from coupon_redemption
            join coupon_campaign using (campaign_id)
            where coupon_redemption.venue_id = \(venue) and coupon_redemption.request_id = \(request)
                and \(fragment: scope.condition("coupon_campaign.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in (try row.decode(0), try row.decode(1)) }
    }
}
