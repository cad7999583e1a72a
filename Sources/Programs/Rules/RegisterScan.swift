import Postgres
import Registry

/// Tries conditions upon a whole register in one pass: what does not stand in a member's own row is joined once for all, never looked up
/// for each.
struct RegisterScan {
    private var joins: [SQL] = []
    private var marks: [SQL] = []

    /// Marks that fit one number, beside its sign.
    static let markCountMax = 63

    /// Adds a mark that a row bears when all of the conditions hold.
    /// - Returns: its bit.
    mutating func mark(_ conditions: [Condition]) -> Int64 {
        precondition(marks.count < Self.markCountMax, "more marks than a number has bits")
        let bit = Int64(1) << Int64(marks.count)
        marks.append("case when \(fragment: expression(.all(conditions))) then \(bit) else 0 end")
        return bit
    }

    private mutating func expression(_ condition: Condition) -> SQL {
        condition.sql { outside in join(outside) }
    }

    private mutating func join(_ outside: Condition.Outside) -> SQL {
        let name = "found_\(joins.count + 1)"
        switch outside {
        case .organizations(let roots):
            joins.append(
                """
                left join (
                    select distinct organization_id from organization_ancestor where ancestor_id = any(\(roots))
                ) \(raw: name) on \(raw: name).organization_id = member.organization_id
                """)
            return "\(raw: name).organization_id is not null"
        case .claim(let attribute, let evidence, let condition):
            // At most one row a member, by a unique index.
            joins.append(
                """
                left join (
                    select member_id from member_attribute
                    where attribute = \(attribute.rawValue) and is_current and evidence = any(\(Condition.enough(evidence)))
                        and \(fragment: condition)
                ) \(raw: name) on \(raw: name).member_id = member.member_id
                """)
        case .benefit(let family, let period):
            joins.append(
                """
                left join (
                    select member_id from benefit
                    where family = \(family) and period = \(period) and state in ('held', 'confirmed', 'used')
                    union
                    select merged.merged_into from member merged
                    join benefit on benefit.member_id = merged.member_id
                    where merged.merged_into is not null and benefit.family = \(family) and benefit.period = \(period)
                        and benefit.state in ('held', 'confirmed', 'used')
                ) \(raw: name) on \(raw: name).member_id = member.member_id
                """)
        }
        return "\(raw: name).member_id is not null"
    }

    /// How many members of these statuses within the scope bear which marks: rows of a sum of bits and a count.
    func statement(_ statuses: [MemberStatus], _ scope: Scope) -> SQL {
        let sum = marks.dropFirst().reduce(marks.first ?? "0") { sum, mark -> SQL in "\(fragment: sum)\n    + \(fragment: mark)" }
        let tables = joins.reduce("member") { tables, join -> SQL in "\(fragment: tables)\n\(fragment: join)" }
        return """
            select (\(fragment: sum))::bigint as marks, count(*)
            from \(fragment: tables)
            where member.status = any(\(statuses.map(\.rawValue))) and \(fragment: scope.condition("member.organization_id"))
            group by marks
            """
    }
}
