import Allocation

/// What the engine computes cleverly, computed plainly.
enum BruteForce {
    /// How many reserved places the people can fill, everybody counting for one floor: by augmenting paths.
    static func rank(_ masks: [UInt8], _ sizes: [Int]) -> Int {
        var holders = sizes.map { _ in [Int]() }
        var unvisited: UInt8 = .max
        func seat(_ person: Int) -> Bool {
            for floor in sizes.indices where (masks[person] & unvisited) >> UInt8(floor) & 1 != 0 && sizes[floor] > 0 {
                unvisited &= ~(1 << UInt8(floor))
                if holders[floor].count < sizes[floor] {
                    holders[floor].append(person)
                    return true
                }
                for (index, holder) in holders[floor].enumerated() where seat(holder) {
                    holders[floor][index] = person
                    return true
                }
            }
            return false
        }
        return masks.indices.count { person in
            unvisited = .max
            return seat(person)
        }
    }

    /// Of people in their order: the set of at most `quota` that fills most reserved places; of those the largest; of those the first by
    /// the order of the people. Looks at every set.
    static func choose(_ masks: [UInt8], quota: Int, sizes: [Int]) -> [Int] {
        var best = (rank: -1, count: -1, code: -1)
        for code in 0..<1 << masks.count where code.nonzeroBitCount <= quota {
            // The first person is the highest bit, so that of two codes the higher one is the better.
            let found = (rank: rank(members(code, masks.count).map { masks[$0] }, sizes), count: code.nonzeroBitCount, code: code)
            if found > best { best = found }
        }
        return members(best.code, masks.count)
    }

    private static func members(_ code: Int, _ count: Int) -> [Int] { (0..<count).filter { code >> (count - 1 - $0) & 1 != 0 } }

    /// Every list that somebody could hand in instead: all orders of all non-empty sets of sessions.
    static func lists(_ sessions: [Int]) -> [[Int]] {
        sessions.flatMap { first in
            [[first]] + lists(sessions.filter { $0 != first }).map { [first] + $0 }
        }
    }

    static func permutations<Element>(_ elements: [Element]) -> [[Element]] {
        if elements.isEmpty { return [[]] }
        return elements.indices.flatMap { index in
            var rest = elements
            let first = rest.remove(at: index)
            return permutations(rest).map { [first] + $0 }
        }
    }

    /// Every way to give each person one of the sessions on the list or none.
    static func assignments(_ lists: [[Int]], _ capacities: [Int]) -> [[Int?]] {
        guard let first = lists.first else { return [[]] }
        let rest = Array(lists.dropFirst())
        let options: [Int?] = [nil] + first.map { .some($0) }
        return options.flatMap { option -> [[Int?]] in
            var left = capacities
            if let option {
                if left[option] == 0 { return [] }
                left[option] -= 1
            }
            return assignments(rest, left).map { [option] + $0 }
        }
    }

    /// The most that can be sent from the first node to the last: as many steps of one unit along any path as there are (Ford and
    /// Fulkerson).
    static func flow(_ arcs: [(from: Int, to: Int, capacity: Int)], nodeCount: Int) -> Int {
        var left = Array(repeating: Array(repeating: 0, count: nodeCount), count: nodeCount)
        for arc in arcs { left[arc.from][arc.to] += arc.capacity }
        var visited: Set<Int> = []
        func send(_ node: Int) -> Bool {
            if node == nodeCount - 1 { return true }
            for next in 0..<nodeCount where left[node][next] > 0 && visited.insert(next).inserted && send(next) {
                left[node][next] -= 1
                left[next][node] += 1
                return true
            }
            return false
        }
        var total = 0
        repeat {
            visited = [0]
            total += 1
        } while send(0)
        return total - 1
    }
}

extension Instance {
    /// Reserved seats of one session by floor as listed: its own, or the shares of largest remainders.
    func sessionFloorSizes(_ session: Int) -> [Int] {
        if !sessions[session].floorSizes.isEmpty { return sessions[session].floorSizes }
        let seats = sessions.reduce(0) { $0 + $1.capacity }
        return floors.map { floor in
            let parts = sessions.map { floor.size * $0.capacity / seats }
            let remainders = sessions.map { floor.size * $0.capacity % seats }
            let missing = floor.size - parts.reduce(0, +)
            let before = sessions.indices.count {
                remainders[$0] > remainders[session] || remainders[$0] == remainders[session] && $0 < session
            }
            return parts[session] + (before < missing ? 1 : 0)
        }
    }

    /// People in a session's own order: those of its area first.
    func inOrder(_ people: [Int], at session: Int) -> [Int] {
        let isLocal = { (place: Int) in sessions[session].area.map { $0 == self.people[place].area } ?? false }
        return people.filter(isLocal).sorted() + people.filter { !isLocal($0) }.sorted()
    }

    /// Whom the session would choose of these people.
    func choice(_ people: [Int], at session: Int) -> Set<Int> {
        let ordered = inOrder(people, at: session)
        let chosen = BruteForce.choose(
            ordered.map { floorMask($0) }, quota: sessions[session].capacity, sizes: sessionFloorSizes(session))
        return Set(chosen.map { ordered[$0] })
    }
}
