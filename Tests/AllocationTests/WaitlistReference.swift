import Allocation

/// Ticks of the waitlist as the reference states them, with the rank by augmenting paths; the same with a mistake made on purpose; and what
/// any tick must keep.
enum WaitlistReference {
    enum Mistake: CaseIterable {
        /// Nobody goes before others for a short floor.
        case withoutFloors
        /// The tick is over with the first promotion.
        case onlyOne
        /// Who waits longest goes last.
        case lastFirst
    }

    /// Sessions by place after the tick, and who came in, in that order. Who has left is not in the list of people who wait.
    typealias Tick = (_ instance: Instance, _ placed: [Int?], _ waiting: [Int]) -> (sessions: [Int?], promoted: [Int])

    static func run(_ instance: Instance, _ placed: [Int?], _ waiting: [Int], _ mistake: Mistake?) -> (sessions: [Int?], promoted: [Int]) {
        var shares = Shares(placed)
        var promoted: [Int] = []
        let waiting = mistake == .lastFirst ? waiting.reversed() : waiting
        for isForFloors in mistake == .withoutFloors ? [false] : [true, false] {
            for place in waiting where shares.sessions[place] == nil && shares.placed.count < instance.places {
                if mistake == .onlyOne, !promoted.isEmpty { break }
                let masks = shares.placed.map { instance.floorMask($0) }
                let isRaised =
                    BruteForce.rank(masks + [instance.floorMask(place)], instance.floorSizes) > BruteForce.rank(masks, instance.floorSizes)
                if isForFloors && !isRaised || Axioms.isCapped(place, instance, shares) { continue }
                guard let session = open(place, instance, shares).first else { continue }
                shares.sessions[place] = session
                promoted.append(place)
            }
        }
        return (shares.sessions, promoted)
    }

    /// The sessions on somebody's list that have a seat.
    static func open(_ place: Int, _ instance: Instance, _ shares: Shares) -> [Int] {
        instance.people[place].wishes.filter { shares.at($0).count < instance.sessions[$0].capacity }
    }

    /// What is wrong with a tick after these people left: A16, and in a pool that it comes to the choice among those who stayed.
    static func violation(_ instance: Instance, _ leavers: [Int], _ tick: Tick) -> String? {
        let before = instance.shares()
        var left = before
        for leaver in leavers { left.sessions[leaver] = nil }
        let waiting = instance.people.indices.filter { before.sessions[$0] == nil && !leavers.contains($0) }
        let after = Shares(tick(instance, left.sessions, waiting).sessions)
        for place in left.placed where after.sessions[place] != left.sessions[place] { return "\(place) moved" }
        for leaver in leavers where after.sessions[leaver] != nil { return "\(leaver) is back" }
        if let violation = Axioms.capacity(instance, after) ?? Axioms.eligibility(instance, after) { return violation }
        func rank(_ shares: Shares) -> Int { BruteForce.rank(shares.placed.map { instance.floorMask($0) }, instance.floorSizes) }
        if rank(after) < rank(left) { return "floors are emptier" }
        for place in waiting where after.sessions[place] == nil && after.placed.count < instance.places {
            if !Axioms.isCapped(place, instance, after), !open(place, instance, after).isEmpty {
                return "\(place) waits beside a free seat"
            }
        }
        guard instance.sessions.count == 1, instance.mode == .order, !instance.hasCaps else { return nil }
        let stayed = instance.people.indices.filter { !leavers.contains($0) }
        let chosen = BruteForce.choose(stayed.map { instance.floorMask($0) }, quota: instance.places, sizes: instance.floorSizes)
        return after.placed == chosen.map { stayed[$0] } ? nil : "\(after.placed) have seats, not the choice \(chosen.map { stayed[$0] })"
    }
}
