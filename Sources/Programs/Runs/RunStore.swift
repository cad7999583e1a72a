import Allocation
import AllocationFiles
package import Postgres
import Registry
package import Runtime
import Synchronization

/// Runs: every statement about them and what they gave.
package struct RunStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    private var instant: SQL { "(clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond')" }

    // MARK: Reading a program's applications

    func applicantCount(of program: ID<UnionProgram>, in querying: any Querying) async throws(PostgresError) -> Int {
        let rows = try await querying.query(
            "select count(*) from program_application where program_id = \(program) and state = 'applied'")
        return try rows.first.map { row throws(PostgresError) in try row.decode(0) } ?? 0
    }

    /// The applications of a program, in any order. Numbers stand in the text, for COPY takes no parameters.
    func applications(
        of program: UnionProgram, in transaction: Transaction, progress: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) async throws -> ApplicationTable {
        let mark = """
            case
                when member.merged_into is not null and exists (
                    select from program_application own
                    where own.member_id = member.merged_into and own.program_id = program.program_id
                    offset 0) then 5
                when member.status <> 'active' then 1
                when other.member_id is not null then 2
                when \(Self.holdsBenefitMerged("program_application", program)) then 2
                when program.taken > 0 and exists (
                    select from program_award
                    where program_award.member_id = program_application.member_id
                        and program_award.program_id = program.program_id
                        and programs_holds_place(program_award.state)) then 3
                else 0
            end
            """
        return try await table(
            """
            select
                ticket, program_application.member_id, \(ApplicationTable.facts(mark: mark)) as facts,
                program_application.organization_id, area_id, wishes
            from program
            join program_application on program_application.program_id = program.program_id
            join member on member.member_id = program_application.member_id
            -- At most one of a family and period, and joined, for a million are looked for.
            left join benefit other
                on other.member_id = program_application.member_id
                and other.family = program.family
                and other.period = program.period
                and other.program_id is distinct from program.program_id
                and other.state in ('held', 'confirmed', 'used')
            where program.program_id = \(program.id.rawValue) and program_application.state = 'applied'
            """, ApplicationTable.columns, in: transaction, progress)
    }

    /// The same as a run saw it, with what the run gave.
    func results(of run: ProgramRun, in transaction: Transaction) async throws -> ApplicationTable {
        let mark =
            "case exclusion \(RunExclusion.allCases.map { "when '\($0.code)' then \($0.rawValue)" }.joined(separator: " ")) else 0 end"
        return try await table(
            """
            select
                ticket, program_application.member_id, \(ApplicationTable.facts(mark: mark)) as facts, organization_id, area_id, wishes,
                place, position, phase, number
            from program_result
            join program_application using (program_id, ticket)
            where program_result.program_id = \(run.programID.rawValue) and program_result.run_number = \(run.number)
            """, "\(ApplicationTable.columns), \(ApplicationTable.outcome)", in: transaction)
    }

    /// Who waits and who has a place of a published run, by their places in the common order; marks are those of the tick.
    func waitlist(of run: ProgramRun, _ program: UnionProgram, in transaction: Transaction) async throws -> ApplicationTable {
        let mark = """
            case
                when programs_holds_place(program_award.state) then 1
                when program_award.state is not null
                    and not (program.keeps_waiting and program_award.state in ('declined', 'lapsed')) then 2
                when program_application.state <> 'applied' or member.status <> 'active' or benefit.member_id is not null then 2
                -- programs_hold would refuse them, and nobody else would be asked.
                when \(Self.holdsBenefitMerged("program_result", program)) then 2
                when program_result.member_id in (
                    select merged.merged_into
                    from member merged
                    join program_award held on held.member_id = merged.member_id
                    where merged.merged_into is not null
                        and held.program_id = \(program.id.rawValue)
                        and programs_holds_place(held.state)) then 2
                when program_award.state is not null then 3
                else 0
            end
            """
        return try await table(
            """
            select
                program_result.ticket, program_result.member_id, \(ApplicationTable.facts(mark: mark)) as facts,
                program_application.organization_id, area_id, wishes, place, position, phase,
                case when programs_holds_place(program_award.state) then program_award.number end as number
            from program
            join program_result on program_result.program_id = program.program_id and program_result.run_number = \(run.number)
            join program_application
                on program_application.member_id = program_result.member_id
                and program_application.program_id = program_result.program_id
            join member on member.member_id = program_result.member_id
            left join program_award
                on program_award.member_id = program_result.member_id
                and program_award.program_id = program_result.program_id
            left join benefit
                on benefit.member_id = program_result.member_id
                and benefit.family = program.family
                and benefit.period = program.period
                and benefit.state in ('held', 'confirmed', 'used')
            where program.program_id = \(program.id.rawValue) and place is not null
            """, "\(ApplicationTable.columns), \(ApplicationTable.outcome)", in: transaction)
    }

    /// Whether the member of a row of `table` has a benefit of the family and period under a number that was merged into theirs.
    private static func holdsBenefitMerged(_ table: String, _ program: UnionProgram) -> String {
        """
        \(table).member_id in (
            select merged.merged_into
            from program shared
            join benefit given on given.family = shared.family and given.period = shared.period
            join member merged on merged.member_id = given.member_id
            where shared.program_id = \(program.id.rawValue)
                and given.state in ('held', 'confirmed', 'used')
                and merged.merged_into is not null)
        """
    }

    /// Puts the application that stands, of several of one person, under the number that goes on.
    func joinApplications(of program: ID<UnionProgram>) async throws(PostgresError) {
        _ = try await database.query("select programs_join_applications(\(program))")
    }

    /// For statements that read a million rows of each table: compiling them takes longer than it saves, and where a table has just grown
    /// from nothing PostgreSQL would take it for empty and go through all of it for each row.
    private static let wholeTables = ["set local jit = off", "set local enable_nestloop = off", "set local work_mem = '64MB'"]

    private func table(
        _ query: String, _ columns: String, in transaction: Transaction, _ progress: @escaping @Sendable (Int) throws -> Void = { _ in }
    ) async throws -> ApplicationTable {
        for setting in Self.wholeTables { _ = try await transaction.query(SQL(raw: setting)) }
        let table = Mutex(ApplicationTable())
        try await transaction.copyOut("select \(columns) from (\(query)) application", options: "format binary") { piece in
            try progress(
                try table.withLock { table in
                    try table.append(piece)
                    return table.count
                })
        }
        return table.withLock { $0 }
    }

    // MARK: Writing a run

    /// Writes a run and what it gave, and makes it the program's present one.
    /// - Returns: its number.
    func write(
        _ result: RunResult, of program: UnionProgram, by subject: String, microseconds: @Sendable () -> Int64, in transaction: Transaction
    ) async throws -> Int32 {
        // Beside the writing, which waits for the database.
        async let auditHash = result.auditHash()
        _ = try await transaction.query(
            "update program_run set state = 'replaced' where program_id = \(program.id) and state in ('made', 'reviewed', 'rejected')")
        let numbers = try await transaction.query(
            "select coalesce(max(number), 0) + 1 from program_run where program_id = \(program.id)")
        guard let row = numbers.first else { throw PostgresError.decoding("a number was expected") }
        let number: Int32 = try row.decode(0)
        _ = try await transaction.query(
            """
            insert into program_run (
                program_id, number, state, made_by, made_at, applicants, excluded, placed, waiting, figures, inputs_hash,
                microseconds)
            values (
                \(program.id), \(number), 'made', \(subject), \(fragment: instant), \(result.applicants), \(result.excluded),
                \(result.placed), \(result.waiting), \(try ProgramStore.json(result.figures))::jsonb, \(program.inputsHash), 0)
            """)
        let outcome = result.allocation.outcome
        _ = try await transaction.query(
            """
            insert into program_run_session (program_id, run_number, number, capacity, taken, closing)
            select \(program.id), \(number), number, capacity, taken, case when taken = capacity then nullif(closing, 0) end
            from unnest(
                \(result.input.numbers.map(Int32.init)), \(result.allocation.sessions.map { Int32($0.capacity) }), \(outcome.taken),
                \(outcome.closings.map { Int32(truncatingIfNeeded: $0) })) as session (number, capacity, taken, closing)
            """)
        let fates = result.fates()
        _ = try await transaction.copyIn(into: RunResult.columns) { (writer) async throws(PostgresError) in
            for start in stride(from: 0, to: result.allocation.applicants.count, by: RunResult.pieceRows) {
                try await writer.rows(result.piece(fates, from: start, program: program.id.rawValue, run: number))
            }
            try await writer.rows(result.leftOutRows(program: program.id.rawValue, run: number))
        }
        _ = try await transaction.query(
            "update program set state = 'run', version = version + 1 where program_id = \(program.id)")
        _ = try await transaction.query(
            """
            update program_run set audit_hash = \(try await auditHash), microseconds = \(microseconds())
            where program_id = \(program.id) and number = \(number)
            """)
        return number
    }
}
