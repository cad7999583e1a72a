import HTTP
package import Postgres
package import Registry
package import Runtime

/// Programs and their sessions: every statement that reads, makes and changes them. Whoever changes one holds its row first.
package struct ProgramStore: Sendable {
    let database: Database
    package let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The service's time in SQL: the database's clock, moved by `--clock-offset`.
    package var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    private static let columns = """
        program.program_id, program.organization_id, program.parent_id, program.state, program.version, program.title, program.shares,
        program.rules::text as rules, program.family, program.period, program.time_zone, program.opens_at, program.closes_at,
        program.run_at, program.results_at, program.ends_at, program.offer_hours, program.tick_minutes, program.keeps_waiting,
        program.appeal, program.lottery_kind, program.beacon_source, program.quota, program.taken, program.returns_at,
        program.rules_hash, program.inputs_hash, program.lottery_commitment, program.beacon, program.announced_at, program.opened_at,
        program.closed_at, program.published_at, program.ended_at, program.cancel_reason, program.created_by
        """

    // MARK: Reading

    /// - Parameter scope: what lies outside is unknown: nil.
    package func find(
        _ id: ID<UnionProgram>, scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> UnionProgram? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from program
            where program_id = \(id) and \(fragment: scope.condition("program.organization_id"))
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.program(row) }
    }

    /// The program, held against other changes to the end of the transaction.
    package func hold(_ id: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> UnionProgram? {
        _ = try await querying.query("select from program where program_id = \(id) for no key update")
        return try await find(id, in: querying)
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var scope = Scope.everything
        package var organization: ID<Organization>?
        /// Nil shows those of every state.
        package var states: [ProgramState]?
        package var parent: ID<UnionProgram>?
        /// Leaves out what was cancelled before anybody heard of it.
        package var isAnnounced = false

        package init() {}
    }

    /// In order of their ids, from the one after `after`.
    package func list(_ filter: Filter, after: ID<UnionProgram>?, limit: Int) async throws(PostgresError) -> [UnionProgram] {
        let states: SQL = filter.states.map { "program.state = any(\($0.map(\.rawValue)))" } ?? "true"
        let parent: SQL = filter.parent.map { "program.parent_id = \($0)" } ?? "true"
        let rows = try await database.query(
            """
            select \(raw: Self.columns) from program
            where program_id > \(after?.rawValue ?? 0)
                and program.organization_id = coalesce(\(filter.organization), program.organization_id)
                and \(fragment: states)
                and \(fragment: parent)
                and (announced_at is not null or not \(filter.isAnnounced))
                and \(fragment: filter.scope.condition("program.organization_id"))
            order by program_id
            limit \(limit)
            """)
        var programs: [UnionProgram] = []
        for row in rows { programs.append(try Self.program(row)) }
        return programs
    }

    /// By their numbers.
    package func sessions(of id: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [ProgramSession] {
        let rows = try await (querying ?? database).query(
            """
            select number, title, capacity, walk_in, taken, starts_at, ends_at, area_id, audience_id
            from program_session
            where program_id = \(id)
            order by number
            """)
        var sessions: [ProgramSession] = []
        for row in rows {
            sessions.append(
                ProgramSession(
                    number: try row.decode(0), title: try row.decode(1), capacity: try row.decode(2), walkIn: try row.decode(3),
                    taken: try row.decode(4), startsAt: try row.decode(5), endsAt: try row.decode(6), areaID: try row.decode(7),
                    audienceID: try row.decode(8)))
        }
        return sessions
    }

    private static func program(_ row: Row) throws(PostgresError) -> UnionProgram {
        let facts = ProgramFacts(
            title: try row.decode("title"), shares: try row.decodeOption("shares"), rules: try rules(row), family: try row.decode("family"),
            period: try row.decode("period"), timeZone: try row.decode("time_zone"), opensAt: try row.decode("opens_at"),
            closesAt: try row.decode("closes_at"), runAt: try row.decode("run_at"), resultsAt: try row.decode("results_at"),
            endsAt: try row.decode("ends_at"), offerHours: try row.decode("offer_hours"), tickMinutes: try row.decode("tick_minutes"),
            keepsWaiting: try row.decode("keeps_waiting"), appeal: try row.decode("appeal"),
            lotteryKind: try row.decodeOption("lottery_kind"),
            beaconSource: try row.decode("beacon_source"))
        return UnionProgram(
            id: try row.decode("program_id"), organizationID: try row.decode("organization_id"), parentID: try row.decode("parent_id"),
            state: try row.decodeOption("state"), version: try row.decode("version"), facts: facts, quota: try row.decode("quota"),
            taken: try row.decode("taken"), returnsAt: try row.decode("returns_at"), rulesHash: try row.decode("rules_hash"),
            inputsHash: try row.decode("inputs_hash"), commitment: try row.decode("lottery_commitment"),
            beacon: try row.decode("beacon"), announcedAt: try row.decode("announced_at"), openedAt: try row.decode("opened_at"),
            closedAt: try row.decode("closed_at"), publishedAt: try row.decode("published_at"), endedAt: try row.decode("ended_at"),
            cancelReason: try row.decode("cancel_reason"), createdBy: try row.decode("created_by"))
    }

    private static func rules(_ row: Row) throws(PostgresError) -> ProgramRules {
        let text = try row.decode("rules", as: String.self)
        do {
            return try JSON.decode(ProgramRules.self, from: Array(text.utf8))
        } catch {
            throw .decoding("rules that this version cannot read")
        }
    }
}
