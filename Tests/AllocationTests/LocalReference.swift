import Allocation

/// Mode `local` in rounds: all who are not held propose at once to the next on their list, each session chooses by brute force among those
/// it holds and those who come; and the same with one mistake made on purpose.
enum LocalReference {
    enum Mistake: CaseIterable {
        /// Whoever a session has taken it keeps, whoever comes later.
        case immediateAcceptance
        /// Nobody counts as spare when floors are larger than the session.
        case withoutSpare
        /// Open seats are given before reserved ones.
        case openFirst
    }

    /// Whom a session keeps of those it holds and those who come.
    typealias Choose = (_ session: Int, _ held: [Int], _ coming: [Int]) -> [Int]

    static func rule(_ mistake: Mistake?) -> Rule {
        { instance in
            Shares(
                run(instance.people.map(\.wishes), sessionCount: instance.sessions.count) { session, held, coming in
                    choose(instance, mistake, session, held, coming)
                })
        }
    }

    /// Deferred acceptance with any choice.
    static func run(_ wishes: [[Int]], sessionCount: Int, _ choose: Choose) -> [Int?] {
        var next = wishes.map { _ in 0 }
        var held = (0..<sessionCount).map { _ in [Int]() }
        while true {
            var coming = held.map { _ in [Int]() }
            for place in wishes.indices where !held.contains(where: { $0.contains(place) }) && next[place] < wishes[place].count {
                coming[wishes[place][next[place]]].append(place)
                next[place] += 1
            }
            if coming.allSatisfy(\.isEmpty) { break }
            for session in held.indices { held[session] = choose(session, held[session], coming[session]) }
        }
        return wishes.indices.map { place in held.firstIndex { $0.contains(place) } }
    }

    private static func choose(
        _ instance: Instance, _ mistake: Mistake?, _ session: Int, _ held: [Int], _ coming: [Int]
    ) -> [Int] {
        let capacity = instance.sessions[session].capacity
        let sizes = instance.sessionFloorSizes(session)
        switch mistake {
        case nil: return Array(instance.choice(held + coming, at: session))
        case .immediateAcceptance:
            return held + instance.inOrder(coming, at: session).prefix(capacity - held.count)
        case .withoutSpare:
            var here = held
            for place in instance.inOrder(coming, at: session) {
                here.append(place)
                if here.count <= capacity { continue }
                let rank = BruteForce.rank(here.map { instance.floorMask($0) }, sizes)
                let ordered = instance.inOrder(here, at: session)
                let leaving = ordered.last { person in
                    BruteForce.rank(here.filter { $0 != person }.map { instance.floorMask($0) }, sizes) == rank
                }
                here.removeAll { $0 == leaving ?? place }
            }
            return here
        case .openFirst:
            let ordered = instance.inOrder(held + coming, at: session)
            var here = Array(ordered.prefix(max(0, capacity - sizes.reduce(0, +))))
            for (floor, size) in sizes.enumerated() {
                let members = ordered.filter { !here.contains($0) && instance.floorMask($0) >> UInt8(floor) & 1 != 0 }
                here += members.prefix(min(size, capacity - here.count))
            }
            return here + ordered.filter { !here.contains($0) }.prefix(capacity - here.count)
        }
    }
}

extension Shares {
    /// Of mode `local`: everybody's call is the place.
    init(_ sessions: [Int?]) {
        self.init(count: sessions.count)
        self.sessions = sessions
        positions = Array(1..<sessions.count + 1)
        phases = Array(repeating: .session, count: sessions.count)
    }
}
