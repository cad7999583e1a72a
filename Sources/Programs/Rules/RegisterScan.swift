import Postgres
import Registry
import Runtime

/// Tries conditions upon a whole register in one pass: what does not stand in a member's own row is joined once for all, never looked up
/// for each.
///
/// Members are grouped by which conditions hold of them, so each is tried once, and all counts follow from the groups. The marks are
/// columns of their own and not bits of one number: PostgreSQL expects two groups of a condition but as many as rows of a sum, and then
/// neither counts nor joins in parallel. What is few is looked up beforehand and stands in the statement as a list, hashed by PostgreSQL:
/// a join of every member with it costs four times as much.
struct RegisterScan {
    /// What was looked up beforehand.
    struct Lists {
        /// All organizations of subtrees, by their roots.
        var subtrees: [[ID<Organization>]: [ID<Organization>]] = [:]
        /// Who goes on for somebody merged who holds the benefit.
        var survivors: [Condition.Outside: [ID<Member>]] = [:]
    }

    private let lists: Lists
    private var joins: [SQL] = []
    private var known: [Condition.Outside: SQL] = [:]
    private var marks: [SQL] = []

    /// Marks that fit one number, beside its sign.
    static let markCountMax = 63

    init(_ lists: Lists) {
        self.lists = lists
    }

    /// Adds a mark that a row bears when all of the conditions hold.
    /// - Returns: its bit.
    mutating func mark(_ conditions: [Condition]) -> Int64 {
        precondition(marks.count < Self.markCountMax, "more marks than a number has bits")
        let bit = Int64(1) << Int64(marks.count)
        marks.append(Condition.all(conditions).sql { outside in look(outside) })
        return bit
    }

    private mutating func look(_ outside: Condition.Outside) -> SQL {
        if let found = known[outside] { return found }
        let name = "found_\(joins.count + 1)"
        let found: SQL
        switch outside {
        case .organizations(let roots):
            found = "member.organization_id = any(\(lists.subtrees[roots] ?? []))"
        case .claim(let attribute, let evidence, let value):
            // At most one row a member, by a unique index.
            joins.append(
                """
                left join (
                    select member_id from member_attribute
                    where attribute = \(attribute.rawValue) and is_current and evidence = any(\(Condition.enough(evidence)))
                        and \(fragment: value.sql)
                ) \(raw: name) on \(raw: name).member_id = member.member_id
                """)
            found = "\(raw: name).member_id is not null"
        case .benefit(let family, let period):
            // At most one row a member, by a unique index.
            joins.append(
                """
                left join (
                    select member_id from benefit
                    where family = \(family) and period = \(period) and state in ('held', 'confirmed', 'used')
                ) \(raw: name) on \(raw: name).member_id = member.member_id
                """)
            let own: SQL = "\(raw: name).member_id is not null"
            let survivors = lists.survivors[outside] ?? []
            found = survivors.isEmpty ? own : "(\(fragment: own) or member.member_id = any(\(survivors)))"
        }
        known[outside] = found
        return found
    }

    /// How many members of these statuses within the scope bear which marks: rows of marks, in their order, and a count.
    func statement(_ statuses: [MemberStatus], _ scope: Scope) -> SQL {
        let columns = marks.reduce("") { columns, mark -> SQL in "\(fragment: columns)\(fragment: mark),\n    " }
        let tables = joins.reduce("member") { tables, join -> SQL in "\(fragment: tables)\n\(fragment: join)" }
        let groups = marks.isEmpty ? "" : "group by " + (1...marks.count).map(String.init).joined(separator: ", ")
        return """
            select \(fragment: columns)count(*)
            from \(fragment: tables)
            where member.status = any(\(statuses.map(\.rawValue))) and \(fragment: scope.condition("member.organization_id"))
            \(raw: groups)
            """
    }

    /// The marks of a row of the answer, and how many members bear them.
    func count(_ row: Row) throws(PostgresError) -> (marks: Int64, members: Int) {
        var bits: Int64 = 0
        for index in marks.indices where try row.decode(index, as: Bool.self) { bits |= 1 << Int64(index) }
        return (bits, try row.decode(marks.count))
    }
}
