import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// Applying over HTTP beside pgbench with one plain statement an application; and how it stands with one person among many.
extension ProgramsWork {
    private static let people = 200_000
    private static let sessions = 500

    func measureApplications(_ house: BenchHouse, _ report: Report) async throws {
        let id = try await program(house)
        let tokens = try await house.prepareMembers(Self.people)
        // Planned anew each time, the statement is a tenth slower.
        let pgbench = try house.pgbench().with("plan_cache_mode=force_generic_plan")
        let server = try house.serve([])
        let loop = try EventLoop.start(name: "load")
        try await server.waitUntilReady(loop)
        let requests = ApplicationRequests(program: id, tokens: tokens, sessions: Self.sessions)
        var ours: [Double] = []
        var peer: [Double] = []
        var p99: [Double] = []
        for run in 1...options.runs {
            report.note("applications \(run)/\(options.runs)")
            let result = try await Load(on: loop) { requests.apply() }.run(
                port: server.port, connections: 256, warmUp: .milliseconds(500), duration: .seconds(options.seconds ?? 3))
            guard result.broken == 0, result.statuses[200] == result.answers, result.answers > 0 else {
                throw BenchError(description: "not every application was taken: \(result.statuses)")
            }
            ours.append(result.perSecond)
            p99.append(result.percentile(0.99))
            peer.append(
                try await pgbench.run(
                    Self.peer, defines: ["program": "\(id)", "people": "\(Self.people)", "sessions": "\(Self.sessions)"],
                    seconds: options.seconds ?? 3, folder: house.folder))
        }
        try report.figure(
            Self.name, "applications, 256 connections", ours: median(ours), peer: median(peer), peerName: "pgbench, one statement",
            unit: "applications/s", runs: options.runs, promise: "2 x")
        try report.figure(Self.name, "p99 at full load", ours: median(p99), unit: "ms", runs: options.runs)
        try await measureStanding(house, id, requests, server, loop, report)
        loop.shutDown()
    }

    private func measureStanding(
        _ house: BenchHouse, _ id: ID<UnionProgram>, _ requests: ApplicationRequests, _ server: ServerProcess, _ loop: EventLoop,
        _ report: Report
    ) async throws {
        func measure(_ name: String) async throws {
            let result = try await Load(on: loop) { requests.standing() }.run(
                port: server.port, connections: 1, warmUp: .milliseconds(500), duration: .seconds(options.seconds ?? 3))
            guard result.statuses[200] == result.answers, result.answers > 0 else {
                throw BenchError(description: "not everybody was told how it stands: \(result.statuses)")
            }
            try report.figure(Self.name, name + ", half within", ours: result.percentile(0.5), unit: "ms", runs: 1, promise: "5 ms")
            try report.figure(Self.name, name + ", 99 % within", ours: result.percentile(0.99), unit: "ms", runs: 1)
        }
        try await measure("standing before the result")
        try await publish(house, id)
        try await measure("standing after the result")
    }

    // MARK: Rows

    private func program(_ house: BenchHouse) async throws -> ID<UnionProgram> {
        let city = try await house.ensureOrganization().id
        let now = Clock().nowMicroseconds
        guard let day = CalendarDate(text: "2026-12-31") else { throw BenchError(description: "a day was expected") }
        let rules = ProgramRules(
            eligibility: [.organization([city]), .age(atLeast: 18, atMost: 60, on: day)],
            classes: [.init(name: "first", conditions: [.attribute(.workerKind, oneOf: ["courier"], evidence: .selfDeclared)])],
            groups: [.init(name: "women", conditions: [.sex([.female])])])
        let facts = ProgramFacts(
            title: "applications", rules: rules, family: "checkup", period: "2026", opensAt: Timestamp(microseconds: now - 3_600_000_000),
            closesAt: Timestamp(microseconds: now + 24 * 3_600_000_000))
        let programs = Programs(database: house.database, registry: house.registry, keys: house.keys, clock: Clock())
        return try await house.database.transaction { (transaction) async throws(any Error) in
            let id = try await programs.programs.create(facts, of: city, quota: 50_000, by: "account:1", in: transaction).id
            let sessions = (1...Self.sessions).map { ProgramSession(number: Int32($0), title: "session \($0)", capacity: 100) }
            try await programs.programs.addSessions(sessions, to: id, in: transaction)
            _ = try await programs.life.announce(id, by: ProgramLife.Actor(subject: "account:1"), in: transaction)
            return id
        }
    }

    /// A run of all who applied, as it is written down: a quarter placed, the others waiting.
    private func publish(_ house: BenchHouse, _ id: ID<UnionProgram>) async throws {
        try await house.database.transaction { transaction in
            try await transaction.script(
                """
                update program
                set state = 'published', inputs_hash = '', closed_at = now(), published_at = now(), ticked_at = now()
                where program_id = \(id);
                insert into program_run (
                    program_id, number, state, made_by, made_at, applicants, excluded, placed, waiting, figures, inputs_hash, microseconds,
                    reviewed_by, reviewed_at, published_by, published_at)
                select
                    \(id), 1, 'published', 'a', now(), count(*), 0, count(*) / 4, count(*) - count(*) / 4, '{}', '', 1, 'b', now(), 'a',
                    now()
                from program_application where program_id = \(id);
                insert into program_run_session (program_id, run_number, number, capacity, taken, closing)
                select program_id, 1, number, 100, 100, 100 * number from program_session where program_id = \(id);
                insert into program_result (program_id, run_number, ticket, member_id, place, "position", phase, number, waiting)
                select
                    \(id), 1, ticket, member_id, place, place, case when place <= total / 4 then 9 else 0 end,
                    case when place <= total / 4 then wishes[1] end, case when place > total / 4 then place - total / 4 end
                from (
                    select ticket, member_id, wishes, row_number() over (order by ticket) as place, count(*) over () as total
                    from program_application where program_id = \(id)
                ) ranked;
                insert into program_award (member_id, program_id, number, state, source, run_number, changed_at)
                select member_id, \(id), number, 'confirmed', 'run', 1, now() from program_result where number is not null;
                insert into program_award (member_id, program_id, number, state, source, run_number, changed_at, waiting_place)
                select member_id, \(id), 1, 'confirmed', 'tick', 1, now(), waiting from program_result where waiting <= 2000;
                """)
        }
        _ = try await house.database.query("analyze")
    }

    /// The same row by one plain statement: its wishes, its class and group, the evidence frozen with it, and what can be looked at on the
    /// way: open, of the city, of age, not yet held, sessions of the program.
    private static let peer = """
        \\set member random(1, :people)
        \\set first random(1, :sessions)
        \\set second random(1, :sessions)
        \\set third random(1, :sessions)
        \\set fourth random(1, :sessions)
        \\set fifth random(1, :sessions)
        insert into program_application (
            member_id, program_id, ticket, wishes, organization_id, priority, points, groups, evidence, applied_by, applied_at, changed_at)
        select
            member.member_id, program.program_id, (random() * 9e18)::bigint,
            array[:first::integer, :second::integer, :third::integer, :fourth::integer, :fifth::integer], member.organization_id,
            case when coalesce(claim.value, member.worker_kind) = 'courier' then 1 else 2 end, 0,
            case when member.sex = 'female' then 1 else 0 end,
            jsonb_build_object(
                'ages', jsonb_build_object('2026-12-31', date_part('year', age('2026-12-31', member.birth_on))),
                'attributes', jsonb_build_object('worker_kind', jsonb_build_object(
                    'value', coalesce(claim.value, member.worker_kind), 'evidence', coalesce(claim.evidence, 'self_declared'))),
                'organizationId', member.organization_id, 'sex', member.sex, 'status', member.status),
            'member:' || member.member_id, clock_timestamp(), clock_timestamp()
        from member
        join program on program.program_id = :program::bigint
        left join member_attribute claim
            on claim.member_id = member.member_id and claim.attribute = 'worker_kind' and claim.is_current
        where member.member_id = :member::bigint and member.status = 'active' and program.state in ('announced', 'open')
            and program.opens_at <= clock_timestamp() and program.closes_at > clock_timestamp()
            and age('2026-12-31', member.birth_on) between interval '18 years' and interval '61 years'
            and exists (
                select from organization_ancestor
                where organization_ancestor.organization_id = member.organization_id
                    and organization_ancestor.ancestor_id = program.organization_id)
            and 5 = (
                select count(*)
                from unnest(array[:first::integer, :second::integer, :third::integer, :fourth::integer, :fifth::integer]) as wish (number)
                join program_session
                    on program_session.program_id = program.program_id and program_session.number = wish.number)
            and not exists (
                select from benefit
                where benefit.member_id = member.member_id and benefit.family = program.family and benefit.period = program.period
                    and benefit.state in ('held', 'confirmed', 'used'))
        on conflict on constraint program_application_pkey
        do update set wishes = excluded.wishes, changed_at = excluded.changed_at, state = 'applied';
        """
}

/// Applications of people who are all there, each with a session of its own.
final class ApplicationRequests: Sendable {
    private let program: ID<UnionProgram>
    private let tokens: [String]
    private let sessions: Int
    private let count = Atomic<Int>(0)

    init(program: ID<UnionProgram>, tokens: [String], sessions: Int) {
        self.program = program
        self.tokens = tokens
        self.sessions = sessions
    }

    func apply() -> [UInt8] {
        let number = count.add(1, ordering: .relaxed).newValue
        let wishes = (0..<5).map { String((number * 31 + $0 * 97) % sessions + 1) }.joined(separator: ",")
        let body = "{\"wishes\":[\(wishes)]}"
        return Array(
            ("PUT /v1/me/programs/\(program)/application HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + "\(tokens[number % tokens.count])\r\nContent-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n" + body)
                .utf8)
    }

    /// Of somebody who has applied.
    func standing() -> [UInt8] {
        let number = count.add(1, ordering: .relaxed).newValue
        let member = number &* 7_919 % tokens.count
        return Array(
            ("GET /v1/me/programs/\(program) HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer \(tokens[member])\r\n\r\n").utf8)
    }
}
