/// Finds names by their bytes: a hash table with open addressing over flat arrays, so that looking one up allocates nothing.
struct NameTable: Sendable {
    private var slots: [Int32]
    private var bounds: [Int32] = [0]
    private var bytes: [UInt8] = []
    private(set) var count = 0

    /// - Parameter capacity: how many names it will hold, about.
    init(capacity: Int = 64) {
        var size = 64
        while size < capacity * 2 { size *= 2 }
        slots = [Int32](repeating: -1, count: size)
    }

    init(_ names: [String]) {
        self.init(capacity: names.count)
        for name in names {
            let name = Array(name.utf8)
            _ = insert(name.span, 0, name.count)
        }
    }

    /// The index of the name that stands at these bytes; nil: unknown.
    func find(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int? {
        let mask = slots.count - 1
        var slot = Self.hash(span, start, end) & mask
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if equals(index, span, start, end) { return index }
            slot = (slot + 1) & mask
        }
        return nil
    }

    /// The name's index, a new one if it was unknown.
    mutating func insert(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> (index: Int, isNew: Bool) {
        if let index = find(span, start, end) { return (index, false) }
        for index in start..<end { bytes.append(span[index]) }
        bounds.append(Int32(bytes.count))
        count += 1
        if count * 2 > slots.count { grow() } else { place(count - 1) }
        return (count - 1, true)
    }

    private func equals(_ index: Int, _ span: Span<UInt8>, _ start: Int, _ end: Int) -> Bool {
        let own = Int(bounds[index])
        guard Int(bounds[index + 1]) - own == end - start else { return false }
        for offset in 0..<end - start where bytes[own + offset] != span[start + offset] { return false }
        return true
    }

    private mutating func grow() {
        slots = [Int32](repeating: -1, count: slots.count * 2)
        for index in 0..<count { place(index) }
    }

    private mutating func place(_ index: Int) {
        let mask = slots.count - 1
        var slot = Self.hash(bytes.span, Int(bounds[index]), Int(bounds[index + 1])) & mask
        while slots[slot] >= 0 { slot = (slot + 1) & mask }
        slots[slot] = Int32(index)
    }

    /// FNV-1a, its upper half folded into the lower, which picks the slot.
    private static func hash(_ span: Span<UInt8>, _ start: Int, _ end: Int) -> Int {
        var value: UInt64 = 0xCBF2_9CE4_8422_2325
        for index in start..<end { value = (value ^ UInt64(span[index])) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: (value ^ value >> 32) & 0x7FFF_FFFF)
    }
}
