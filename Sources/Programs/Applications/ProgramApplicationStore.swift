import Allocation
import Crypto
import FoundationEssentials
import HTTP
package import Postgres
package import Registry
package import Runtime

/// Applications to programs: one decision for all who wait, and every statement about them.
package struct ProgramApplicationStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64
    let candidates: CandidateStore
    private let rules = FrozenRules()
    private let lane: Lane
    private let coalescers: PerLoop<Coalescer<ApplyRequest, ApplyOutcome>>

    /// What the coalescers did, over all loops.
    package let figures = CoalescerFigures("program_applications")

    /// Largest batch of the one that each loop has under way: a statement costs half a millisecond before the first of its applications.
    package static let batchMax = 128

    /// - Parameter clock: its offset is added to the database's clock in every decision.
    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
        candidates = CandidateStore(database)
        let lane = database.lane("applications", connections: 2)
        self.lane = lane
        let deciding = Deciding(rules: rules, candidates: candidates, clockOffsetMicroseconds: clock.offsetMicroseconds)
        self.deciding = deciding
        let figures = figures
        coalescers = PerLoop(database.loops) { loop in
            Coalescer(figures, loop: loop, batchMax: Self.batchMax, inFlight: 1) { (requests) async throws(PostgresError) in
                try await deciding.apply(requests, in: lane)
            }
        }
    }

    private let deciding: Deciding

    /// Decides one request, together with those that wait beside it.
    package func apply(_ request: ApplyRequest) async throws(PostgresError) -> ApplyOutcome {
        try await coalescers.current.submit(request)
    }

    /// Decides these in one statement.
    /// - Parameter isDryRun: nothing is written; who would be taken is told as `refused` for no reason.
    package func apply(
        batch requests: [ApplyRequest], isDryRun: Bool = false, in querying: any Querying
    ) async throws(PostgresError) -> [ApplyOutcome] {
        try await deciding.apply(requests, isDryRun: isDryRun, in: querying)
    }

    /// The rules of an announced program; nil of a draft.
    func rules(of id: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws(PostgresError) -> FrozenRules.Entry? {
        try await rules.find([id], in: querying ?? database)[id]
    }

    func rules(of ids: Set<ID<UnionProgram>>) async throws(PostgresError) -> [ID<UnionProgram>: FrozenRules.Entry] {
        try await rules.find(ids, in: database)
    }

    package enum WithdrawOutcome: String, Sendable {
        case withdrawn, already
        case notApplied = "not_applied"
        case programUnknown = "program.not_found"
        case notOpen = "program.not_open"
        case closed = "program.closed"
    }

    package func withdraw(
        _ member: ID<Member>, from program: ID<UnionProgram>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> WithdrawOutcome {
        let rows = try await (querying ?? database).query("select programs_withdraw(\(member), \(program), \(clockOffsetMicroseconds))")
        guard let row = rows.first, let outcome = WithdrawOutcome(rawValue: try row.decode(0)) else {
            throw .decoding("an unknown outcome of a withdrawal")
        }
        return outcome
    }

    // MARK: Reading

    /// The first columns of every statement that reads applications.
    static let columns = """
        application.member_id, application.program_id, application.ticket, application.state, application.wishes,
        application.organization_id, application.priority, application.points, application.groups, application.applied_by,
        application.applied_at, application.changed_at
        """

    package func application(
        of member: ID<Member>, to program: ID<UnionProgram>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> ProgramApplication? {
        let rows = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from program_application application
            where member_id = \(member) and program_id = \(program)
            """)
        return try rows.first.map { row throws(PostgresError) in try Self.application(row) }
    }

    /// Every application of a person, by program.
    package func applications(of members: [ID<Member>], in querying: (any Querying)? = nil) async throws(PostgresError)
        -> [ProgramApplication]
    {
        try Self.all(
            await (querying ?? database).query(
                """
                select \(raw: Self.columns) from program_application application
                where member_id = any(\(members))
                order by program_id, member_id
                """))
    }

    /// Those of one program, by their tickets, from the one after `after`.
    func applications(
        to program: ID<UnionProgram>, within scope: Scope, after ticket: Ticket?, limit: Int
    ) async throws(PostgresError) -> [ProgramApplication] {
        try Self.all(
            await database.query(
                """
                select \(raw: Self.columns)
                from program_application application
                join member on member.member_id = application.member_id
                where application.program_id = \(program)
                    and application.ticket > \(ticket.map { Int64(bitPattern: $0.rawValue) } ?? Int64.min)
                    and \(fragment: scope.condition("member.organization_id"))
                order by application.ticket
                limit \(limit)
                """))
    }

    /// The members behind keys of the directory of national ids.
    func members(indexes: [[UInt8]], in querying: any Querying) async throws(PostgresError) -> [[UInt8]: ID<Member>] {
        var found: [[UInt8]: ID<Member>] = [:]
        if indexes.isEmpty { return found }
        for row in try await querying.query(
            "select national_id_index, member_id from national_id_directory where national_id_index = any(\(indexes))")
        {
            found[try row.decode(0)] = try row.decode(1, as: ID<Member>.self)
        }
        return found
    }

    /// Those of `ids` who belong to the scope.
    func members(among ids: [ID<Member>], within scope: Scope, in querying: any Querying) async throws(PostgresError) -> Set<ID<Member>> {
        var found: Set<ID<Member>> = []
        if ids.isEmpty { return found }
        for row in try await querying.query(
            """
            select member_id from member
            where member_id = any(\(ids)) and \(fragment: scope.condition("member.organization_id"))
            """)
        {
            found.insert(try row.decode(0))
        }
        return found
    }

    /// Where the member belongs; nil outside of the scope.
    func organization(
        of member: ID<Member>, within scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> ID<Organization>? {
        try await querying.query(
            """
            select organization_id from member
            where member_id = \(member) and \(fragment: scope.condition("member.organization_id"))
            """
        ).first?.decode(0)
    }

    /// How many have applied and not withdrawn.
    package func count(of program: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws(PostgresError) -> Int {
        let rows = try await (querying ?? database).query(
            "select coalesce(sum(applicants), 0)::bigint from program_applicant_count where program_id = \(program)")
        return try rows.first?.decode(0) ?? 0
    }

    private static func all(_ rows: QueryResult) throws(PostgresError) -> [ProgramApplication] {
        var all: [ProgramApplication] = []
        for row in rows { all.append(try application(row)) }
        return all
    }

    /// The application that was joined to something else; nil where there is none.
    static func joined(_ row: Row) throws(PostgresError) -> ProgramApplication? {
        try row.decode(0, as: Int64?.self) == nil ? nil : try application(row)
    }

    private static func application(_ row: Row) throws(PostgresError) -> ProgramApplication {
        guard let state = ProgramApplication.State(rawValue: try row.decode(3)) else { throw .decoding("an unknown state") }
        return ProgramApplication(
            memberID: try row.decode(0), programID: try row.decode(1),
            ticket: Ticket(rawValue: UInt64(bitPattern: try row.decode(2, as: Int64.self))), state: state, wishes: try row.decode(4),
            organizationID: try row.decode(5), priority: try row.decode(6), points: try row.decode(7), groups: try row.decode(8),
            appliedBy: try row.decode(9), appliedAt: try row.decode(10), changedAt: try row.decode(11))
    }

    /// What was announced of each, with the names of the organizations in its rules.
    static func rules(
        of ids: [ID<UnionProgram>], in querying: any Querying
    ) async throws(PostgresError) -> [ID<UnionProgram>: FrozenRules.Entry] {
        var entries: [ID<UnionProgram>: FrozenRules.Entry] = [:]
        for row in try await querying.query(
            """
            select program_id, rules_hash, rules::text, family, period,
                array(select number from program_session session where session.program_id = program.program_id order by number),
                array(
                    select coalesce(audience_id, 0) from program_session session
                    where session.program_id = program.program_id order by number)
            from program where program_id = any(\(ids)) and rules_hash is not null
            """)
        {
            let rules = try ProgramRules(text: try row.decode(2))
            let evidence = FrozenEvidence.Frame(rules)
            let audiences = zip(try row.decode(5, as: [Int32].self), try row.decode(6, as: [Int64].self))
            entries[try row.decode(0)] = FrozenRules.Entry(
                hash: try row.decode(1), rules: rules, names: try await rules.names(in: querying),
                family: try row.decode(3), period: try row.decode(4),
                audiences: audiences.reduce(into: [:]) { $0.updateValue($1.1 == 0 ? nil : ID($1.1), forKey: $1.0) },
                evidence: evidence)
        }
        return entries
    }
}

extension ProgramRules {
    /// From the column.
    package init(text: String) throws(PostgresError) {
        do {
            self = try JSON.decode(ProgramRules.self, from: Array(text.utf8))
        } catch {
            throw .decoding("rules that this version cannot read")
        }
    }

    /// Of the organizations that the rules name, for what people are told.
    package func names(in querying: any Querying) async throws(PostgresError) -> [ID<Organization>: String] {
        var names: [ID<Organization>: String] = [:]
        let ids = looksAt.organizations.sorted()
        if ids.isEmpty { return names }
        for row in try await querying.query("select organization_id, name from organization where organization_id = any(\(ids))") {
            names[try row.decode(0)] = try row.decode(1, as: String.self)
        }
        return names
    }
}
