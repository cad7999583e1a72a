package import Postgres
package import Registry
package import Runtime

/// Awards: every statement about them. Places are given and changed by two functions in the database and by nothing else.
package struct AwardStore: Sendable {
    let database: Database
    private let clockOffsetMicroseconds: Int64
    private let coalescers: PerLoop<Coalescer<AwardMove, AwardOutcome>>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("awards")

    /// Requests of one call of the functions, which join them by nested loops: their time grows with the square of it.
    package static let batchMax = 256

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        let offset = clock.offsetMicroseconds
        clockOffsetMicroseconds = offset
        let figures = figures
        coalescers = PerLoop(database.loops) { loop in
            // One in flight: changes of one program wait for each other's locks anyhow.
            Coalescer(figures, loop: loop, batchMax: 64, inFlight: 1) { (moves) async throws(PostgresError) in
                // On a leased connection: a statement that waits while a program is published stands before nobody else.
                try await database.inTransaction { (transaction) async throws(PostgresError) in
                    try await Self.outcomes(of: transaction.query(Self.statement(moves, offset)), count: moves.count)
                }
            }
        }
    }

    /// One change, together with those that wait beside it.
    package func move(_ move: AwardMove) async throws(PostgresError) -> AwardOutcome {
        try await coalescers.current.submit(move)
    }

    /// Changes places in their order, in one transaction.
    /// - Returns: one outcome a request, in their order.
    package func move(_ moves: [AwardMove], in querying: any Querying) async throws(PostgresError) -> [AwardOutcome] {
        var outcomes: [AwardOutcome] = []
        for start in stride(from: 0, to: moves.count, by: Self.batchMax) {
            let batch = Array(moves[start..<min(start + Self.batchMax, moves.count)])
            outcomes += try await Self.outcomes(of: querying.query(Self.statement(batch, clockOffsetMicroseconds)), count: batch.count)
        }
        return outcomes
    }

    package func move(_ moves: [AwardMove]) async throws(PostgresError) -> [AwardOutcome] {
        try await database.inTransaction { (querying) async throws(PostgresError) in try await move(moves, in: querying) }
    }

    /// Gives places in their order, in one transaction.
    /// - Returns: one outcome a request, in their order.
    package func hold(_ places: [AwardPlace], in querying: any Querying) async throws(PostgresError) -> [AwardOutcome] {
        var outcomes: [AwardOutcome] = []
        for start in stride(from: 0, to: places.count, by: Self.batchMax) {
            let batch = Array(places[start..<min(start + Self.batchMax, places.count)])
            outcomes += try await Self.outcomes(of: querying.query(Self.statement(batch, clockOffsetMicroseconds)), count: batch.count)
        }
        return outcomes
    }

    package func hold(_ places: [AwardPlace]) async throws(PostgresError) -> [AwardOutcome] {
        try await database.inTransaction { (querying) async throws(PostgresError) in try await hold(places, in: querying) }
    }

    /// Takes back places of sessions to come from who is no member any more, a batch at most; who was merged has them under the number that
    /// goes on.
    /// - Returns: how many were taken back.
    package func followMembers(limit: Int = batchMax) async throws(PostgresError) -> Int {
        try await database.inTransaction { (transaction) async throws(PostgresError) in
            try await transaction.query("select programs_follow_members(\(Int32(limit)), \(clockOffsetMicroseconds))").single.decode(0)
        }
    }

    // MARK: Reading

    private static let columns = """
        program_award.member_id, program_award.program_id, program_award.number, program_award.state, program_award.source,
        program_award.offered_until, program_award.changed_at
        """

    package func award(
        of member: ID<Member>, in program: ID<UnionProgram>, querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Award? {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from program_award where member_id = \(member) and program_id = \(program)")
        return try rows.first.map { row throws(PostgresError) in try Self.award(row) }
    }

    /// What a list shows.
    package struct Filter: Sendable {
        package var state: AwardState?
        package var number: Int32?

        package init(state: AwardState? = nil, number: Int32? = nil) {
            self.state = state
            self.number = number
        }
    }

    /// In the order of the members, from the one after `after` on, at most `limit`.
    package func list(
        of program: ID<UnionProgram>, _ filter: Filter, after: ID<Member>?, limit: Int
    ) async throws(PostgresError) -> [Award] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from program_award
            where program_id = \(program)
                and member_id > \(after?.rawValue ?? 0)
                and state = coalesce(\(filter.state?.rawValue), state)
                and number = coalesce(\(filter.number), number)
            order by member_id
            limit \(limit)
            """)
        var awards: [Award] = []
        for row in rows { awards.append(try Self.award(row)) }
        return awards
    }

    private static func award(_ row: Row) throws(PostgresError) -> Award {
        guard let state = AwardState(rawValue: try row.decode("state")), let source = AwardSource(rawValue: try row.decode("source"))
        else { throw .decoding("an award of a kind that this version does not know") }
        return Award(
            memberID: try row.decode("member_id"), programID: try row.decode("program_id"), number: try row.decode("number"), state: state,
            source: source, offeredUntil: try row.decode("offered_until"), changedAt: try row.decode("changed_at"))
    }

    // MARK: Statements

    static func statement(_ moves: [AwardMove], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinality, outcome, state, number, offered_until
        from programs_move(
            \(moves.map(\.memberID)), \(moves.map(\.programID)), \(moves.map { $0.state?.rawValue }), \(moves.map(\.number)),
            \(moves.map(\.reason)), \(moves.map(\.doneBy)), \(clockOffsetMicroseconds))
        """
    }

    static func statement(_ places: [AwardPlace], _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        select ordinality, outcome, state, number, offered_until
        from programs_hold(
            \(places.map(\.memberID)), \(places.map(\.programID)), \(places.map(\.number)), \(places.map(\.state.rawValue)),
            \(places.map(\.source.rawValue)), \(places.map(\.runNumber)), \(places.map(\.reason)), \(places.map(\.doneBy)),
            \(clockOffsetMicroseconds))
        """
    }

    static func outcomes(of rows: QueryResult, count: Int) throws(PostgresError) -> [AwardOutcome] {
        var outcomes = [AwardOutcome?](repeating: nil, count: count)
        for row in rows {
            let place = Int(try row.decode(0, as: Int32.self)) - 1
            guard outcomes.indices.contains(place), let verdict = AwardOutcome.Verdict(rawValue: try row.decode(1)) else {
                throw .decoding("an outcome that this version does not know")
            }
            outcomes[place] = AwardOutcome(
                verdict: verdict, state: try row.decode(2, as: String?.self).flatMap(AwardState.init(rawValue:)),
                number: try row.decode(3), offeredUntil: try row.decode(4))
        }
        let all = outcomes.compactMap(\.self)
        guard all.count == count else { throw .decoding("one outcome a request was expected") }
        return all
    }
}
