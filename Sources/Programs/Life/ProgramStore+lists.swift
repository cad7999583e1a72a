package import Postgres
package import Registry
package import Runtime

/// What happened to a program.
package struct ProgramEvent: Sendable {
    package let id: Int64
    package let step: String
    package let stateBefore: String?
    package let stateAfter: String
    /// A JSON object.
    package let details: String
    package let reason: String?
    package let doneBy: String
    package let occurredAt: Timestamp
}

extension ProgramStore {
    /// The newest last, from the one after `after`.
    func events(of id: ID<UnionProgram>, after: Int64, limit: Int) async throws(PostgresError) -> [ProgramEvent] {
        let rows = try await database.query(
            """
            select event_id, step, state_before, state_after, details::text, reason, done_by, occurred_at from program_event
            where program_id = \(id) and event_id > \(after)
            order by event_id
            limit \(limit)
            """)
        var events: [ProgramEvent] = []
        for row in rows {
            events.append(
                ProgramEvent(
                    id: try row.decode(0), step: try row.decode(1), stateBefore: try row.decode(2), stateAfter: try row.decode(3),
                    details: try row.decode(4), reason: try row.decode(5), doneBy: try row.decode(6), occurredAt: try row.decode(7)))
        }
        return events
    }

    /// What was announced, byte for byte; nil for drafts and for what is unknown.
    func announcement(of id: ID<UnionProgram>) async throws(PostgresError) -> [UInt8]? {
        let rows = try await database.query("select announcement from program where program_id = \(id) and state <> 'draft'")
        return try rows.first.map { row throws(PostgresError) in try row.decode(0, as: [UInt8]?.self) } ?? nil
    }

    /// The lottery's secret as it is sealed.
    package func sealedSecret(of id: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> [UInt8]? {
        let rows = try await querying.query("select lottery_secret_sealed from program where program_id = \(id)")
        return try rows.first.map { row throws(PostgresError) in try row.decode(0, as: [UInt8]?.self) } ?? nil
    }

    /// The first in the common order of the published run who has a place, or who waits for one.
    package func applicant(of id: ID<UnionProgram>, isPlaced: Bool) async throws(PostgresError) -> ID<Member>? {
        let rows = try await database.query(
            """
            select member_id
            from program_run
            join program_result on program_result.program_id = program_run.program_id and program_result.run_number = program_run.number
            where program_run.program_id = \(id) and program_run.state = 'published' and (program_result.number is not null) = \(isPlaced)
                and exclusion is null
            order by place
            limit 1
            """)
        return try rows.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// What the timetable has to do.
    enum Due: String, Sendable, CaseIterable { case open, close, run, publish, end, returnPlaces = "return_places" }

    /// Programs whose time has come for something, by id, from the one after `after`, at most `limit`. A step that was refused is found
    /// again.
    func due(after: Int64 = 0, limit: Int) async throws(PostgresError) -> [(id: ID<UnionProgram>, what: Due)] {
        let rows = try await database.query(
            """
            select program_id, what
            from program,
                lateral (
                    select case
                        when state = 'announced' and opens_at <= \(fragment: instant) then 'open'
                        when state = 'open' and closes_at <= \(fragment: instant) then 'close'
                        when state = 'closed' and run_at <= \(fragment: instant) then 'run'
                        when state = 'reviewed' and results_at <= \(fragment: instant) then 'publish'
                        when state = 'published' and parent_id is not null and returns_at <= \(fragment: instant) and quota > taken
                            then 'return_places'
                        when state = 'published' and ends_at <= \(fragment: instant) then 'end'
                    end as what
                ) found
            where program_id > \(after) and state not in ('draft', 'ended', 'cancelled') and what is not null
            order by program_id
            limit \(limit)
            """)
        var found: [(id: ID<UnionProgram>, what: Due)] = []
        for row in rows {
            guard let what = Due(rawValue: try row.decode(1)) else { throw .decoding("a step that nobody knows") }
            found.append((try row.decode(0), what))
        }
        return found
    }
}
