import Allocation

/// Mode `order` as the reference states it, with the rank by augmenting paths; and the same with one mistake made on purpose.
struct OrderReference {
    enum Mistake: CaseIterable {
        /// One floor after the other instead of the rank of all.
        case floorsInSequence
        /// Open places before reserved ones.
        case openFirst
        /// More are chosen for floors than there are places.
        case withoutQuotaGuard
        /// Strict floors call whoever fills one more place, without fixing beforehand who was chosen for a floor.
        case withoutFixedWinners
        /// Members are called in place of others even where as many are on the way as were chosen.
        case refillWithoutLimit
        /// Strict floors are not called first.
        case strictAsFair
        /// Whoever could still fill a floor is not called before others.
        case withoutFloorLater
    }

    private let instance: Instance
    private let mistake: Mistake?
    private let masks: [UInt8]
    private let sizes: [Int]
    private let places: Int
    private var shares: Shares
    private var calls = 0

    init(_ instance: Instance, _ mistake: Mistake? = nil) {
        self.instance = instance
        self.mistake = mistake
        masks = instance.floorMasks
        sizes = instance.floorSizes
        places = instance.places
        shares = Shares(count: instance.people.count)
    }

    static func rule(_ mistake: Mistake?) -> Rule { { OrderReference($0, mistake).run() } }

    private func rank(_ people: some Sequence<Int>) -> Int { BruteForce.rank(people.map { masks[$0] }, sizes) }

    private func isRaised(_ people: Set<Int>, by place: Int) -> Bool { rank(people.union([place])) > rank(people) }

    private func hasRoom(_ place: Int, _ others: some Sequence<Int>) -> Bool {
        others.count { instance.people[$0].organization == instance.people[place].organization } < instance.cap(of: place)
    }

    /// Those chosen for a floor, and all who are chosen.
    func winners() -> (reserved: Set<Int>, chosen: Set<Int>) {
        var reserved: Set<Int> = []
        func take(_ people: inout Set<Int>, _ limit: Int, _ isWanted: (Int) -> Bool) {
            for place in masks.indices where people.count < limit && !people.contains(place) && isWanted(place) && hasRoom(place, people) {
                people.insert(place)
            }
        }
        var chosen: Set<Int> = []
        switch mistake {
        case .floorsInSequence, .openFirst:
            if mistake == .openFirst { take(&chosen, max(0, places - sizes.reduce(0, +))) { _ in true } }
            let open = chosen
            for floor in sizes.indices { take(&chosen, min(places, chosen.count + sizes[floor])) { masks[$0] >> UInt8(floor) & 1 != 0 } }
            reserved = chosen.subtracting(open)
        case .withoutQuotaGuard:
            for place in masks.indices where isRaised(reserved, by: place) && hasRoom(place, reserved) { reserved.insert(place) }
            chosen = reserved
        default:
            for place in masks.indices where reserved.count < places && isRaised(reserved, by: place) && hasRoom(place, reserved) {
                reserved.insert(place)
            }
            chosen = reserved
        }
        take(&chosen, places) { _ in true }
        return (reserved, chosen)
    }

    private var isOver: Bool { shares.placed.count == places }

    private mutating func call(_ place: Int, _ phase: Phase) {
        calls += 1
        shares.positions[place] = calls
        shares.phases[place] = phase
        guard hasRoom(place, shares.placed) else { return }
        shares.sessions[place] = instance.people[place].wishes.first { shares.at($0).count < instance.sessions[$0].capacity }
    }

    func run() -> Shares {
        var rule = self
        rule.callAll()
        return rule.shares
    }

    private mutating func callAll() {
        let (reserved, chosen) = winners()
        // Floors of no places are left out of the numbering, as nobody is called for them.
        for (number, floor) in instance.floors.filter({ $0.size > 0 }).enumerated()
        where floor.kind == .strict && mistake != .strictAsFair {
            let bit = UInt8(1) << UInt8(instance.floors.firstIndex(of: floor) ?? 0)
            callStrict(bit, .floorFirst(number), reserved)
        }
        for place in masks.indices where chosen.contains(place) { callIfWaiting(place, .winner) }
        if mistake != .withoutFloorLater {
            for place in masks.indices where isRaised(Set(shares.placed), by: place) { callIfWaiting(place, .floorLater) }
        }
        for place in masks.indices { callIfWaiting(place, .later) }
    }

    private mutating func callIfWaiting(_ place: Int, _ phase: Phase) {
        if shares.positions[place] == 0, !isOver { call(place, phase) }
    }

    private mutating func callStrict(_ bit: UInt8, _ phase: Phase, _ reserved: Set<Int>) {
        let members = masks.indices.filter { masks[$0] & bit != 0 }
        if mistake == .withoutFixedWinners {
            for place in members where isRaised(Set(shares.placed), by: place) { callIfWaiting(place, phase) }
            return
        }
        for place in members where reserved.contains(place) { callIfWaiting(place, phase) }
        for place in members where shares.positions[place] == 0 {
            let hoped = Set(shares.placed).union(reserved.filter { shares.positions[$0] == 0 })
            if mistake != .refillWithoutLimit, rank(hoped) >= reserved.count { return }
            if isRaised(hoped, by: place) { callIfWaiting(place, phase) }
        }
    }
}
