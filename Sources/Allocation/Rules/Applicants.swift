/// The applicants of a program as flat arrays: about 50 bytes each with five wishes.
///
/// The order of the rows means nothing: whatever is computed of them is the same in any order.
package struct Applicants: Sendable {
    /// In `wishes`: none.
    package static let noSession = UInt16.max

    package private(set) var tickets: [UInt64] = []
    /// The first class goes first.
    package private(set) var classes: [UInt16] = []
    /// Within a class, more points go first.
    package private(set) var points: [UInt32] = []
    /// Bit 0 for the program's first group.
    package private(set) var groups: [UInt8] = []
    package private(set) var organizations: [UInt32] = []
    /// For mode `local`; `UInt32.max`: none.
    package private(set) var areas: [UInt32] = []
    /// Why the applicant may have nothing: 0 is eligible, other numbers point into a list that the caller keeps.
    package private(set) var exclusions: [UInt8] = []
    /// Session indexes by preference, `wishStride` for each applicant, filled up with `noSession`.
    package private(set) var wishes: [UInt16] = []
    package let wishStride: Int

    /// - Parameter wishStride: the most wishes that one applicant has, 1 to 8.
    package init(wishStride: Int = Program.wishCountMax, capacity: Int = 0) {
        precondition((1...Program.wishCountMax).contains(wishStride), "an applicant has one to eight wishes")
        self.wishStride = wishStride
        tickets.reserveCapacity(capacity)
        classes.reserveCapacity(capacity)
        points.reserveCapacity(capacity)
        groups.reserveCapacity(capacity)
        organizations.reserveCapacity(capacity)
        areas.reserveCapacity(capacity)
        exclusions.reserveCapacity(capacity)
        wishes.reserveCapacity(capacity * wishStride)
    }

    package var count: Int { tickets.count }

    package mutating func append(
        ticket: Ticket, class priority: UInt16 = 1, points score: UInt32 = 0, groups mask: UInt8 = 0, organization: UInt32 = 0,
        area: UInt32 = .max, exclusion: UInt8 = 0, wishes wished: some Collection<UInt16>
    ) {
        precondition(wished.count <= wishStride, "more wishes than the table has room for")
        tickets.append(ticket.rawValue)
        classes.append(priority)
        points.append(score)
        groups.append(mask)
        organizations.append(organization)
        areas.append(area)
        exclusions.append(exclusion)
        wishes.append(contentsOf: wished)
        for _ in wished.count..<wishStride { wishes.append(Self.noSession) }
    }

    /// The wishes of one applicant, the dearest first.
    package func wishes(of row: Int) -> [UInt16] {
        wishes[row * wishStride..<(row + 1) * wishStride].prefix { $0 != Self.noSession }.map { $0 }
    }
}
