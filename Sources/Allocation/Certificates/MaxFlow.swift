/// The largest flow from one node of a network to another, by Dinic's algorithm: level graphs, blocking flows, arcs in flat arrays.
///
/// It knows nothing of floors and sessions, so what it says of a sharing out is independent of the rule that made it.
package struct MaxFlow {
    private var heads: [Int32]
    /// Arcs in pairs: an arc and the way back.
    private var targets: [Int32] = []
    private var capacities: [Int32] = []
    private var following: [Int32] = []
    private var levels: [Int32]

    package init(nodeCount: Int, arcCount: Int = 0) {
        heads = [Int32](repeating: -1, count: nodeCount)
        levels = []
        targets.reserveCapacity(2 * arcCount)
        capacities.reserveCapacity(2 * arcCount)
        following.reserveCapacity(2 * arcCount)
    }

    package mutating func connect(_ from: Int, _ to: Int, capacity: Int) {
        add(from, to, Int32(clamping: capacity))
        add(to, from, 0)
    }

    private mutating func add(_ from: Int, _ to: Int, _ capacity: Int32) {
        following.append(heads[from])
        heads[from] = Int32(truncatingIfNeeded: targets.count)
        targets.append(Int32(truncatingIfNeeded: to))
        capacities.append(capacity)
    }

    /// Sends as much as there is room for; a second call finds nothing more.
    package mutating func run(from source: Int, to sink: Int) -> Int {
        var total = 0
        while findLevels(source, sink) {
            var current = heads
            while true {
                let sent = push(source, sink, &current)
                if sent == 0 { break }
                total += sent
            }
        }
        return total
    }

    private mutating func findLevels(_ source: Int, _ sink: Int) -> Bool {
        levels = [Int32](repeating: -1, count: heads.count)
        levels[source] = 0
        var queue = [Int32(source)]
        var next = 0
        while next < queue.count {
            let node = Int(queue[next])
            next += 1
            var arc = heads[node]
            while arc >= 0 {
                let target = Int(targets[Int(arc)])
                if capacities[Int(arc)] > 0, levels[target] < 0 {
                    levels[target] = levels[node] + 1
                    if target == sink { return true }
                    queue.append(Int32(target))
                }
                arc = following[Int(arc)]
            }
        }
        return false
    }

    /// One path to the sink along rising levels, without recursion: a path may be as long as there are sessions.
    private mutating func push(_ source: Int, _ sink: Int, _ current: inout [Int32]) -> Int {
        var path: [Int32] = []
        var node = source
        while node != sink {
            var arc = current[node]
            while arc >= 0, capacities[Int(arc)] == 0 || levels[Int(targets[Int(arc)])] != levels[node] + 1 { arc = following[Int(arc)] }
            current[node] = arc
            if arc >= 0 {
                path.append(arc)
                node = Int(targets[Int(arc)])
            } else {
                // A dead end: never come here again in this round.
                guard let last = path.popLast() else { return 0 }
                levels[node] = -1
                node = Int(targets[Int(last ^ 1)])
            }
        }
        let amount = path.reduce(Int32.max) { min($0, capacities[Int($1)]) }
        for arc in path {
            capacities[Int(arc)] -= amount
            capacities[Int(arc ^ 1)] += amount
        }
        return Int(amount)
    }
}
