import Postgres
import Programs
import Registry
import Runtime

/// What checkups keep of a person beside the places: to be taken away, and to be forgotten.
struct CheckupPersonStore: Sendable {
    let database: Database

    /// An entry of the person's own export.
    struct Entry: Encodable, Sendable {
        let what: String
        let visitId: Int64
        let at: String
        let outcome: String
    }

    /// Check-ins, waits at vans and messages.
    func entries(of members: [ID<Member>], in querying: any Querying) async throws(PostgresError) -> [Entry] {
        let rows = try await querying.query(
            """
            select 'check_in', visit_id, recorded_at as at, outcome from checkup_check_in where member_id = any(\(members))
            union all
            select 'walk_in', visit_id, arrived_at, state from checkup_walk_in where member_id = any(\(members))
            union all
            select 'attendance', visit_id, occurred_at, case when came then 'attended' else 'no_show' end
            from checkup_attendance
            where member_id = any(\(members))
            order by at
            """)
        var entries: [Entry] = []
        for row in rows {
            entries.append(
                Entry(
                    what: try row.decode(0), visitId: try row.decode(1), at: try row.decode(2, as: Timestamp.self).description,
                    outcome: try row.decode(3)))
        }
        return entries
    }

    /// Takes away what concerns health or waits: reports with their follow-ups, messages, places in a queue. Who came stays with the
    /// member's number, for the figures.
    func forget(_ members: [ID<Member>], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query("delete from checkup_report where member_id = any(\(members))")
        _ = try await querying.query("delete from checkup_message where member_id = any(\(members))")
        _ = try await querying.query("delete from checkup_walk_in where member_id = any(\(members)) and state = 'waiting'")
    }
}
