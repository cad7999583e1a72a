import Crypto

/// A set of positive numbers, such as ids of members, in order: 8 bytes each in memory, 1 to 3 on the wire.
package struct NumberSet: Hashable, Sendable {
    package private(set) var numbers: [Int64]

    package init() {
        numbers = []
    }

    package init(_ numbers: some Sequence<Int64>) {
        self.numbers = Array(Set(numbers)).sorted()
    }

    package var count: Int { numbers.count }

    package func contains(_ number: Int64) -> Bool {
        let position = Self.position(of: number, in: numbers)
        return position < numbers.count && numbers[position] == number
    }

    private static func position(of number: Int64, in numbers: [Int64]) -> Int {
        var (low, high) = (0, numbers.count)
        while low < high {
            let middle = (low + high) / 2
            if numbers[middle] < number { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// Puts `added` in and takes `removed` out; a number in both is in.
    package mutating func change(adding added: NumberSet, removing removed: NumberSet) {
        var merged: [Int64] = []
        merged.reserveCapacity(numbers.count + added.count)
        var (own, new) = (numbers[...], added.numbers[...])
        while let next = [own.first, new.first].compactMap({ $0 }).min() {
            let isNew = new.first == next
            if own.first == next { own.removeFirst() }
            if isNew { new.removeFirst() }
            if isNew || !removed.contains(next) { merged.append(next) }
        }
        numbers = merged
    }

    // MARK: On the wire

    /// The distances from number to number, each in groups of seven bits, the lowest first, the last one without the high bit (LEB128).
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(2 * numbers.count)
        var last: Int64 = 0
        for number in numbers {
            var distance = UInt64(bitPattern: number &- last)
            last = number
            while distance > 0x7F {
                bytes.append(UInt8(truncatingIfNeeded: distance) | 0x80)
                distance >>= 7
            }
            bytes.append(UInt8(distance))
        }
        return bytes
    }

    /// Nil for what `bytes` never gives.
    package init?(bytes: [UInt8]) {
        var numbers: [Int64] = []
        var last: Int64 = 0
        var distance: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            guard shift < 63 else { return nil }
            distance |= UInt64(byte & 0x7F) << shift
            shift += 7
            if byte & 0x80 != 0 { continue }
            guard distance > 0, distance <= UInt64(Int64.max - last) else { return nil }
            last += Int64(distance)
            numbers.append(last)
            (distance, shift) = (0, 0)
        }
        guard shift == 0 else { return nil }
        self.numbers = numbers
    }

    /// One word for the whole set: the exclusive or of every number's. With `kind` sets of different kinds add up to one word.
    ///
    /// It tells a set that went out of step, not one that was forged: whoever could forge it could forge the word too.
    package func digest(kind: String) -> UInt64 {
        numbers.reduce(0) { $0 ^ Self.digest(of: $1, kind: kind) }
    }

    /// The first 8 bytes, big endian, of SHA-256 of `kind:number`.
    package static func digest(of number: Int64, kind: String) -> UInt64 {
        SHA256.hash(Array("\(kind):\(number)".utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
