/// What a rule sees: the eligible applicants in the common order, as flat arrays. A place in this order is an applicant's number in the
/// rule.
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
    /// Session indexes of all applicants, by row: see `wishRange`. They stay where they are: most are never looked at, and to gather a
    /// million lists in the order takes longer than the rule itself.
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
        wishes = applicants.wishes
    }

    /// Where the wishes of the applicant at a place lie, the dearest first, filled up with `noSession`.
    package func wishRange(_ place: Int) -> Range<Int> {
        let start = Int(rows[place]) * wishStride
        return start..<start + wishStride
    }

    /// The wishes of the applicant at a place.
    package func wishes(of place: Int) -> ArraySlice<UInt16> { wishes[wishRange(place)].prefix { $0 != Applicants.noSession } }

    /// The same with one applicant at another place and of other floors.
    package func moving(_ place: Int, to other: Int, floorMask: UInt8) -> Lineup { Lineup(self, moving: place, to: other, floorMask) }

    private init(_ lineup: Lineup, moving place: Int, to other: Int, _ floorMask: UInt8) {
        func moved<Value>(_ values: [Value]) -> [Value] {
            if values.isEmpty { return values }
            var values = values
            values.insert(values.remove(at: place), at: other)
            return values
        }
        count = lineup.count
        rows = moved(lineup.rows)
        var masks = lineup.floorMasks
        masks[place] = floorMask
        floorMasks = moved(masks)
        organizations = moved(lineup.organizations)
        areas = moved(lineup.areas)
        wishes = lineup.wishes
        wishStride = lineup.wishStride
    }
}
