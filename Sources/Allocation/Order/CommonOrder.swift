/// The one order in which everybody is called: class, then more points, then the lottery's lower number, then the ticket.
package struct CommonOrder: Sendable {
    /// Rows of the applicants who may have something, who goes first first.
    package let rows: [UInt32]
    /// The lottery's numbers by row.
    package let lotteryHigh: [UInt64]
    package let lotteryLow: [UInt64]

    /// - Parameter numbers: the lottery's, by row.
    package init(_ applicants: Applicants, numbers: (high: [UInt64], low: [UInt64])) {
        lotteryHigh = numbers.high
        lotteryLow = numbers.low
        rows = Self.sorted(applicants, numbers.high, numbers.low)
    }

    package init(_ applicants: Applicants, lottery: Lottery, program: String) {
        self.init(applicants, numbers: lottery.numbers(of: applicants.tickets, program: program))
    }

    package func number(of row: Int) -> Lottery.Number { Lottery.Number(high: lotteryHigh[row], low: lotteryLow[row]) }

    /// Sorts by the first 48 bits of the lottery's numbers, then by points, then by class, each time keeping the order before: digits of 16
    /// bits, and a digit that all have alike is passed over. What 48 bits leave equal is told apart by the rest of the number and the
    /// ticket.
    private static func sorted(_ applicants: Applicants, _ high: [UInt64], _ low: [UInt64]) -> [UInt32] {
        var rows: [UInt32] = []
        rows.reserveCapacity(applicants.count)
        for row in 0..<applicants.count where applicants.exclusions[row] == 0 { rows.append(UInt32(truncatingIfNeeded: row)) }
        let classes = applicants.classes.span
        let points = applicants.points.span
        var sorter = DigitSorter(rows)
        sorter.sortByFirst48Bits(high)
        for shift in [0, 16] as [UInt32] {
            sorter.sort(points) { ~UInt16(truncatingIfNeeded: $0 >> shift) }
        }
        sorter.sort(classes) { $0 }
        rows = sorter.finish()

        func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
            let (left, right) = (Int(left), Int(right))
            if high[left] != high[right] { return high[left] < high[right] }
            if low[left] != low[right] { return low[left] < low[right] }
            return applicants.tickets[left] < applicants.tickets[right]
        }
        func isTied(_ left: UInt32, _ right: UInt32) -> Bool {
            let (left, right) = (Int(left), Int(right))
            return high[left] >> 16 == high[right] >> 16 && points[left] == points[right] && classes[left] == classes[right]
        }
        var start = 0
        while start + 1 < rows.count {
            var end = start + 1
            while end < rows.count, isTied(rows[start], rows[end]) { end += 1 }
            if end - start > 1 { rows[start..<end].sort(by: precedes) }
            start = end
        }
        return rows
    }
}

/// A radix sort of row numbers by 16-bit digits, the least one first; stable.
private struct DigitSorter {
    private var rows: [UInt32]
    private var other: [UInt32]
    private var counts = [Int](repeating: 0, count: 65_536)

    init(_ rows: [UInt32]) {
        self.rows = rows
        other = [UInt32](repeating: 0, count: rows.count)
    }

    /// By the first 48 bits of long keys, which are moved along with the rows: to look each up by its row costs a miss of the cache.
    mutating func sortByFirst48Bits(_ keys: [UInt64]) {
        var own = rows.map { keys[Int($0)] }
        var moved = [UInt64](repeating: 0, count: own.count)
        for shift in [16, 32, 48] as [UInt64] {
            guard count(own.span, { UInt16(truncatingIfNeeded: $0 >> shift) }) else { continue }
            for index in own.indices {
                let place = Int(UInt16(truncatingIfNeeded: own[index] >> shift))
                other[counts[place]] = rows[index]
                moved[counts[place]] = own[index]
                counts[place] += 1
            }
            swap(&rows, &other)
            swap(&own, &moved)
        }
    }

    /// By short keys, found by row.
    mutating func sort<Key>(_ keys: Span<Key>, digit: (Key) -> UInt16) {
        for index in counts.indices { counts[index] = 0 }
        for row in rows { counts[Int(digit(keys[Int(row)]))] += 1 }
        guard makeStarts() else { return }
        for row in rows {
            let place = Int(digit(keys[Int(row)]))
            other[counts[place]] = row
            counts[place] += 1
        }
        swap(&rows, &other)
    }

    /// Counts the digits and turns the counts into starts; false when all have the same digit.
    private mutating func count(_ keys: Span<UInt64>, _ digit: (UInt64) -> UInt16) -> Bool {
        for index in counts.indices { counts[index] = 0 }
        for index in 0..<keys.count { counts[Int(digit(keys[index]))] += 1 }
        return makeStarts()
    }

    private mutating func makeStarts() -> Bool {
        var start = 0
        for index in counts.indices {
            let count = counts[index]
            if count == rows.count { return false }
            counts[index] = start
            start += count
        }
        return true
    }

    consuming func finish() -> [UInt32] { rows }
}
