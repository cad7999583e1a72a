/// How often a station was visited and for how long: sums, so that those of two times or places add up.
package struct VisitFigures: Hashable, Sendable {
    package var entries: Int64 = 0
    /// Exits that somebody made.
    package var exits: Int64 = 0
    /// Exits that the night made for those who showed none.
    package var automaticExits: Int64 = 0
    package var refused: Int64 = 0
    package var dwells = Dwells()

    /// How long those stayed whose entry and exit are both known.
    package struct Dwells: Hashable, Sendable {
        package var count: Int64 = 0
        package var seconds: Int64 = 0
        /// Counts by length: at each index those shorter than `bounds` there and not shorter than the bound before; last those beyond.
        package var buckets = [Int64](repeating: 0, count: bounds.count + 1)

        /// In seconds.
        package static let bounds: [Int64] = [300, 600, 1_200, 1_800, 2_700, 3_600, 5_400, 7_200, 14_400, 28_800]

        /// Nil of none.
        package var meanSeconds: Int64? { count > 0 ? seconds / count : nil }

        /// The length that `share` of the stays did not exceed, as near as the buckets tell: evenly spread within each; 28,800 for all
        /// beyond the last bound. Nil of none.
        /// - Parameter share: above 0, at most 1.
        package func percentileSeconds(_ share: Double) -> Int64? {
            // A bucket below zero is an annulled exit of another time.
            let counts = buckets.map { max(0, $0) }
            let total = counts.reduce(0, +)
            guard total > 0 else { return nil }
            let rank = share * Double(total)
            var before: Int64 = 0
            var lower: Int64 = 0
            for (count, upper) in zip(counts, Self.bounds) {
                if count > 0, Double(before + count) >= rank {
                    let part = max(0, rank - Double(before)) / Double(count)
                    return lower + Int64((Double(upper - lower) * part).rounded())
                }
                before += count
                lower = upper
            }
            return lower
        }
    }

    package static func + (left: Self, right: Self) -> Self {
        var sum = left
        sum.entries += right.entries
        sum.exits += right.exits
        sum.automaticExits += right.automaticExits
        sum.refused += right.refused
        sum.dwells.count += right.dwells.count
        sum.dwells.seconds += right.dwells.seconds
        for index in sum.dwells.buckets.indices { sum.dwells.buckets[index] += right.dwells.buckets[index] }
        return sum
    }
}
