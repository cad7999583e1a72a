import Allocation

typealias Rule = (Instance) -> Shares

/// The axioms as checks of any rule: each gives the first thing that is wrong, or nil. The engine must pass, and rules that are wrong on
/// purpose must not.
enum Axioms {
    /// A1: nobody has a session that is not on the list.
    static func eligibility(_ instance: Instance, _ shares: Shares) -> String? {
        shares.placed.first { instance.regret($0, shares.sessions[$0]) == instance.people[$0].wishes.count }.map {
            "\($0) did not ask for it"
        }
    }

    /// A2: seats, quota and caps are kept.
    static func capacity(_ instance: Instance, _ shares: Shares) -> String? {
        for (session, value) in instance.sessions.enumerated() where shares.at(session).count > value.capacity {
            return "session \(session) has too many"
        }
        if shares.placed.count > instance.quota { return "more are placed than the quota" }
        return shares.placed.first { isOver($0, instance, shares, by: 1) }.map { "the organization of \($0) has too many" }
    }

    private static func isOver(_ place: Int, _ instance: Instance, _ shares: Shares, by step: Int) -> Bool {
        let winners = shares.placed.count { instance.people[$0].organization == instance.people[place].organization }
        return winners >= instance.cap(of: place) && winners - instance.cap(of: place) >= step
    }

    /// Whether the place's organization can have nobody more.
    static func isCapped(_ place: Int, _ instance: Instance, _ shares: Shares) -> Bool { isOver(place, instance, shares, by: 0) }

    /// A3: no seat stays free that somebody would rather have.
    static func noWaste(_ instance: Instance, _ shares: Shares) -> String? {
        for place in instance.people.indices {
            if shares.sessions[place] == nil, shares.placed.count == instance.places || isCapped(place, instance, shares) { continue }
            for session in better(place, instance, shares) where shares.at(session).count < instance.sessions[session].capacity {
                return "\(place) would rather have a seat that is free at \(session)"
            }
        }
        return nil
    }

    /// The sessions that the person likes better than what they have.
    static func better(_ place: Int, _ instance: Instance, _ shares: Shares) -> [Int] {
        Array(instance.people[place].wishes.prefix(instance.regret(place, shares.sessions[place])))
    }

    /// A4 and A7 in a pool: the chosen are those of the brute force, and so fill as many reserved places as anybody could.
    static func pool(_ instance: Instance, _ shares: Shares) -> String? {
        let masks = instance.floorMasks
        let expected = BruteForce.choose(masks, quota: instance.places, sizes: instance.floorSizes)
        if shares.placed != expected { return "\(shares.placed) have seats, not \(expected)" }
        let filled = BruteForce.rank(shares.placed.map { masks[$0] }, instance.floorSizes)
        let possible = min(instance.places, BruteForce.rank(masks, instance.floorSizes))
        return filled == possible ? nil : "\(filled) reserved places are filled, not \(possible)"
    }

    /// A4 and A7 at each session in mode `local`: those there are the brute force's choice of all who proposed.
    static func sessionChoices(_ instance: Instance, _ shares: Shares) -> String? {
        for session in instance.sessions.indices {
            let proposers = instance.people.indices.filter { instance.regret($0, session) <= instance.regret($0, shares.sessions[$0]) }
                .filter { instance.people[$0].wishes.contains(session) }
            let expected = instance.choice(proposers, at: session)
            if Set(shares.at(session)) != expected { return "\(session) has \(shares.at(session)), not \(expected.sorted())" }
            let sizes = instance.sessionFloorSizes(session)
            let filled = BruteForce.rank(shares.at(session).map { instance.floorMask($0) }, sizes)
            let possible = min(instance.sessions[session].capacity, BruteForce.rank(proposers.map { instance.floorMask($0) }, sizes))
            if filled != possible { return "\(filled) reserved seats are filled at \(session), not \(possible)" }
        }
        return nil
    }

    /// A5: whoever sees a better session was called after it was full, or after the organization was.
    static func replay(_ instance: Instance, _ shares: Shares) -> String? {
        let called = instance.people.indices.filter { shares.positions[$0] > 0 }.sorted { shares.positions[$0] < shares.positions[$1] }
        if called.map({ shares.positions[$0] }) != Array(1..<called.count + 1) { return "the calls are not numbered one by one" }
        if let place = shares.placed.first(where: { shares.positions[$0] == 0 }) { return "\(place) has a session without a call" }
        if called.count < instance.people.count, shares.placed.count < instance.places { return "somebody was not called" }
        for place in called {
            let before = called.filter { shares.positions[$0] < shares.positions[place] && shares.sessions[$0] != nil }
            if before.count == instance.places { return "\(place) was called after the last place was taken" }
            let same = before.count { instance.people[$0].organization == instance.people[place].organization }
            let isCapped = same >= instance.cap(of: place)
            if isCapped { if shares.sessions[place] == nil { continue } else { return "\(place) is beyond the cap" } }
            for session in better(place, instance, shares)
            where before.count(where: { shares.sessions[$0] == session }) < instance.sessions[session].capacity {
                return "\(place) was called while \(session) had a seat"
            }
        }
        return nil
    }

    /// A5 in mode `local`: no session would choose somebody who would rather be there.
    static func stability(_ instance: Instance, _ shares: Shares) -> String? {
        for place in instance.people.indices {
            for session in better(place, instance, shares) where instance.choice(shares.at(session) + [place], at: session).contains(place)
            {
                return "\(session) would rather have \(place), and \(place) it"
            }
        }
        return nil
    }

    /// A6: nobody envies who comes later in the same pass (`order`), or who has no better number and no other floors (`local`).
    static func noEnvy(_ instance: Instance, _ shares: Shares) -> String? {
        let reserved = OrderReference(instance).winners().reserved
        for other in shares.placed {
            guard let session = shares.sessions[other] else { continue }
            for place in instance.people.indices where better(place, instance, shares).contains(session) {
                switch instance.mode {
                case .order:
                    var isSamePass = shares.phases[place] == shares.phases[other]
                    if case .floorFirst = shares.phases[place], reserved.contains(place) != reserved.contains(other) { isSamePass = false }
                    if isSamePass, place < other, !isCapped(place, instance, shares) { return "\(place) envies \(other)" }
                case .local:
                    let order = instance.inOrder([place, other], at: session)
                    if order[0] == place, instance.floorMask(other) & ~instance.floorMask(place) == 0 { return "\(place) envies \(other)" }
                }
            }
        }
        return nil
    }

    /// A8, what holds of it: while places are left nobody without one could fill another reserved place where there is a seat.
    static func floorsAreMaximal(_ instance: Instance, _ shares: Shares) -> String? {
        if shares.placed.count == instance.places { return nil }
        let placed = shares.placed.map { instance.floorMask($0) }
        let filled = BruteForce.rank(placed, instance.floorSizes)
        for place in instance.people.indices where shares.sessions[place] == nil && !isCapped(place, instance, shares) {
            let isOpen = instance.people[place].wishes.contains { shares.at($0).count < instance.sessions[$0].capacity }
            if isOpen, BruteForce.rank(placed + [instance.floorMask(place)], instance.floorSizes) > filled {
                return "\(place) would fill a reserved place"
            }
        }
        return nil
    }
}
