import Allocation

/// A market of the literature: who proposes lists partners, and each partner has a list of its own.
struct Market {
    /// By proposer, the dearest first.
    let wishes: [[Int]]
    /// By partner, the dearest first; who is not on it is not acceptable.
    let lists: [[Int]]
    let seats: [Int]

    /// Letters for both sides, as `"CAB"`: partners in capitals on the proposers' lists, proposers in small letters on the partners'.
    init(proposers: [String], partners: [String], seats: [Int]? = nil) {
        wishes = proposers.map { $0.utf8.map { Int($0) - 0x41 } }
        lists = partners.map { $0.utf8.map { Int($0) - 0x61 } }
        self.seats = seats ?? partners.map { _ in 1 }
    }

    /// The engine's rule with a table of ranks for an order; wishes for whom one is not acceptable are left out beforehand.
    func propose(floors: [Floor] = [], groups: [UInt8] = [], floorSizes: [[Int]] = []) -> [Int?] {
        var instance = Instance(
            wishes.enumerated().map { proposer, wished in
                Person(wishes: wished.filter { lists[$0].contains(proposer) }, groups: groups.isEmpty ? 0 : groups[proposer])
            }, seats: seats, floors: floors)
        instance.mode = .local
        let (program, applicants) = (instance.program, instance.applicants)
        let lineup = Lineup(applicants, wishes.indices.map { UInt32($0) }, FloorTable(program, applicants), program)
        let sizes = floorSizes.isEmpty ? seats.map { _ in floors.map(\.size) } : floorSizes
        return Shares(LocalRule.run(instance.sessions, lineup, floorSizes: sizes, order: TableOrder(lists: lists))).sessions
    }

    func isStable(_ result: [Int?]) -> Bool {
        wishes.indices.allSatisfy { proposer in
            let better = result[proposer].flatMap { wishes[proposer].firstIndex(of: $0) } ?? wishes[proposer].count
            return wishes[proposer].prefix(better).allSatisfy { partner in
                guard let rank = lists[partner].firstIndex(of: proposer) else { return true }
                let there = result.indices.filter { result[$0] == partner }.compactMap { lists[partner].firstIndex(of: $0) }
                return there.count == seats[partner] && there.allSatisfy { $0 < rank }
            }
        }
    }

    /// All stable results, found by looking at every result.
    var stable: [[Int?]] {
        let acceptable = wishes.enumerated().map { proposer, wished in wished.filter { lists[$0].contains(proposer) } }
        return BruteForce.assignments(acceptable, seats).filter(isStable)
    }
}

/// Each session's own list decides.
struct TableOrder: SessionOrder {
    let lists: [[Int]]

    func number(of place: Int, at session: Int) -> UInt32 { UInt32(lists[session].firstIndex(of: place) ?? lists[session].count) }
}
