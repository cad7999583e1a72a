/// Which floors an applicant counts for, from the group mask: floors by precedence, bit 0 the first one served.
package struct FloorTable: Sendable {
    /// The floors in the order in which they are served.
    package let floors: [Floor]
    /// Where each stands in the program's own list.
    package let listed: [Int]
    /// Floor bits by group mask, 256 entries.
    private let masks: [UInt8]

    /// - Parameter floors: in the order in which they are served; those of no places are left out.
    package init(_ floors: [(floor: Floor, listed: Int)]) {
        precondition(floors.count <= Program.groupCountMax, "there are at most eight floors")
        self.floors = floors.map(\.floor)
        listed = floors.map(\.listed)
        masks = (0..<256).map { groups in
            floors.indices.reduce(0) { $0 | (groups >> floors[$1].floor.group & 1 != 0 ? 1 << UInt8($1) : 0) }
        }
    }

    /// The program's floors by precedence: as given, or those first for which fewest eligible members compete for a place, ties as listed.
    /// Membership alone decides, never a wish or the draw: the scarcest floor, served late, would find its members' sessions full.
    ///
    /// In mode `local` no floor goes before another, and one that promises nothing by itself may still have seats of its own at a session:
    /// all stay, as listed.
    package init(_ program: Program, _ applicants: Applicants) {
        var members = [Int](repeating: 0, count: Program.groupCountMax)
        for row in 0..<applicants.count where applicants.exclusions[row] == 0 {
            var rest = applicants.groups[row]
            while rest != 0 {
                members[rest.trailingZeroBitCount] += 1
                rest &= rest - 1
            }
        }
        let isLocal = program.mode == .local
        var floors = program.floors.enumerated().filter { isLocal || $0.element.size > 0 }.map { (floor: $0.element, listed: $0.offset) }
        if !isLocal, !program.isFloorOrderGiven {
            floors.sort { left, right in
                let (first, second) = (members[left.floor.group] * right.floor.size, members[right.floor.group] * left.floor.size)
                return first != second ? first < second : left.listed < right.listed
            }
        }
        self.init(floors)
    }

    package func mask(groups: UInt8) -> UInt8 { masks[Int(groups)] }

    package var sizes: [Int] { floors.map(\.size) }
}
