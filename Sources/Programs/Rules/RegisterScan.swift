import Postgres
import Registry
import Runtime

/// Tries conditions upon a whole register in one pass: what does not stand in a member's own row is looked up once beforehand and stands
/// in the statement, subtrees as lists, who holds something as a bit for every member. A join of five million members takes ten times as
/// long as their bits.
///
/// Members are grouped by which conditions hold of them, so each is tried once, and all counts follow from the groups.
struct RegisterScan {
    /// What was looked up beforehand.
    struct Lists {
        /// All organizations of subtrees, by their roots.
        var subtrees: [[ID<Organization>]: [ID<Organization>]] = [:]
        var holders: [Condition.Outside: MemberBits] = [:]
    }

    private let lists: Lists
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
        marks.append(expression(conditions))
        return bit
    }

    private func expression(_ conditions: [Condition]) -> SQL { Condition.all(conditions).sql { outside in look(outside) } }

    private func look(_ outside: Condition.Outside) -> SQL {
        if case .organizations(let roots) = outside { return "member.organization_id = any(\(lists.subtrees[roots] ?? []))" }
        guard let holders = lists.holders[outside], holders.last > 0 else { return "false" }
        return """
            (case when member.member_id <= \(holders.last) then get_bit(\(holders.bytes), member.member_id) = 1 else false end)
            """
    }

    /// How many members of these statuses within the scope bear which marks: rows of the marks' bits and a count.
    ///
    /// The inner part stands alone, or PostgreSQL would expect as many groups as members and neither count nor scan in parallel. That
    /// takes a limit it does not carry out: `offset` of a constant, which `0` alone, still to be widened, is not.
    func statement(_ statuses: [MemberStatus], _ scope: Scope) -> SQL {
        let bits = marks.enumerated().reduce("0::bigint") { bits, mark -> SQL in
            "\(fragment: bits) | case when \(fragment: mark.element) then \(raw: String(Int64(1) << Int64(mark.offset)))::bigint else 0 end"
        }
        return """
            select marks, count(*)
            from (
                select \(fragment: bits) as marks
                from member
                where member.status = any(\(statuses.map(\.rawValue))) and \(fragment: scope.condition("member.organization_id"))
                offset '0'::bigint
            ) marked
            group by marks
            """
    }

    /// All whom the rules let in, each as one number: the member's, shifted by 16 bits, the class, by 8, and the groups. In one row, in no
    /// order, for a million rows take longer to bring than to find.
    ///
    /// - Parameter excluded: members who are left out.
    func candidates(_ rules: ProgramRules, without excluded: MemberBits) -> SQL {
        var priority: SQL = "case"
        for (index, part) in rules.classes.enumerated() {
            priority = "\(fragment: priority) when \(fragment: expression(part.conditions)) then \(raw: String(index + 1))"
        }
        let last = rules.classes.count + 1
        priority = rules.classes.isEmpty ? "1" : "\(fragment: priority) else \(raw: String(last)) end"
        let groups = rules.groups.enumerated().reduce("0") { bits, part -> SQL in
            let bit = String(1 << part.offset)
            return "\(fragment: bits) | case when \(fragment: expression(part.element.conditions)) then \(raw: bit) else 0 end"
        }
        let free: SQL =
            excluded.last == 0
            ? "true" : "case when member.member_id <= \(excluded.last) then get_bit(\(excluded.bytes), member.member_id) = 0 else true end"
        return """
            select coalesce(
                array_agg((member.member_id << 16) | ((\(fragment: priority))::bigint << 8) | (\(fragment: groups))::bigint), '{}')
            from member
            where member.status = any(\(rules.statuses.map(\.rawValue)))
                and \(fragment: expression(rules.eligibility)) and \(fragment: free)
            """
    }

    /// The marks of a row of the answer, and how many members bear them.
    func count(_ row: Row) throws(PostgresError) -> (marks: Int64, members: Int) {
        (try row.decode(0), try row.decode(1))
    }
}

/// A bit for every member up to the last that has one: as PostgreSQL's `get_bit` counts them, the lowest of each byte first.
struct MemberBits {
    private(set) var bytes: [UInt8] = []
    /// The highest id whose bit is set; 0: none is.
    let last: Int64

    init(_ members: [Int64]) {
        last = max(members.max() ?? 0, 0)
        bytes = [UInt8](repeating: 0, count: Int(last >> 3) + 1)
        for member in members where member > 0 { bytes[Int(member >> 3)] |= 1 << UInt8(member & 7) }
    }
}
