import Allocation
import Postgres
import Programs
import Registry
import Runtime
import Synchronization

/// Sharing out through the database: a million applicants for 50,000 places of 500 sessions, five wishes each, from the first row read to
/// the commit of the last one written; then the publication of the winners, and a tick of the waitlist.
extension ProgramsWork {
    private static let sessions = 500
    private static let places = 50_000

    func measureRun(_ house: BenchHouse, _ report: Report) async throws {
        let count = options.members ?? 1_000_000
        report.note("\(count) applicants")
        let id = try await closedProgram(house, applicants: count)
        let sharing = programs(house).sharing
        var seconds: [Double] = []
        for run in 1...options.runs {
            report.note("run \(run)/\(options.runs)")
            let start = MonotonicTime.current
            let phases = Mutex<[(phase: RunMaker.Progress.Phase, since: MonotonicTime)]>([])
            _ = try await sharing.make(id, by: ProgramLife.Actor(subject: "account:1")) { progress in
                phases.withLock { if $0.last?.phase != progress.phase { $0.append((progress.phase, .current)) } }
            }
            let end = MonotonicTime.current
            seconds.append((end - start).secondsValue)
            let ends = phases.withLock { phases in zip(phases, phases.dropFirst().map(\.since) + [end]).map { ($0.phase, $0.since, $1) } }
            report.note(ends.map { "\($0.rawValue) \(($2 - $1).secondsValue) s" }.joined(separator: ", "))
        }
        try report.figure(
            Self.name, "snapshot-to-commit", ours: median(seconds), unit: "s", runs: options.runs, promise: "up to 8 s")
        try report.figure(
            Self.name, "memory of a run", ours: mostResidentMegabytes(), unit: "MB", runs: options.runs, promise: "within 512 MB")
        try await publish(id, sharing, house, report)
    }

    private func publish(_ id: ID<UnionProgram>, _ sharing: Sharing, _ house: BenchHouse, _ report: Report) async throws {
        guard let run = try await sharing.runs.run(of: id) else { throw BenchError(description: "no run came of it") }
        let start = MonotonicTime.current
        try await house.database.transaction { (transaction) async throws(any Error) in
            _ = try await sharing.review.review(
                run.number, of: id, isAccepted: true, note: nil, by: ProgramLife.Actor(subject: "account:2"), in: transaction)
            _ = try await sharing.review.publish(id, by: ProgramLife.Actor(subject: "account:1"), in: transaction)
        }
        let elapsed = (MonotonicTime.current - start).secondsValue
        let held = try await house.database.query("select taken from program where program_id = \(id)")[0].decode(0, as: Int.self)
        guard held == run.placed else { throw BenchError(description: "\(held) places are held of \(run.placed) given") }
        try report.figure(Self.name, "publication", ours: Double(held) / elapsed, unit: "places/s", runs: 1)

        let leavers = try await house.database.query(
            "select member_id from program_award where program_id = \(id) order by member_id % 997, member_id limit 5000")
        var moves: [AwardMove] = []
        for row in leavers { moves.append(AwardMove(try row.decode(0), of: id, to: .declined, doneBy: "bench")) }
        let leaving = MonotonicTime.current
        _ = try await sharing.awards.move(moves)
        try report.figure(
            Self.name, "declining", ours: Double(moves.count) / (MonotonicTime.current - leaving).secondsValue, unit: "places/s", runs: 1)
        let ticking = MonotonicTime.current
        let outcome = try await sharing.ticks.tick(id)
        guard outcome.offered == moves.count else { throw BenchError(description: "\(outcome.offered) of \(moves.count) were given on") }
        try report.figure(
            Self.name, "tick of 5 000 places", ours: (MonotonicTime.current - ticking).secondsValue, unit: "s", runs: 1)
    }

    private func programs(_ house: BenchHouse, hours: Int64 = 0) -> Programs {
        Programs(
            database: house.database, registry: house.registry, keys: house.keys,
            clock: Clock(offsetMicroseconds: hours * 3_600_000_000))
    }

    /// A program that closed an hour ago. Four groups, three classes; a third of the applicants wish for the same fifty sessions first.
    private func closedProgram(_ house: BenchHouse, applicants: Int) async throws -> ID<UnionProgram> {
        let city = try await house.ensureOrganization().id
        let now = Clock().nowMicroseconds
        let groups = ["gig", "women", "night", "seniors"]
        let rules = ProgramRules(
            classes: ["first", "second"].map { ProgramRules.Part(name: $0, conditions: []) },
            groups: groups.map { ProgramRules.Part(name: $0, conditions: []) },
            floors: zip(groups, [5_000, 10_000, 2_000, 3_000]).map { ProgramRules.Promise(group: $0, size: $1) })
        let facts = ProgramFacts(
            title: "bench", rules: rules, family: "checkup", period: "2026", opensAt: Timestamp(microseconds: now - 3 * 3_600_000_000),
            closesAt: Timestamp(microseconds: now - 3_600_000_000), offerHours: 48)
        let (early, actor) = (programs(house, hours: -2), ProgramLife.Actor(subject: "account:1"))
        let sessions = (1...Self.sessions).map {
            ProgramSession(number: Int32($0), title: "session \($0)", capacity: Int32(Self.places / Self.sessions))
        }
        let id = try await house.database.transaction { (transaction) async throws(any Error) in
            let id = try await early.programs.create(facts, of: city, quota: Int32(Self.places), by: "account:1", in: transaction).id
            try await early.programs.addSessions(sessions, to: id, in: transaction)
            _ = try await early.life.announce(id, by: actor, in: transaction)
            return id
        }
        try await apply(applicants, to: id, city, house)
        let present = programs(house)
        try await house.database.transaction { (transaction) async throws(any Error) in
            _ = try await present.life.open(id, by: actor, in: transaction)
            _ = try await present.life.close(id, by: actor, in: transaction)
        }
        return id
    }

    private func apply(_ count: Int, to id: ID<UnionProgram>, _ city: ID<Organization>, _ house: BenchHouse) async throws {
        let piece = 100_000
        for first in stride(from: 0, to: count, by: piece) {
            _ = try await house.database.query(
                """
                with person as (
                    insert into member (
                        organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                    select \(city), 'active', 'courier', 'platform', 'male', '1990-01-01', false, false
                    from generate_series(1, \(min(piece, count - first)))
                    returning member_id
                )
                insert into program_application (
                    member_id, program_id, ticket, wishes, organization_id, priority, groups, applied_by, applied_at, changed_at)
                select
                    member_id, \(id),
                    (('x' || encode(convert_to('T' || lpad(to_hex(member_id), 7, '0'), 'UTF8'), 'hex'))::bit(64))::bigint,
                    array[
                        case when draw % 3 = 0 then draw % 50 else draw % 500 end + 1, (draw + 101) % 500 + 1, (draw + 203) % 500 + 1,
                        (draw + 307) % 500 + 1, (draw + 409) % 500 + 1],
                    \(city), draw % 3 + 1,
                    (draw / 500 % 8 = 0)::integer | ((draw % 2) << 1) | ((draw / 1000 % 20 = 0)::integer << 2)
                        | ((draw / 100 % 9 = 0)::integer << 3),
                    'bench', now(), now()
                from (select member_id, abs(hashint8(member_id)) as draw from person) drawn
                """)
        }
        _ = try await house.database.query("analyze")
    }
}
