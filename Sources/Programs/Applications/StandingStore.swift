import Allocation
import HTTP
import Postgres
import Registry
import Runtime

/// Reads how it stands: every statement about one person's standing, all by keys.
struct StandingStore: Sendable {
    let database: Database
    let applications: ProgramApplicationStore

    private var instant: SQL { "(clock_timestamp() + \(applications.clockOffsetMicroseconds) * interval '1 microsecond')" }

    /// Nil of a draft and of a program that is not there.
    func standing(of member: ID<Member>, in program: ID<UnionProgram>) async throws(PostgresError) -> Standing? {
        guard let row = try await database.query(statement(member, program)).first else { return nil }
        guard let entry = try await applications.rules(of: program) else { return nil }
        var standing = try Self.standing(row, member, program, entry.rules)
        let numbers = Set((standing.application?.wishes ?? []) + [standing.award?.number, standing.result?.number].compactMap(\.self))
        if !numbers.isEmpty {
            standing.sessions = try await sessions(numbers.sorted(), of: program, run: try row.decode("run_number"))
        }
        if standing.award == nil, let result = standing.result, let waiting = result.waiting {
            let since = try await placedSince(program, before: waiting)
            standing.result?.placedBefore = since.before
            standing.result?.placedSince = since.all
        }
        let hasApplied = standing.application?.state == .applied
        if !hasApplied, [.announced, .open].contains(standing.state),
            let found = try await applications.candidates.find([member]).first ?? nil
        {
            standing.ineligibility = Deciding.ineligibility(found.candidate, entry.rules.rank(found.candidate), entry)
            if try row.decode("holds_benefit") { standing.ineligibility.append(ApplicationReason.benefitHeld) }
        }
        return standing
    }

    private func statement(_ member: ID<Member>, _ program: ID<UnionProgram>) -> SQL {
        """
        select
            \(raw: ProgramApplicationStore.columns),
            program.title, program.state as program_state, program.appeal, program.cancel_reason,
            program.published_at is not null as is_published,
            program.state in ('announced', 'open') and program.opens_at <= \(fragment: instant)
                and program.closes_at > \(fragment: instant) as is_open,
            program.state not in ('announced', 'open') or program.closes_at <= \(fragment: instant) as has_closed,
            \(raw: Self.local("program.opens_at")) as opens_at, \(raw: Self.local("program.closes_at")) as closes_at,
            \(raw: Self.local("program.results_at")) as results_at, \(raw: Self.local("award.offered_until")) as offered_until,
            coalesce((
                select sum(counted.applicants) from program_applicant_count counted where counted.program_id = program.program_id
            ), 0)::bigint as applicants,
            run.number as run_number, run.applicants - run.excluded as run_applicants,
            run.waiting as run_waiting, result.place, result.position, result.phase, result.number as result_number, result.waiting,
            result.exclusion, award.number as award_number, award.state as award_state,
            case when award.state = 'offered' then award.offered_until end as offer_ends_at,
            exists (
                select from benefit
                where benefit.member_id = \(member) and benefit.family = program.family and benefit.period = program.period
                    and benefit.state in ('held', 'confirmed', 'used') and benefit.program_id is distinct from program.program_id
            ) as holds_benefit
        from program
        left join program_application application on application.member_id = \(member) and application.program_id = program.program_id
        left join program_run run on run.program_id = program.program_id and run.state = 'published'
        left join program_result result
            on result.program_id = run.program_id and result.run_number = run.number and result.ticket = application.ticket
        left join program_award award on award.member_id = \(member) and award.program_id = program.program_id
        where program.program_id = \(program) and program.rules_hash is not null
        """
    }

    /// On the program's clock: `2026-11-27 18:00 5`.
    private static func local(_ column: String) -> String {
        "to_char(\(column) at time zone program.time_zone, 'YYYY-MM-DD HH24:MI ID')"
    }

    private static func time(_ text: String?) -> Standing.LocalTime? {
        guard let text, let weekday = text.last?.wholeNumberValue else { return nil }
        return Standing.LocalTime(text: String(text.dropLast(2)), weekday: weekday)
    }

    private static func standing(
        _ row: Row, _ member: ID<Member>, _ program: ID<UnionProgram>, _ rules: ProgramRules
    ) throws(PostgresError) -> Standing {
        guard let state = ProgramState(rawValue: try row.decode("program_state")) else { throw .decoding("an unknown state") }
        return Standing(
            programID: program, title: try row.decode("title"), state: state, isOpen: try row.decode("is_open"),
            hasClosed: try row.decode("has_closed"),
            opensAt: time(try row.decode("opens_at")), closesAt: time(try row.decode("closes_at")),
            resultsAt: time(try row.decode("results_at")), isPublished: try row.decode("is_published"), appeal: try row.decode("appeal"),
            cancelReason: try row.decode("cancel_reason"), applicants: try row.decode("applicants"),
            application: try ProgramApplicationStore.joined(row), result: try result(row), award: try award(row), sessions: [:],
            rules: rules, ineligibility: [])
    }

    private static func result(_ row: Row) throws(PostgresError) -> Standing.Result? {
        guard let phase = try row.decode("phase", as: Int16?.self) else {
            guard let exclusion = try row.decode("exclusion", as: String?.self) else { return nil }
            return Standing.Result(
                of: try row.decode("run_applicants"), phase: .notCalled, waitingOf: try row.decode("run_waiting"), exclusion: exclusion)
        }
        return Standing.Result(
            place: try row.decode("place", as: Int?.self), of: try row.decode("run_applicants"),
            position: try row.decode("position", as: Int?.self), phase: Phase(code: UInt8(clamping: phase)),
            number: try row.decode("result_number"), waiting: try row.decode("waiting", as: Int?.self),
            waitingOf: try row.decode("run_waiting"), exclusion: try row.decode("exclusion"))
    }

    private static func award(_ row: Row) throws(PostgresError) -> Standing.Award? {
        guard let number = try row.decode("award_number", as: Int32?.self) else { return nil }
        guard let state = AwardState(rawValue: try row.decode("award_state")) else { throw .decoding("an unknown state") }
        return Standing.Award(
            number: number, state: state, offeredUntil: time(try row.decode("offered_until")),
            offerEndsAt: try row.decode("offer_ends_at"))
    }

    private func sessions(
        _ numbers: [Int32], of program: ID<UnionProgram>, run: Int32?
    ) async throws(PostgresError) -> [Int32: Standing.Session] {
        var sessions: [Int32: Standing.Session] = [:]
        for row in try await database.query(
            """
            select session.number, session.title, \(raw: Self.local("session.starts_at")), held.closing
            from program_session session
            join program on program.program_id = session.program_id
            left join program_run_session held
                on held.program_id = session.program_id and held.run_number = \(run) and held.number = session.number
            where session.program_id = \(program) and session.number = any(\(numbers))
            """)
        {
            let number: Int32 = try row.decode(0)
            sessions[number] = Standing.Session(
                number: number, title: try row.decode(1), startsAt: Self.time(try row.decode(2)), closing: try row.decode(3, as: Int?.self))
        }
        return sessions
    }

    /// Who of the waitlist got a place since the run: those before this place of it, and all.
    private func placedSince(
        _ program: ID<UnionProgram>, before waiting: Int
    ) async throws(PostgresError) -> (before: Int, all: Int) {
        let rows = try await database.query(
            """
            select count(*) filter (where waiting_place < \(waiting)), count(*)
            from program_award
            where program_id = \(program) and waiting_place is not null
            """)
        guard let row = rows.first else { return (0, 0) }
        return (try row.decode(0), try row.decode(1))
    }

    // MARK: Lists

    /// A program as its applicants see it in a list.
    struct Entry: Sendable {
        let programID: ID<UnionProgram>
        let title: String
        let state: ProgramState
        let isOpen: Bool
        let opensAt: Timestamp?
        let closesAt: Timestamp?
        let resultsAt: Timestamp?
        let application: ProgramApplication?
        let awardState: AwardState?
        var mayApply = false

        /// Whether the member has to do with it already.
        var isOwn: Bool { application != nil || awardState != nil }
    }

    /// Programs that the member may apply for, and those where they have or have had something, by their numbers.
    func entries(of member: ID<Member>, after cursor: ID<UnionProgram>?, limit: Int) async throws(PostgresError) -> [Entry] {
        guard let found = try await applications.candidates.find([member]).first ?? nil else { return [] }
        var shown: [Entry] = []
        var last = cursor?.rawValue ?? 0
        while shown.count < limit {
            let page = try await page(of: member, after: last, limit: Self.pageRows)
            let rules = try await applications.rules(of: Set(page.map(\.programID)))
            for var entry in page where shown.count < limit {
                last = entry.programID.rawValue
                guard let entryRules = rules[entry.programID] else { continue }
                let isEligible = Deciding.ineligibility(found.candidate, entryRules.rules.rank(found.candidate), entryRules).isEmpty
                entry.mayApply = isEligible && entry.isOpen
                if isEligible || entry.isOwn { shown.append(entry) }
            }
            if page.count < Self.pageRows { break }
        }
        return shown
    }

    private static let pageRows = 200

    private func page(of member: ID<Member>, after last: Int64, limit: Int) async throws(PostgresError) -> [Entry] {
        var entries: [Entry] = []
        for row in try await database.query(
            """
            select
                \(raw: ProgramApplicationStore.columns),
                program.program_id as id, program.title, program.state as program_state,
                program.state in ('announced', 'open') and program.opens_at <= \(fragment: instant)
                    and program.closes_at > \(fragment: instant) as is_open,
                program.opens_at, program.closes_at, program.results_at, award.state as award_state
            from program
            left join program_application application on application.member_id = \(member) and application.program_id = program.program_id
            left join program_award award on award.member_id = \(member) and award.program_id = program.program_id
            where program.program_id > \(last) and program.rules_hash is not null
                and (program.state in ('announced', 'open') or application.member_id is not null or award.member_id is not null)
            order by program.program_id
            limit \(limit)
            """)
        {
            guard let state = ProgramState(rawValue: try row.decode("program_state")) else { throw .decoding("an unknown state") }
            entries.append(
                Entry(
                    programID: try row.decode("id"), title: try row.decode("title"), state: state, isOpen: try row.decode("is_open"),
                    opensAt: try row.decode("opens_at"), closesAt: try row.decode("closes_at"), resultsAt: try row.decode("results_at"),
                    application: try ProgramApplicationStore.joined(row),
                    awardState: try row.decode("award_state", as: String?.self).flatMap { AwardState(rawValue: $0) }))
        }
        return entries
    }
}
