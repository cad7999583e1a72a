package import Postgres
package import Programs
package import Registry
package import Runtime

/// A day at a van on paper: its list, and what is entered from it later.
package struct DayListStore: Sendable {
    let database: Database
    let programs: ProgramStore
    let clockOffsetMicroseconds: Int64

    /// - Parameter clock: its offset is added to the database's clock in what is decided here.
    package init(_ database: Database, programs: ProgramStore, clock: Clock) {
        self.database = database
        self.programs = programs
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Somebody with a place in a session of the day.
    package struct Entry: Sendable {
        package let number: Int32
        package let memberID: ID<Member>
        package let state: AwardState
        package let isWalkIn: Bool
    }

    /// Who has a place on the day, in order of sessions and then of members.
    package func entries(of visit: ID<VanVisit>, on day: CalendarDate) async throws(PostgresError) -> [Entry] {
        let rows = try await database.query(
            """
            select checkup_session.number, program_award.member_id, program_award.state, program_award.source = 'walk_in'
            from checkup_session
            join program_session using (program_id, number)
            join program using (program_id)
            join program_award using (program_id, number)
            where visit_id = \(visit)
                and (program_session.starts_at at time zone program.time_zone)::date = \(day)
                and program_award.state in ('offered', 'confirmed', 'attended', 'used', 'no_show')
            order by program_session.starts_at, checkup_session.number, program_award.member_id
            """)
        var entries: [Entry] = []
        for row in rows {
            guard let state = AwardState(rawValue: try row.decode(2)) else { throw .decoding("an unknown state of an award") }
            entries.append(
                Entry(number: try row.decode(0), memberID: try row.decode(1), state: state, isWalkIn: try row.decode(3)))
        }
        return entries
    }

    /// What came of a line.
    package enum LineOutcome: Sendable, Equatable {
        /// With what was against it: of a walk-in, for who came was examined all the same.
        case recorded(against: [CheckupReason])
        /// It was known already.
        case unchanged(against: [CheckupReason])
        case conflict(CheckupReason)
    }

    /// Enters lines, one outcome for each, in order.
    package func enter(
        _ lines: [AttendanceLine], times: [Timestamp?], on day: CalendarDate, of visit: ID<VanVisit>, _ campaign: ID<UnionProgram>,
        by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> [LineOutcome] {
        guard let program = try await programs.hold(campaign, in: querying) else { throw .decoding("a visit of no program") }
        let admitted = try await admitted(lines.map(\.memberId), by: program.facts.rules, in: querying)
        let rows = try await querying.query(
            """
            select ordinality, outcome, against
            from checkups_enter_list(
                \(visit), \(day), \(lines.map(\.memberId)), \(lines.map(\.session)), \(lines.map(\.state.rawValue)), \(times),
                \(lines.map { admitted.contains($0.memberId) }), \(subject), \(clockOffsetMicroseconds))
            """)
        var outcomes = [LineOutcome?](repeating: nil, count: lines.count)
        for row in rows {
            let position = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(position) else { throw .decoding("an outcome of no line") }
            let against = try CheckInStore.reasons(row, 2)
            switch try row.decode(1, as: String.self) {
            case "recorded": outcomes[position] = .recorded(against: against)
            case "unchanged": outcomes[position] = .unchanged(against: against)
            case let code:
                guard let reason = CheckupReason(rawValue: code) else { throw .decoding("a reason unknown to this version") }
                outcomes[position] = .conflict(reason)
            }
        }
        let answered = outcomes.compactMap(\.self)
        guard answered.count == lines.count else { throw .decoding("\(answered.count) outcomes of \(lines.count) lines") }
        return answered
    }

    /// Which of these members the rules admit now.
    private func admitted(
        _ members: [ID<Member>], by rules: ProgramRules, in querying: any Querying
    ) async throws(PostgresError) -> Set<ID<Member>> {
        let rows = try await querying.query(
            "select member_id from member where member_id = any(\(members)) and \(fragment: Condition.all(rules.eligibility).sql)")
        var admitted: Set<ID<Member>> = []
        for row in rows { admitted.insert(try row.decode(0)) }
        return admitted
    }

    /// How long after a session's end its list may still be on its way.
    package static let patienceHours: Int64 = 72

    /// Notes who was never said to have come, `limit` at most; how many they were.
    package func closeDays(limit: Int32) async throws(PostgresError) -> Int32 {
        try await database.query(
            "select checkups_close_days(\(Self.patienceHours) * interval '1 hour', \(limit), \(clockOffsetMicroseconds))"
        ).single.decode(0)
    }
}
