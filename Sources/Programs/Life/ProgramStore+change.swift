import HTTP
package import Postgres
package import Registry
package import Runtime

// Making and changing: always within a transaction that holds the program's row.
extension ProgramStore {
    /// Makes a draft.
    package func create(
        _ facts: ProgramFacts, of organization: ID<Organization>, quota: Int32, part: Part? = nil, by subject: String,
        in querying: any Querying
    ) async throws(PostgresError) -> UnionProgram {
        let rows = try await querying.query(
            """
            insert into program (
                organization_id, parent_id, returns_at, quota, created_by, \(raw: Self.factColumns))
            values (
                \(organization), \(part?.parent), \(part?.returnsAt), \(quota), \(subject), \(fragment: try Self.values(facts)))
            returning program_id
            """)
        guard let row = rows.first, let made = try await find(try row.decode(0), in: querying) else {
            throw .decoding("the program that was just made")
        }
        return made
    }

    /// Where a part has its places from.
    package struct Part: Sendable {
        package let parent: ID<UnionProgram>
        package let returnsAt: Timestamp
    }

    /// Replaces what is said of a draft.
    package func change(
        _ id: ID<UnionProgram>, to facts: ProgramFacts, quota: Int32, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program
            set (quota, version, \(raw: Self.factColumns)) = row(\(quota), version + 1, \(fragment: try Self.values(facts)))
            where program_id = \(id) and state = 'draft'
            """)
    }

    /// Replaces the sessions of a draft.
    package func replaceSessions(
        of id: ID<UnionProgram>, with sessions: [ProgramSession], in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query("delete from program_session where program_id = \(id) and taken = 0")
        try await addSessions(sessions, to: id, in: querying)
    }

    /// Adds sessions with numbers and titles of their own; what they hold grows, nobody's place changes.
    package func addSessions(
        _ sessions: [ProgramSession], to id: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into program_session (program_id, number, title, capacity, walk_in, starts_at, ends_at, area_id, audience_id)
            select \(id), number, title, capacity, walk_in, starts_at, ends_at, nullif(area_id, 0), nullif(audience_id, 0)
            from unnest(
                \(sessions.map(\.number)), \(sessions.map(\.title)), \(sessions.map(\.capacity)), \(sessions.map(\.walkIn)),
                \(sessions.map(\.startsAt)), \(sessions.map(\.endsAt)), \(sessions.map { $0.areaID?.rawValue ?? 0 }),
                \(sessions.map { $0.audienceID?.rawValue ?? 0 }))
                as given (number, title, capacity, walk_in, starts_at, ends_at, area_id, audience_id)
            """)
        _ = try await querying.query("update program set version = version + 1 where program_id = \(id)")
    }

    /// Takes places of a draft away for a part.
    /// - Returns: false when a session has not so many.
    func giveToPart(
        _ sessions: [(title: String, places: Int32)], quota: Int32, of id: ID<UnionProgram>, in querying: any Querying
    ) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            with given as (
                select * from unnest(\(sessions.map(\.title)), \(sessions.map(\.places))) as given (title, places)
            )
            update program_session
            set capacity = capacity - places
            from given
            where program_id = \(id) and program_session.title = given.title and capacity - walk_in >= places
            """)
        guard rows.affectedRows == sessions.count else { return false }
        let taken = try await querying.query(
            "update program set quota = quota - \(quota), version = version + 1 where program_id = \(id) and quota >= \(quota)")
        return taken.affectedRows == 1
    }

    /// Gives unused places of a part back; see the function's header.
    /// - Returns: how many.
    func returnPlaces(of part: ID<UnionProgram>, by subject: String, in querying: any Querying) async throws(PostgresError) -> Int32 {
        let rows = try await querying.query("select programs_return_places(\(part), \(subject), \(clockOffsetMicroseconds))")
        return try rows.first.map { row throws(PostgresError) in try row.decode(0, as: Int32?.self) ?? 0 } ?? 0
    }

    // MARK: Steps

    /// What announcing fixes for good.
    struct Announcement: Sendable {
        let bytes: [UInt8]
        let hash: [UInt8]
        let secretSealed: [UInt8]
        let commitment: [UInt8]
    }

    func announce(
        _ id: ID<UnionProgram>, _ announcement: Announcement, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program
            set state = 'announced', version = version + 1, announced_at = \(fragment: instant), announcement = \(announcement.bytes),
                rules_hash = \(announcement.hash), lottery_secret_sealed = \(announcement.secretSealed),
                lottery_commitment = \(announcement.commitment)
            where program_id = \(id) and state = 'draft'
            """)
    }

    /// - Returns: false when its time has not come, or the state is another.
    func open(_ id: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            update program set state = 'open', version = version + 1, opened_at = \(fragment: instant)
            where program_id = \(id) and state = 'announced' and opens_at <= \(fragment: instant)
            """)
        return rows.affectedRows == 1
    }

    /// Freezes the applications; whoever was applying has ended, for applications hold the row too.
    func close(_ id: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            update program
            set state = 'closed', version = version + 1, closed_at = \(fragment: instant), inputs_hash = programs_inputs_hash(program_id)
            where program_id = \(id) and state = 'open' and closes_at <= \(fragment: instant)
            """)
        return rows.affectedRows == 1
    }

    func end(_ id: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program set state = 'ended', version = version + 1, ended_at = \(fragment: instant)
            where program_id = \(id) and state = 'published'
            """)
    }

    func cancel(_ id: ID<UnionProgram>, reason: String, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program
            set state = 'cancelled', version = version + 1, ended_at = \(fragment: instant), cancel_reason = \(reason)
            where program_id = \(id)
            """)
    }

    /// Writes down a step, with who did it.
    package func note(
        _ step: String, on id: ID<UnionProgram>, from before: ProgramState?, to after: ProgramState, details: [String: String] = [:],
        reason: String? = nil, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into program_event (program_id, step, state_before, state_after, details, reason, done_by, occurred_at)
            values (
                \(id), \(step), \(before?.rawValue), \(after.rawValue), \(try Self.json(details))::jsonb, \(reason), \(subject),
                \(fragment: instant))
            """)
    }

    // MARK: Columns

    private static let factColumns = """
        title, shares, rules, family, period, time_zone, opens_at, closes_at, run_at, results_at, ends_at, offer_hours, tick_minutes,
        keeps_waiting, appeal, lottery_kind, beacon_source
        """

    private static func values(_ facts: ProgramFacts) throws(PostgresError) -> SQL {
        """
        \(facts.title), \(facts.shares.rawValue), \(try json(facts.rules))::jsonb, \(facts.family), \(facts.period), \(facts.timeZone),
        \(facts.opensAt), \(facts.closesAt), \(facts.runAt), \(facts.resultsAt), \(facts.endsAt), \(facts.offerHours),
        \(facts.tickMinutes), \(facts.keepsWaiting), \(facts.appeal), \(facts.lotteryKind.rawValue), \(facts.beaconSource)
        """
    }

    static func json(_ value: some Encodable) throws(PostgresError) -> String {
        do {
            return String(decoding: try JSON.encode(value), as: UTF8.self)
        } catch {
            throw .decoding("a value that JSON cannot hold")
        }
    }
}
