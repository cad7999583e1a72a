/// What a rule sees: the eligible applicants in the common order, as flat arrays. A place in this order is an applicant's number in the rule.
package struct Lineup: Sendable {
    package let count: Int
    /// The applicant's row in the table, by place.
    package let rows: [UInt32]
    /// Floor bits, by place.
    package let floorMasks: [UInt8]
    /// By place; empty when no organization is capped.
    package let organizations: [UInt32]
    /// By place; empty in mode `order`.
    package let areas: [UInt32]
    /// `wishStride` session indexes for each place.
    package let wishes: [UInt16]
    package let wishStride: Int

    package init(_ applicants: Applicants, _ rows: [UInt32], _ floors: FloorTable, _ program: Program) {
        count = rows.count
        self.rows = rows
        wishStride = applicants.wishStride
        let groups = applicants.groups.span
        floorMasks = rows.map { floors.mask(groups: groups[Int($0)]) }
        organizations = program.hasOrganizationCaps ? rows.map { applicants.organizations[Int($0)] } : []
        areas = program.mode == .local ? rows.map { applicants.areas[Int($0)] } : []
        let stride = applicants.wishStride
        var gathered: [UInt16] = []
        gathered.reserveCapacity(rows.count * stride)
        for row in rows { gathered.append(contentsOf: applicants.wishes[Int(row) * stride..<(Int(row) + 1) * stride]) }
        wishes = gathered
    }

    /// The same with one applicant at another place and of other floors.
    package func moving(_ place: Int, to other: Int, floorMask: UInt8) -> Lineup { Lineup(self, moving: place, to: other, floorMask) }

    private init(_ lineup: Lineup, moving place: Int, to other: Int, _ floorMask: UInt8) {
        func moved<Value>(_ values: [Value], width: Int = 1) -> [Value] {
            if values.isEmpty { return values }
            var values = values
            let own = Array(values[place * width..<(place + 1) * width])
            values.removeSubrange(place * width..<(place + 1) * width)
            values.insert(contentsOf: own, at: other * width)
            return values
        }
        count = lineup.count
        rows = moved(lineup.rows)
        var masks = lineup.floorMasks
        masks[place] = floorMask
        floorMasks = moved(masks)
        organizations = moved(lineup.organizations)
        areas = moved(lineup.areas)
        wishes = moved(lineup.wishes, width: lineup.wishStride)
        wishStride = lineup.wishStride
    }
}
