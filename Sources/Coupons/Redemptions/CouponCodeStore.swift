package import Crypto
package import Postgres
package import Registry
package import Runtime

/// One-time codes of coupons: every statement but that of using them.
package struct CouponCodeStore: Sendable {
    private let database: Database
    private let key: HMACKey
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, keys: Keys, clock: Clock) {
        self.database = database
        key = CouponCode.key(keys)
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    package enum Outcome: Sendable {
        case made(CouponCode, expiresAt: Timestamp)
        case unknown
        case notUsable
    }

    /// A new code for a coupon of one of these numbers of a person; an older one ends.
    package func make(_ coupon: ID<Coupon>, of members: [ID<Member>]) async throws(PostgresError) -> Outcome {
        try await database.inTransaction { (transaction) async throws(PostgresError) in
            let held = try await transaction.query(
                """
                select member_id, state from coupon
                where member_id = any(\(members)) and coupon_id = \(coupon)
                order by member_id
                for no key update
                """)
            guard let row = held.first else { return .unknown }
            let member: ID<Member> = try row.decode(0)
            guard Coupon.State(rawValue: try row.decode(1))?.isHeld == true else { return .notUsable }
            _ = try await transaction.query("delete from coupon_code where member_id = \(member) and coupon_id = \(coupon)")
            let code = CouponCode.random()
            let made = try await transaction.query(
                """
                insert into coupon_code (digest, member_id, coupon_id, expires_at)
                values (
                    \(code.digest(key)), \(member), \(coupon),
                    clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'
                        + \(CouponCode.validitySeconds) * interval '1 second')
                returning expires_at
                """)
            guard let row = made.first else { throw .decoding("the new code was expected") }
            return .made(code, expiresAt: try row.decode(0))
        }
    }

    /// Deletes codes that expired an hour ago: until then who types one is told that it has expired.
    /// - Returns: how many.
    package func purge(limit: Int) async throws(PostgresError) -> Int {
        try await database.query(
            """
            delete from coupon_code
            where digest in (
                select digest from coupon_code
                where expires_at < clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' - interval '1 hour'
                order by expires_at
                limit \(limit)
                for update skip locked
            )
            """
        ).affectedRows
    }
}
