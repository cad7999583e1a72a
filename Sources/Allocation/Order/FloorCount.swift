/// How many reserved places a set of people can fill when everybody counts for one floor only, kept while people come and go.
///
/// This is the rank of a transversal matroid. By König's theorem it is, over all sets A of floors, the least of
/// `sum of A's sizes + number of people who belong to a floor outside of A`; with up to eight floors all 2^K sums are simply kept, which
/// costs 2^K additions a change and no search. The sets that attain the least are closed under union and intersection (the sum is
/// submodular):
/// - whoever belongs only to floors inside the largest of them adds nothing, for that floor set is full ("Hall-tight");
/// - whoever belongs only to floors inside the smallest of them is not missed when leaving.
package struct FloorCount: Sendable {
    /// More places than there can be people; larger floors count as this large, so that no sum overflows.
    private static let sizeMax = 1 << 27

    /// By set of floors.
    private var sums: [Int32]
    /// Places filled.
    package private(set) var rank: Int
    /// The union of the sets that attain the rank.
    private var fullFloors = 0
    /// Their intersection.
    private var sparedFloors = 0

    /// - Parameter sizes: places of each floor, at most eight.
    package init(sizes: [Int]) {
        sums = (0..<1 << sizes.count).map { set in
            sizes.indices.reduce(0) { $0 + (set >> $1 & 1 != 0 ? Int32(min(sizes[$1], Self.sizeMax)) : 0) }
        }
        rank = 0
        refresh()
    }

    /// Whether one more person of these floors fills one more place.
    package func isRaised(by mask: UInt8) -> Bool { Int(mask) & ~fullFloors != 0 }

    /// Whether the rank stays when one person of these floors, who is counted, leaves.
    package func isKept(without mask: UInt8) -> Bool { Int(mask) & ~sparedFloors == 0 }

    /// Whether every place of every floor is filled.
    package var isFull: Bool { fullFloors == sums.count - 1 }

    package mutating func add(_ mask: UInt8) { change(mask, by: 1) }

    package mutating func remove(_ mask: UInt8) { change(mask, by: -1) }

    /// The floors (bits) among which there is a shortage nobody who belongs to them alone could mend.
    package var full: UInt8 { UInt8(truncatingIfNeeded: fullFloors) }

    private mutating func change(_ mask: UInt8, by step: Int32) {
        if mask == 0 { return }
        let mask = Int(mask)
        for set in sums.indices where mask & ~set != 0 { sums[set] += step }
        refresh()
    }

    private mutating func refresh() {
        var least = Int32.max
        var union = 0
        var intersection = 0
        for set in sums.indices {
            let sum = sums[set]
            if sum < least {
                (least, union, intersection) = (sum, set, set)
            } else if sum == least {
                union |= set
                intersection &= set
            }
        }
        rank = Int(least)
        fullFloors = union
        sparedFloors = intersection
    }
}
