/// What stands behind a floor that stayed short: how many reserved places are filled, how many could be filled at all, and which sessions
/// the group's members without a place had asked for.
package struct ShortfallCertificate: Hashable, Sendable {
    /// Reserved places of all floors filled by those placed, everybody counting for one floor.
    package let achieved: Int
    /// The most that any sharing out could fill, by a flow from sessions over members to floors, whatever the order of the members. Caps of
    /// organizations are left out of it, so with caps it is an upper bound.
    package let possible: Int
    /// By floor, as listed in the program.
    package let floors: [FloorFigures]

    /// One floor by itself.
    package struct FloorFigures: Hashable, Sendable {
        /// In the program's list.
        package let listed: Int
        package let size: Int
        /// Members among the eligible applicants.
        package let members: Int
        /// Members who have a place, whatever floor they count for: the one-to-all count.
        package let placedMembers: Int
        /// Places of this floor that are filled when everybody counts for one floor; floors are seated by precedence.
        package let filled: Int
        /// The most of this floor's places that could be filled if it were the only one.
        package let possible: Int
        /// Wishes of members without a place, by session.
        package let unplacedWishes: [Int]
    }

    package init(_ allocation: Allocation) {
        let lineup = allocation.lineup
        let table = allocation.floors
        let outcome = allocation.outcome
        achieved = Self.rank(allocation)
        possible = min(Self.flow(allocation, only: nil), outcome.quota)
        let seated = Self.seated(allocation)
        floors = table.floors.indices.map { floor in
            let bit = UInt8(1) << UInt8(floor)
            var members = 0
            var placed = 0
            var wishes = [Int](repeating: 0, count: allocation.sessions.count)
            for place in 0..<lineup.count where lineup.floorMasks[place] & bit != 0 {
                members += 1
                if outcome.isPlaced(place) {
                    placed += 1
                } else {
                    for wish in lineup.wishRange(place) {
                        if lineup.wishes[wish] == Applicants.noSession { break }
                        wishes[Int(lineup.wishes[wish])] += 1
                    }
                }
            }
            return FloorFigures(
                listed: table.listed[floor], size: table.floors[floor].size, members: members, placedMembers: placed,
                filled: seated[floor],
                possible: seated[floor] == table.floors[floor].size
                    ? seated[floor] : min(Self.flow(allocation, only: floor), outcome.quota),
                unplacedWishes: wishes)
        }.sorted { $0.listed < $1.listed }
    }

    /// Reserved places that those placed can fill together.
    private static func rank(_ allocation: Allocation) -> Int {
        var filled = FloorCount(sizes: allocation.floors.sizes)
        for place in 0..<allocation.lineup.count where allocation.outcome.isPlaced(place) {
            filled.add(allocation.lineup.floorMasks[place])
        }
        return filled.rank
    }

    /// How the filled places lie on the floors when the first floors by precedence are filled as far as the whole stays the largest: what
    /// each floor adds to the rank of those before it.
    package static func seated(_ allocation: Allocation) -> [Int] {
        let sizes = allocation.floors.sizes
        var before = 0
        return sizes.indices.map { floor in
            var filled = FloorCount(sizes: Array(sizes[...floor]))
            let known = UInt8(truncatingIfNeeded: (1 << (floor + 1)) - 1)
            for place in 0..<allocation.lineup.count where allocation.outcome.isPlaced(place) {
                filled.add(allocation.lineup.floorMasks[place] & known)
            }
            defer { before = filled.rank }
            return filled.rank - before
        }
    }

    /// Source to sessions (seats), to members who listed them (one each), to their kind of floors, to floors (places), to the sink.
    private static func flow(_ allocation: Allocation, only floor: Int?) -> Int {
        let lineup = allocation.lineup
        let sizes = allocation.floors.sizes
        let considered = floor.map { UInt8(1) << UInt8($0) } ?? .max
        let members = (0..<lineup.count).filter { lineup.floorMasks[$0] & considered != 0 }
        let sessionCount = allocation.sessions.count
        let (source, sink) = (0, 1)
        let firstSession = 2
        let firstFloor = firstSession + sessionCount
        let firstKind = firstFloor + sizes.count
        let firstMember = firstKind + 256
        var network = MaxFlow(
            nodeCount: firstMember + members.count, arcCount: members.count * (lineup.wishStride + 1) + sessionCount + 256 * sizes.count)
        for (session, value) in allocation.sessions.enumerated() {
            network.connect(source, firstSession + session, capacity: value.capacity)
        }
        for (index, size) in sizes.enumerated() where considered >> UInt8(index) & 1 != 0 {
            network.connect(firstFloor + index, sink, capacity: size)
        }
        for kind in 1..<256 {
            for index in sizes.indices where (kind & Int(considered)) >> index & 1 != 0 {
                network.connect(firstKind + kind, firstFloor + index, capacity: Int.max)
            }
        }
        for (index, place) in members.enumerated() {
            network.connect(firstMember + index, firstKind + Int(lineup.floorMasks[place]), capacity: 1)
            for wish in lineup.wishRange(place) {
                let session = lineup.wishes[wish]
                if session == Applicants.noSession { break }
                network.connect(firstSession + Int(session), firstMember + index, capacity: 1)
            }
        }
        return network.run(from: source, to: sink)
    }
}
