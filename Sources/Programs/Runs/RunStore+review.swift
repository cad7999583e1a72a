import HTTP
package import Postgres
package import Runtime

extension RunStore {
    private static let columns = """
        program_id, number, state, made_by, made_at, applicants, excluded, placed, waiting, figures::text as figures, inputs_hash,
        audit_hash, microseconds, reviewed_by, reviewed_at, review_note, published_by, published_at
        """

    /// - Parameter number: nil: the newest.
    package func run(
        _ number: Int32? = nil, of program: ID<UnionProgram>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> ProgramRun? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns)
            from program_run
            where program_id = \(program) and number = coalesce(\(number), number)
            order by number desc
            limit 1
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.run(row) }
    }

    package func published(of program: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws(PostgresError) -> ProgramRun? {
        let rows = try await (querying ?? database).query(
            "select \(raw: Self.columns) from program_run where program_id = \(program) and state = 'published'")
        return try rows.first.map { row throws(PostgresError) in try Self.run(row) }
    }

    /// The newest first, from the one before `before`.
    package func runs(of program: ID<UnionProgram>, before: Int32?, limit: Int) async throws(PostgresError) -> [ProgramRun] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from program_run
            where program_id = \(program) and number < \(before ?? Int32.max)
            order by number desc
            limit \(limit)
            """)
        var runs: [ProgramRun] = []
        for row in rows { runs.append(try Self.run(row)) }
        return runs
    }

    private static func run(_ row: Row) throws(PostgresError) -> ProgramRun {
        guard let state = ProgramRun.State(rawValue: try row.decode("state")) else { throw .decoding("a run's unknown state") }
        let text = Array(try row.decode("figures", as: String.self).utf8)
        let figures: RunFigures
        do { figures = try JSON.decode(RunFigures.self, from: text) } catch { throw .decoding("figures that this version cannot read") }
        return ProgramRun(
            programID: try row.decode("program_id"), number: try row.decode("number"), state: state, madeBy: try row.decode("made_by"),
            madeAt: try row.decode("made_at"), applicants: try row.decode("applicants"), excluded: try row.decode("excluded"),
            placed: try row.decode("placed"), waiting: try row.decode("waiting"), figures: figures,
            inputsHash: try row.decode("inputs_hash"), auditHash: try row.decode("audit_hash"),
            microseconds: try row.decode("microseconds"), reviewedBy: try row.decode("reviewed_by"),
            reviewedAt: try row.decode("reviewed_at"), reviewNote: try row.decode("review_note"),
            publishedBy: try row.decode("published_by"), publishedAt: try row.decode("published_at"))
    }

    /// Seats that a run shared out, by session.
    func sessions(of run: ProgramRun, in querying: any Querying) async throws(PostgresError) -> [RunSession] {
        let rows = try await querying.query(
            """
            select program_run_session.number, title, area_id, program_run_session.capacity, program_run_session.taken
            from program_run_session
            join program_session using (program_id, number)
            where program_id = \(run.programID) and run_number = \(run.number)
            order by program_run_session.number
            """)
        var sessions: [RunSession] = []
        for row in rows {
            sessions.append(
                RunSession(
                    number: try row.decode(0), title: try row.decode(1), areaID: try row.decode(2), capacity: try row.decode(3),
                    taken: try row.decode(4)))
        }
        return sessions
    }

    /// Writes down what the second organizer found.
    func review(
        _ run: ProgramRun, isAccepted: Bool, note: String?, by subject: String, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update program_run
            set state = \(isAccepted ? "reviewed" : "rejected"), reviewed_by = \(subject), reviewed_at = \(fragment: now),
                review_note = \(note)
            where program_id = \(run.programID) and number = \(run.number) and state = 'made'
            """)
        guard isAccepted else { return }
        _ = try await querying.query(
            "update program set state = 'reviewed', version = version + 1 where program_id = \(run.programID) and state = 'run'")
    }

    /// What publishing gave.
    struct Publication: Sendable {
        let held: Int
        /// Winners who could not have their place any more.
        let dropped: Int
    }

    /// Makes the run the program's result and gives its winners their places.
    func publish(_ run: ProgramRun, by subject: String, in querying: any Querying) async throws(PostgresError) -> Publication {
        _ = try await querying.query(
            """
            update program_run
            set state = 'published', published_by = \(subject), published_at = \(fragment: now)
            where program_id = \(run.programID) and number = \(run.number) and state = 'reviewed'
            """)
        _ = try await querying.query(
            """
            update program
            set state = 'published', version = version + 1, published_at = \(fragment: now), ticked_at = null
            where program_id = \(run.programID) and state = 'reviewed'
            """)
        let rows = try await querying.query(
            "select held, dropped from programs_publish(\(run.programID), \(run.number), \(subject), \(clockOffsetMicroseconds))")
        guard let row = rows.first else { throw .decoding("the places given were expected") }
        if run.waiting > 0 {
            _ = try await querying.query("update program_session set is_awaited = true where program_id = \(run.programID)")
        }
        return Publication(held: try row.decode(0), dropped: try row.decode(1))
    }

    /// Gives the public number, once: who could give another would draw again.
    /// - Returns: false where the program is not closed, or has one.
    func giveBeacon(_ beacon: [UInt8], to program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Bool {
        let rows = try await querying.query(
            """
            update program
            set beacon = \(beacon), version = version + 1
            where program_id = \(program) and state = 'closed' and beacon is null and lottery_kind <> 'secret'
            """)
        return rows.affectedRows == 1
    }

    private var now: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }
}

/// A session as a run shared it out.
struct RunSession: Sendable {
    let number: Int32
    let title: String
    let areaID: Int64?
    let capacity: Int
    let taken: Int
}
