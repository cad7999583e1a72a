/// Splits a program's floors over its sessions before anybody applies, by a rule that nobody's wishes touch: largest remainder on capacity
/// (Hamilton), ties to the session listed first.
package enum Apportionment {
    /// - Returns: as many parts as there are weights; they add up to `total`, unless all weights are 0.
    package static func split(_ total: Int, by weights: [Int]) -> [Int] {
        let sum = weights.reduce(0, +)
        guard sum > 0 else { return weights.map { _ in 0 } }
        var parts = weights.map { total.multipliedFullWidth(by: $0) }.map { sum.dividingFullWidth($0).quotient }
        let remainders = weights.map { sum.dividingFullWidth(total.multipliedFullWidth(by: $0)).remainder }
        let missing = total - parts.reduce(0, +)
        let next = weights.indices.sorted { remainders[$0] != remainders[$1] ? remainders[$0] > remainders[$1] : $0 < $1 }
        for index in next.prefix(missing) { parts[index] += 1 }
        return parts
    }

    /// Seats promised to each floor at each session: by session, in the order of the floor table.
    package static func floorSizes(_ floors: FloorTable, _ sessions: [Session]) -> [[Int]] {
        let capacities = sessions.map(\.capacity)
        let parts = floors.floors.map { split($0.size, by: capacities) }
        return sessions.indices.map { session in
            let own = sessions[session].floorSizes
            return floors.floors.indices.map { own.isEmpty ? parts[$0][session] : own[floors.listed[$0]] }
        }
    }
}
