/// One session's seats while applicants come: it keeps whom its choice rule would choose of all who ever came.
///
/// Whoever comes is taken in; when that is one too many, the last in its order leaves whose leaving loses no reserved seat. People of the
/// same floors are alike to the floors, so only the last of each such kind needs to be looked at.
struct SessionSeats {
    /// Those here who belong to the same floors.
    private struct Kind {
        let mask: UInt8
        /// Number in the session's order, then the place, as one: a heap whose first element is the last in the order.
        var held: [UInt64] = []
        /// The best number that was ever turned away: whoever is of this kind and comes later with a worse one is, too, since a session
        /// that is offered more never takes back whom it refused (the choice rule is substitutable).
        var cutoff = UInt32.max
    }

    private let capacity: Int
    private(set) var count = 0
    private var filled: FloorCount
    private var kinds: [Kind] = []

    init(capacity: Int, floorSizes: [Int]) {
        self.capacity = capacity
        filled = FloorCount(sizes: floorSizes)
    }

    /// Reserved seats that are filled.
    var rank: Int { min(filled.rank, capacity) }

    /// The number of the last one here of these floors.
    func last(_ mask: UInt8) -> UInt32? {
        kinds.first { $0.mask == mask }?.held.first.map { UInt32(truncatingIfNeeded: $0 >> 32) }
    }

    /// - Returns: who has no seat in the end: nil, the one who came, or one who had a seat before.
    mutating func offer(_ place: Int, _ number: UInt32, _ mask: UInt8) -> Int? {
        let kind = index(of: mask)
        if number > kinds[kind].cutoff { return place }
        kinds[kind].held.pushLast(UInt64(number) << 32 | UInt64(place))
        filled.add(mask)
        count += 1
        if count <= capacity { return nil }
        let isSpare = filled.rank > capacity
        var leaving = kind
        var worst: UInt64?
        for index in kinds.indices {
            guard let last = kinds[index].held.first, isSpare || filled.isKept(without: kinds[index].mask) else { continue }
            if worst.map({ last > $0 }) ?? true { (leaving, worst) = (index, last) }
        }
        // Somebody can always leave: with more people than reserved seats filled, not everybody is needed for them.
        guard let worst else { preconditionFailure("one of more people than seats can leave without loss") }
        kinds[leaving].held.popLargest()
        kinds[leaving].cutoff = min(kinds[leaving].cutoff, UInt32(truncatingIfNeeded: worst >> 32))
        filled.remove(kinds[leaving].mask)
        count -= 1
        return Int(worst & 0xFFFF_FFFF)
    }

    private mutating func index(of mask: UInt8) -> Int {
        for index in kinds.indices where kinds[index].mask == mask { return index }
        kinds.append(Kind(mask: mask))
        return kinds.count - 1
    }
}

/// A binary heap with the largest element first.
extension [UInt64] {
    fileprivate mutating func pushLast(_ element: UInt64) {
        append(element)
        var child = count - 1
        while child > 0 {
            let parent = (child - 1) / 2
            if self[parent] >= self[child] { break }
            swapAt(parent, child)
            child = parent
        }
    }

    fileprivate mutating func popLargest() {
        swapAt(0, count - 1)
        removeLast()
        var parent = 0
        while true {
            var largest = 2 * parent + 1
            if largest >= count { break }
            if largest + 1 < count, self[largest + 1] > self[largest] { largest += 1 }
            if self[parent] >= self[largest] { break }
            swapAt(parent, largest)
            parent = largest
        }
    }
}
