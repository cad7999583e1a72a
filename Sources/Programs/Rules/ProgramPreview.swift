package import Postgres
package import Registry
package import Runtime

/// How many members the rules mean: counted before anybody is told.
package struct ProgramPreview: Hashable, Sendable {
    /// Of one condition of the eligibility.
    package struct Step: Hashable, Sendable {
        /// Members of whom it holds.
        package let alone: Int
        /// Members of whom it and all before it hold.
        package let left: Int
    }

    /// Members whose membership lets them apply, within the scope.
    package let members: Int
    package let steps: [Step]
    package let eligible: Int
    /// Of the eligible, by class; the last one is of those whom no class fits.
    package let classes: [Int]
    /// Of the eligible, by group; a member may be in several.
    package let groups: [Int]

    /// - Parameter counts: how many members bear which marks, as the marks of these rules were made.
    init(_ rules: ProgramRules, _ marks: ProgramRules.Marks, _ counts: [(marks: Int64, members: Int)]) {
        func sum(_ condition: (Int64) -> Bool) -> Int { counts.reduce(0) { condition($1.marks) ? $0 + $1.members : $0 } }
        func isEligible(_ bits: Int64) -> Bool { marks.eligibility.allSatisfy { bits & $0 != 0 } }
        members = sum { _ in true }
        steps = marks.eligibility.indices.map { index in
            Step(
                alone: sum { $0 & marks.eligibility[index] != 0 },
                left: sum { bits in marks.eligibility[...index].allSatisfy { bits & $0 != 0 } })
        }
        eligible = sum(isEligible)
        classes = (0...rules.classes.count).map { index in
            sum { bits in isEligible(bits) && (marks.classes.firstIndex { bits & $0 != 0 } ?? marks.classes.count) == index }
        }
        groups = marks.groups.map { mark in sum { isEligible($0) && $0 & mark != 0 } }
    }
}

extension ProgramRules {
    /// Bits of a register's scan.
    struct Marks {
        var eligibility: [Int64] = []
        var classes: [Int64] = []
        var groups: [Int64] = []
    }

    /// The scan that counts what a preview shows.
    func scan(_ lists: RegisterScan.Lists) -> (scan: RegisterScan, marks: Marks) {
        var scan = RegisterScan(lists)
        var marks = Marks()
        for condition in eligibility { marks.eligibility.append(scan.mark([condition])) }
        for part in classes { marks.classes.append(scan.mark(part.conditions)) }
        for part in groups { marks.groups.append(scan.mark(part.conditions)) }
        return (scan, marks)
    }
}

extension ProgramRules {
    /// What the rules ask for that does not stand in a member's row.
    var outsides: Set<Condition.Outside> {
        var found: Set<Condition.Outside> = []
        for conditions in [eligibility] + (classes + groups).map(\.conditions) {
            _ = Condition.all(conditions).sql { outside in
                found.insert(outside)
                return "true"
            }
        }
        return found
    }
}

/// Counts over the register: every statement of previews.
package struct PreviewStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// - Parameter scope: members outside of it are not counted.
    package func preview(_ rules: ProgramRules, within scope: Scope) async throws(PostgresError) -> ProgramPreview {
        let (scan, marks) = rules.scan(try await lists(rules.outsides))
        let statement = scan.statement(rules.statuses, scope)
        return try await database.inTransaction { (transaction) async throws(PostgresError) in
            for setting in Self.settings { _ = try await transaction.query(SQL(raw: setting)) }
            var counts: [(marks: Int64, members: Int)] = []
            for row in try await transaction.query(statement) { counts.append(try scan.count(row)) }
            return ProgramPreview(rules, marks, counts)
        }
    }

    /// Everybody whom the rules let in, without anybody having applied: by rising number.
    /// - Parameter excluded: members who are left out.
    package func candidates(
        _ rules: ProgramRules, without excluded: [Int64], in querying: any Querying
    ) async throws(PostgresError) -> RegisterCandidates {
        let scan = RegisterScan(try await lists(rules.outsides))
        for setting in Self.settings { _ = try await querying.query(SQL(raw: setting)) }
        guard let row = try await querying.query(scan.candidates(rules, without: MemberBits(excluded))).first else {
            throw .decoding("candidates were expected")
        }
        return RegisterCandidates(packed: try row.decode(0))
    }

    /// Who stands outside, all looked up at once: one after the other they were a tenth of a preview.
    private func lists(_ outsides: Set<Condition.Outside>) async throws(PostgresError) -> RegisterScan.Lists {
        let answers = await withTaskGroup { group in
            for outside in outsides {
                group.addTask { () async -> Result<RegisterScan.Lists, PostgresError> in
                    do throws(PostgresError) { return .success(try await look(up: outside)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        var lists = RegisterScan.Lists()
        for answer in answers {
            let found = try answer.get()
            lists.subtrees.merge(found.subtrees) { $1 }
            lists.holders.merge(found.holders) { $1 }
        }
        return lists
    }

    private func look(up outside: Condition.Outside) async throws(PostgresError) -> RegisterScan.Lists {
        switch outside {
        case .organizations(let roots):
            var all: [ID<Organization>] = []
            for row in try await database.query(
                """
                select distinct organization_id from organization_ancestor where ancestor_id = any(\(roots)) order by 1
                """)
            {
                all.append(try row.decode(0))
            }
            return RegisterScan.Lists(subtrees: [roots: all])
        case .benefit(let family, let period):
            // Who goes on for somebody merged holds what they held.
            let held = try await holders(
                """
                select coalesce(array_agg(holder), '{}')
                from (
                    select member_id as holder from benefit
                    where family = \(family) and period = \(period) and state in ('held', 'confirmed', 'used')
                    union all
                    select merged.merged_into from member merged
                    join benefit on benefit.member_id = merged.member_id
                    where merged.merged_into is not null and benefit.family = \(family) and benefit.period = \(period)
                        and benefit.state in ('held', 'confirmed', 'used')
                ) held
                """)
            return RegisterScan.Lists(holders: [outside: held])
        case .claim(let attribute, let evidence, let value):
            let held = try await holders(
                """
                select coalesce(array_agg(member_id), '{}') from member_attribute
                where attribute = \(attribute.rawValue) and is_current and evidence = any(\(Condition.enough(evidence)))
                    and \(fragment: value.sql)
                """)
            return RegisterScan.Lists(holders: [outside: held])
        }
    }

    private func holders(_ query: SQL) async throws(PostgresError) -> MemberBits {
        try await database.query(query).first.map { row throws(PostgresError) in MemberBits(try row.decode(0)) } ?? MemberBits([])
    }

    /// The organizations among `ids` that do not exist.
    package func unknownOrganizations(_ ids: Set<ID<Organization>>) async throws(PostgresError) -> [ID<Organization>] {
        if ids.isEmpty { return [] }
        let rows = try await database.query(
            """
            select asked.id from unnest(\(ids.sorted())) as asked (id)
            where not exists (select from organization where organization_id = asked.id)
            order by asked.id
            """)
        var unknown: [ID<Organization>] = []
        for row in rows { unknown.append(try row.decode(0)) }
        return unknown
    }

    /// Lists are hashed and plans are parallel only where the planner sees what is meant. A pass over millions is worth compiling, if the
    /// code is improved too: compiled without that it is slower than none.
    static let settings = [
        "set local plan_cache_mode = force_custom_plan", "set local jit = on", "set local jit_optimize_above_cost = 0",
    ]
}
