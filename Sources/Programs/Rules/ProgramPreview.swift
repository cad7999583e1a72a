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

    private func lists(_ outsides: Set<Condition.Outside>) async throws(PostgresError) -> RegisterScan.Lists {
        var lists = RegisterScan.Lists()
        for outside in outsides {
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
                lists.subtrees[roots] = all
            case .benefit(let family, let period):
                // Who goes on for somebody merged holds what they held.
                lists.holders[outside] = try await holders(
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
            case .claim(let attribute, let evidence, let value):
                lists.holders[outside] = try await holders(
                    """
                    select coalesce(array_agg(member_id), '{}') from member_attribute
                    where attribute = \(attribute.rawValue) and is_current and evidence = any(\(Condition.enough(evidence)))
                        and \(fragment: value.sql)
                    """)
            }
        }
        return lists
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
