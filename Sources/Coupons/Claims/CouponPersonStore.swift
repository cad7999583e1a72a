import FoundationEssentials
import Postgres
import Registry
import Runtime

/// What coupons keep of a person beside the coupons themselves: to be taken away, and to be forgotten.
struct CouponPersonStore: Sendable {
    /// A claim that took something or waits; who was refused left none.
    struct Claim: Encodable, Sendable {
        let requestId: String
        let roundId: ID<CouponRound>
        let state: String
        let reason: String?
        let couponId: ID<Coupon>?
        let ticket: String?
        let claimedAt: String
        let decidedAt: String?
    }

    /// What was asked at a counter with the person's code, refused or not.
    struct Use: Encodable, Sendable {
        let requestId: String
        let outcome: String
        let reasons: [String]
        let couponId: ID<Coupon>?
        let venue: String
        let amountFen: Int64?
        let spendFen: Int64
        let credentialKind: String?
        let isOffline: Bool
        let occurredAt: String
        let recordedAt: String
        let annulledAt: String?
        let refundedAt: String?
    }

    /// What became of a coupon.
    struct Event: Encodable, Sendable {
        let couponId: ID<Coupon>
        let event: String
        let reason: String?
        let occurredAt: String
    }

    /// A one-time code that is not used yet. The code itself is not kept.
    struct Code: Encodable, Sendable {
        let couponId: ID<Coupon>
        let expiresAt: String
    }

    func claims(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Claim] {
        let rows = try await querying.query(
            """
            select request_id, round_id, state, reason, coupon_id, lpad(to_hex(ticket), 16, '0'), claimed_at, decided_at
            from coupon_claim
            where member_id = any(\(members))
            order by claimed_at, request_id
            """)
        var claims: [Claim] = []
        for row in rows {
            claims.append(
                Claim(
                    requestId: try row.decode(0, as: UUID.self).requestIDText, roundId: try row.decode(1), state: try row.decode(2),
                    reason: try row.decode(3), couponId: try row.decode(4), ticket: try row.decode(5),
                    claimedAt: try row.decode(6, as: Timestamp.self).description,
                    decidedAt: try row.decode(7, as: Timestamp?.self)?.description))
        }
        return claims
    }

    func uses(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Use] {
        let rows = try await querying.query(
            """
            select
                used.request_id, used.outcome, used.reasons, used.coupon_id, venue.name, used.amount_fen, used.spend_fen,
                used.credential_kind, used.is_offline, used.occurred_at, used.recorded_at, used.annulled_at, used.refunded_at
            from coupon_redemption used
            join venue using (venue_id)
            where used.member_id = any(\(members))
            order by used.recorded_at, used.request_id
            """)
        var uses: [Use] = []
        for row in rows {
            uses.append(
                Use(
                    requestId: try row.decode(0, as: UUID.self).requestIDText, outcome: try row.decode(1), reasons: try row.decode(2),
                    couponId: try row.decode(3), venue: try row.decode(4), amountFen: try row.decode(5), spendFen: try row.decode(6),
                    credentialKind: try row.decode(7), isOffline: try row.decode(8),
                    occurredAt: try row.decode(9, as: Timestamp.self).description,
                    recordedAt: try row.decode(10, as: Timestamp.self).description,
                    annulledAt: try row.decode(11, as: Timestamp?.self)?.description,
                    refundedAt: try row.decode(12, as: Timestamp?.self)?.description))
        }
        return uses
    }

    func events(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Event] {
        let rows = try await querying.query(
            """
            select coupon_id, event, reason, occurred_at
            from coupon_event
            where member_id = any(\(members))
            order by event_id
            """)
        var events: [Event] = []
        for row in rows {
            events.append(
                Event(
                    couponId: try row.decode(0), event: try row.decode(1), reason: try row.decode(2),
                    occurredAt: try row.decode(3, as: Timestamp.self).description))
        }
        return events
    }

    func codes(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Code] {
        let rows = try await querying.query(
            "select coupon_id, expires_at from coupon_code where member_id = any(\(members)) order by expires_at, coupon_id")
        var codes: [Code] = []
        for row in rows { codes.append(Code(couponId: try row.decode(0), expiresAt: try row.decode(1, as: Timestamp.self).description)) }
        return codes
    }

    /// Ends the one-time codes, and takes away what organizers wrote of the person's coupons. Coupons and their uses stay with the
    /// member's number: the stock, the ledger and what venues are owed are added up from them.
    func forget(_ members: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("delete from coupon_code where member_id = any(\(members))")
        _ = try await querying.query(
            "update coupon_event set reason = null where member_id = any(\(members)) and reason is not null")
    }
}
