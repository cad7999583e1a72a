import Postgres
import Registry
import Runtime
import TestSupport

@testable import Programs

/// A published program with sessions and members, written straight into the tables: what awards are given in.
struct AwardScene {
    let database: Database
    let awards: AwardStore
    let organization: ID<Organization>
    let members: [ID<Member>]
    let program: ID<UnionProgram>

    /// - Parameters:
    ///   - capacities: of the sessions, numbered from 1.
    ///   - quota: nil: as many as the sessions have.
    ///   - offerHours: nil: places need no confirmation.
    init(
        _ database: Database, members memberCount: Int, capacities: [Int], quota: Int? = nil, walkIn: Int = 0, family: String? = "checkup",
        offerHours: Int? = 48, clock: Clock = Clock()
    ) async throws {
        self.database = database
        awards = AwardStore(database, clock: clock)
        organization = try await database.query(
            "select organization_id from registry_organization_create(null, 'city', '常州')"
        )[0].decode(0)
        let rows = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(organization), 'active', 'courier', 'platform', 'male', '1990-01-01', false, false
            from generate_series(1, \(memberCount)::integer)
            returning member_id
            """)
        members = try rows.map { try $0.decode(0) }
        program = try await Self.makeProgram(
            database, organization, capacities: capacities, quota: quota, walkIn: walkIn, family: family, offerHours: offerHours)
    }

    static func makeProgram(
        _ database: Database, _ organization: ID<Organization>, capacities: [Int], quota: Int? = nil, walkIn: Int = 0,
        family: String? = "checkup", offerHours: Int? = 48
    ) async throws -> ID<UnionProgram> {
        let program: ID<UnionProgram> = try await database.query(
            """
            insert into program (
                organization_id, title, shares, state, rules, quota, family, period, opens_at, closes_at, offer_hours,
                lottery_secret_sealed, lottery_commitment, announcement, rules_hash, inputs_hash, announced_at, closed_at, published_at,
                created_by)
            values (
                \(organization), '体检', 'place', 'published', '{}', \(quota ?? capacities.reduce(0, +)), \(family),
                case when \(family != nil) then '2026' end, now() - interval '3 days', now() - interval '2 days', \(offerHours), '', '', '',
                sha256(''), '', now() - interval '4 days', now() - interval '2 days', now(), 'account:1')
            returning program_id
            """
        )[0].decode(0)
        _ = try await database.query(
            """
            insert into program_session (program_id, number, title, capacity, walk_in)
            select \(program), number, 'S' || number, capacity, \(walkIn)
            from unnest(\(capacities)) with ordinality as session (capacity, number)
            """)
        return program
    }

    func place(_ member: Int, in number: Int32 = 1, _ source: AwardSource = .run, state: AwardState = .offered) -> AwardPlace {
        AwardPlace(members[member], of: program, number: number, state: state, source: source, doneBy: "account:1")
    }

    func change(_ member: Int, to state: AwardState?, number: Int32? = nil, by subject: String = "account:1") -> AwardMove {
        AwardMove(members[member], of: program, to: state, number: number, doneBy: subject)
    }

    /// The verdicts of giving these places.
    @discardableResult
    func hold(_ places: AwardPlace...) async throws -> [AwardOutcome.Verdict] { try await awards.hold(places).map(\.verdict) }

    @discardableResult
    func move(_ moves: AwardMove...) async throws -> [AwardOutcome.Verdict] { try await awards.move(moves).map(\.verdict) }

    func state(_ member: Int) async throws -> AwardState? { try await awards.award(of: members[member], in: program)?.state }

    /// Taken of the program, then of each session.
    func taken() async throws -> [Int] {
        let program = try await database.query("select taken from program where program_id = \(self.program)")[0].decode(
            0, as: Int.self)
        let rows = try await database.query("select taken from program_session where program_id = \(self.program) order by number")
        return [program] + (try rows.map { try $0.decode(0) })
    }

    func benefits(_ member: Int) async throws -> [String] {
        let rows = try await database.query("select state from benefit where member_id = \(members[member]) order by benefit_id")
        return try rows.map { try $0.decode(0) }
    }

    /// Programs and sessions whose counters are not what the awards hold, or that hold too many; benefits and awards that disagree.
    func imbalances() async throws -> Int {
        try await Self.imbalances(in: database)
    }

    static func imbalances(in database: Database) async throws -> Int {
        try await database.query(
            """
            with held as (
                select program_id, number, count(*) as places
                from program_award
                where programs_holds_place(state)
                group by program_id, number
            )
            select (
                select count(*)
                from program_session
                left join held using (program_id, number)
                where taken <> coalesce(places, 0) or taken > capacity
            ) + (
                select count(*)
                from program
                where taken > quota
                    or taken <> (select coalesce(sum(places), 0) from held where held.program_id = program.program_id)
            ) + (
                select count(*)
                from program_award
                join program using (program_id)
                where program.family is not null
                    and (programs_holds_place(program_award.state) or program_award.state = 'no_show') <> exists (
                        select from benefit
                        where benefit.member_id = program_award.member_id
                            and benefit.program_id = program_award.program_id
                            and benefit.state = programs_benefit_state(program_award.state)
                            and benefit.state <> 'freed')
            )
            """
        )[0].decode(0)
    }

    func moveOfferEnds(_ member: Int, by seconds: Int) async throws {
        _ = try await database.query(
            """
            update program_award set offered_until = offered_until + \(seconds) * interval '1 second'
            where member_id = \(members[member])
            """)
    }
}
