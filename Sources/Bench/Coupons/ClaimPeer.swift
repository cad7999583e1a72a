import Postgres

/// The peer of claims: what a coupon is given out by without much thought, one row that everybody changes and one that is written.
///
/// One statement and one commit a claim, so that the row is held for no round trip longer than it must.
enum ClaimPeer {
    static func prepare(_ database: Database) async throws {
        try await database.inTransaction { transaction in
            try await transaction.script(
                """
                create table naive_round (id integer primary key, remaining integer not null check (remaining >= 0));
                create table naive_coupon (
                    coupon_id bigint generated always as identity primary key, round_id integer not null, member_id bigint not null,
                    claimed_at timestamptz not null default now()
                );
                create index naive_coupon_of_member on naive_coupon (member_id, round_id);
                """)
        }
    }

    static func fill(_ database: Database, stock: Int32) async throws {
        try await database.inTransaction { transaction in
            try await transaction.script(
                "truncate naive_round, naive_coupon; insert into naive_round (id, remaining) values (1, \(stock));")
        }
    }

    static let script = #"""
        \set member random(1, 1000000000)
        with hit as (
            update naive_round set remaining = remaining - 1 where id = 1 and remaining > 0 returning id
        )
        insert into naive_coupon (round_id, member_id) select id, :member from hit;
        """#
}
