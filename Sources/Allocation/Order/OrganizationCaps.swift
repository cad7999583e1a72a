/// How many more winners each organization may have. Everybody has room when nothing is capped.
package struct OrganizationCaps: Sendable {
    /// The organization's index by place; empty when nothing is capped.
    private let indexes: [UInt32]
    private var free: [Int32]

    package init(_ program: Program, _ lineup: Lineup) {
        guard program.hasOrganizationCaps else {
            (indexes, free) = ([], [])
            return
        }
        var known: [UInt32: UInt32] = [:]
        var caps: [Int32] = []
        indexes = lineup.organizations.map { organization in
            if let index = known[organization] { return index }
            let index = UInt32(caps.count)
            known[organization] = index
            caps.append(Int32(clamping: program.organizationCaps[organization] ?? program.organizationCap ?? Int.max))
            return index
        }
        free = caps
    }

    package func hasRoom(_ place: Int) -> Bool { indexes.isEmpty || free[Int(indexes[place])] > 0 }

    package mutating func take(_ place: Int) {
        if !indexes.isEmpty { free[Int(indexes[place])] -= 1 }
    }

    package mutating func release(_ place: Int) {
        if !indexes.isEmpty { free[Int(indexes[place])] += 1 }
    }
}
