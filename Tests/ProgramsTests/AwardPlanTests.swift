import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct AwardPlanTests {
    private static let tables = ["program_award", "benefit", "member", "organization_ancestor"]

    private func fetched(_ querying: any Querying) async throws(PostgresError) -> Int {
        try await querying.query(
            "select sum(idx_tup_fetch)::bigint from pg_stat_xact_user_tables where relname = any(\(Self.tables))"
        )[0].decode(0)
    }

    @Test
    func
        `plans made on empty tables still go by keys when they have grown within the same transaction`()
        async throws
    {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 5_200, capacities: [6_000])
            let crowd = Array(scene.members.dropFirst(200))
            // In one transaction, and so on one connection, which keeps its plans: as publication does.
            let (held, moved) = try await database.transaction {
                (transaction) async throws(PostgresError) in
                _ = try await transaction.query("analyze program_award, benefit, program_session, program")
                _ = try await scene.awards.hold((0..<64).map { scene.place($0) }, in: transaction)
                _ = try await scene.awards.move(
                    (0..<64).map { scene.change($0, to: .confirmed) }, in: transaction)
                _ = try await transaction.query(
                    """
                    with held as (
                        insert into benefit (member_id, family, period, state, program_id, held_at, changed_at)
                        select member_id, 'checkup', '2026', 'held', \(scene.program), now(), now() from unnest(\(crowd)) as m (member_id)
                    )
                    insert into program_award (member_id, program_id, number, state, source, offered_until, changed_at)
                    select member_id, \(scene.program), 1, 'offered', 'run', now(), now() from unnest(\(crowd)) as m (member_id)
                    """)
                let before = try await fetched(transaction)
                _ = try await scene.awards.hold((64..<128).map { scene.place($0) }, in: transaction)
                let between = try await fetched(transaction)
                _ = try await scene.awards.move(
                    (64..<128).map { scene.change($0, to: .confirmed) }, in: transaction)
                return (between - before, try await fetched(transaction) - between)
            }
            #expect(
                held <= 64 * 8 && moved <= 64 * 8,
                "\(held) rows read to hold 64 places, \(moved) to confirm them")
        }
    }
}
