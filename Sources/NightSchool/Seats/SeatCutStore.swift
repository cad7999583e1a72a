import Postgres
import Registry
import Runtime

/// Proposals of fewer seats: every statement. The caller holds the class.
package struct SeatCutStore: Sendable {
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Who would lose their seat with so many, first who would lose it first.
    func losers(_ capacity: Int32, of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> [ID<Member>] {
        var members: [ID<Member>] = []
        for row in try await querying.query("select member_id from night_school_cut_losers(\(id), \(capacity)) order by rank") {
            members.append(try row.decode(0))
        }
        return members
    }

    /// Keeps a proposal, in place of one before.
    func propose(
        _ body: ClassCutBody, by subject: String, of id: ID<SchoolClass>, in querying: any Querying
    ) async throws(PostgresError) -> SeatCut {
        let rows = try await querying.query(
            """
            insert into class_seat_cut (class_id, capacity, reason, proposed_by, proposed_at)
            values (\(id), \(body.capacity), \(body.reason), \(subject), \(fragment: instant))
            on conflict on constraint class_seat_cut_pkey do update
            set
                cut_id = default, capacity = excluded.capacity, reason = excluded.reason, proposed_by = excluded.proposed_by,
                proposed_at = excluded.proposed_at
            returning cut_id
            """)
        return SeatCut(id: try rows.single.decode(0), capacity: body.capacity, reason: body.reason, proposedBy: subject)
    }

    func cut(of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> SeatCut? {
        try await querying.query("select cut_id, capacity, reason, proposed_by from class_seat_cut where class_id = \(id)").first.map {
            row throws(PostgresError) in
            SeatCut(id: try row.decode(0), capacity: try row.decode(1), reason: try row.decode(2), proposedBy: try row.decode(3))
        }
    }

    /// Takes the proposal, so that nobody confirms it again.
    /// - Returns: whether it is the one that waits.
    func take(_ cut: Int64, of id: ID<SchoolClass>, in querying: any Querying) async throws(PostgresError) -> Bool {
        try await querying.query("delete from class_seat_cut where class_id = \(id) and cut_id = \(cut)").affectedRows == 1
    }

    /// Carries a cut out.
    /// - Returns: who lost their seat, in the order in which they wait now.
    func carryOut(
        _ cut: SeatCut, of id: ID<SchoolClass>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Member>] {
        let lost: [Int64] = try await querying.query(
            "select night_school_cut_seats(\(id), \(cut.capacity), \(cut.reason), \(subject), \(clockOffsetMicroseconds))"
        ).single.decode(0)
        _ = try await querying.query("update school_class set version = version + 1 where class_id = \(id)")
        return lost.map { ID($0) }
    }
}
