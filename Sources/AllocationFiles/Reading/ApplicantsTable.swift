import Allocation

/// The file of applicants: one row each, columns and rows in any order, only `ticket` and `wishes` needed.
struct ApplicantsTable {
    enum Column: String, CaseIterable { case ticket, `class`, points, groups, organization, area, exclusion, wishes }

    /// By rising ticket: so the order of the rows means nothing.
    private(set) var applicants = Applicants()
    /// The line of each.
    private(set) var lines: [UInt32] = []
    /// The texts of the exclusions: the applicants' number 1 means the first.
    private(set) var exclusions: [String] = []

    /// - Parameter progress: is told the part read, 0 to 1, and how many rows.
    init(
        _ file: String, _ rows: Rows, _ program: Program, _ sessions: NameTable, progress: (Double, Int) -> Void = { _, _ in }
    ) throws(FileFaults) {
        var table = try Table<Column>(file, rows, needed: [.ticket, .wishes])
        var read = Read(groups: NameTable(program.groups), sessions: sessions)
        let first = table.rows.offset
        read.reserve(table.rows.bytes.count - first)
        while table.next() {
            read.row(&table)
            if read.tickets.count & 0xFFFF == 0 {
                progress(Double(table.rows.offset - first) / Double(table.rows.bytes.count - first), read.tickets.count)
            }
        }
        exclusions = read.exclusionTexts
        let order = sortedByTicket(read.tickets)
        for (earlier, later) in zip(order, order.dropFirst()) where read.tickets[Int(earlier)] == read.tickets[Int(later)] {
            let ticket = Ticket(rawValue: read.tickets[Int(later)]).description
            let (line, other) = (Int(read.lines[Int(later)]), read.lines[Int(earlier)])
            if read.tickets[Int(later)] == 0 { continue }
            table.faults.add {
                FileFault(.rule(.ticketTwice), file: file, line: line, field: "ticket", detail: "\(ticket), \(file):\(other)")
            }
        }
        try table.faults.check()
        progress(1, read.tickets.count)
        lines = order.map { read.lines[Int($0)] }
        applicants = read.applicants(order)
    }
}

/// What was read so far, as flat arrays in the order of the rows.
private struct Read {
    private(set) var tickets: [UInt64] = []
    private(set) var lines: [UInt32] = []
    private(set) var exclusionTexts: [String] = []

    private var classes: [UInt16] = []
    private var points: [UInt32] = []
    private var masks: [UInt8] = []
    private var organizations: [UInt32] = []
    private var areas: [UInt32] = []
    private var exclusions: [UInt8] = []
    /// Of all rows, one after the other, and where each row's end.
    private var wishes: [UInt16] = []
    private var wishEnds: [UInt32] = []
    private var wishMax = 1

    private let groups: NameTable
    private let sessions: NameTable
    private var exclusionNames = NameTable()

    init(groups: NameTable, sessions: NameTable) {
        self.groups = groups
        self.sessions = sessions
    }

    /// - Parameter byteCount: of the rows to come.
    mutating func reserve(_ byteCount: Int) {
        let count = byteCount / 32
        tickets.reserveCapacity(count)
        lines.reserveCapacity(count)
        classes.reserveCapacity(count)
        points.reserveCapacity(count)
        masks.reserveCapacity(count)
        organizations.reserveCapacity(count)
        areas.reserveCapacity(count)
        exclusions.reserveCapacity(count)
        wishEnds.reserveCapacity(count)
        wishes.reserveCapacity(count * 5)
    }

    mutating func row(_ table: inout Table<ApplicantsTable.Column>) {
        var ticket: UInt64 = 0
        var (priority, score, mask, organization, area, exclusion) = (1, 0, UInt8(0), 0, Int(UInt32.max), UInt8(0))
        for index in table.columns.indices {
            switch table.columns[index] {
            case .ticket: ticket = self.ticket(&table, index)
            case .wishes: wished(&table, index)
            case let column where table.isEmpty(index) || column == .ticket: continue
            case .class: priority = table.number(index, 1...Int(UInt16.max)) ?? priority
            case .points: score = table.number(index, 0...Int(UInt32.max)) ?? score
            case .groups: mask = grouped(&table, index)
            case .organization: organization = table.number(index, 0...Int(UInt32.max)) ?? organization
            case .area: area = table.number(index, 0...Int(UInt32.max) - 1) ?? area
            case .exclusion: exclusion = excluded(&table, index)
            }
        }
        tickets.append(ticket)
        lines.append(UInt32(truncatingIfNeeded: table.rows.line))
        classes.append(UInt16(truncatingIfNeeded: priority))
        points.append(UInt32(truncatingIfNeeded: score))
        masks.append(mask)
        organizations.append(UInt32(truncatingIfNeeded: organization))
        areas.append(UInt32(truncatingIfNeeded: area))
        exclusions.append(exclusion)
        wishEnds.append(UInt32(truncatingIfNeeded: wishes.count))
    }

    /// 0 after noting that it is no ticket.
    private func ticket(_ table: inout Table<ApplicantsTable.Column>, _ index: Int) -> UInt64 {
        let (start, end) = (table.start(index), table.end(index))
        var value: UInt64 = 0
        if start < end, end - start <= 8 {
            let span = table.rows.bytes.span
            var place = start
            while place < end, Ticket.isAllowed(span[place]) {
                value = value << 8 | UInt64(span[place])
                place += 1
            }
            if place == end { return value << UInt64(8 * (8 - (end - start))) }
        }
        table.fault(.form(.ticketInvalid), index)
        return 0
    }

    private mutating func wished(_ table: inout Table<ApplicantsTable.Column>, _ index: Int) {
        let (start, end) = (table.start(index), table.end(index))
        if start == end { return table.fault(.rule(.noWish), index) }
        let first = wishes.count
        let bytes = table.rows.bytes
        let span = bytes.span
        var place = start
        var unknown: Range<Int>?
        while place <= end {
            var stop = place
            while stop < end, span[stop] != UInt8(ascii: "|") { stop += 1 }
            if let session = sessions.find(span, place, stop) {
                wishes.append(UInt16(truncatingIfNeeded: session))
            } else {
                unknown = place..<stop
                break
            }
            place = stop + 1
        }
        if let unknown {
            let name = shown(bytes[unknown])
            return table.fault(.rule(.wishUnknown), index, detail: name)
        }
        let count = wishes.count - first
        if count > Program.wishCountMax { return table.fault(.form(.tooManyWishes), index, detail: "\(count)") }
        wishMax = max(wishMax, count)
        for later in first..<wishes.count {
            for earlier in first..<later where wishes[earlier] == wishes[later] {
                let names = table.text(index).split(separator: "|")
                return table.fault(.rule(.wishTwice), index, detail: shown(names[later - first].utf8))
            }
        }
    }

    private func grouped(_ table: inout Table<ApplicantsTable.Column>, _ index: Int) -> UInt8 {
        let end = table.end(index)
        let bytes = table.rows.bytes
        let span = bytes.span
        var mask: UInt8 = 0
        var place = table.start(index)
        var (unknown, twice): (Range<Int>?, Range<Int>?) = (nil, nil)
        while place <= end {
            var stop = place
            while stop < end, span[stop] != UInt8(ascii: "|") { stop += 1 }
            guard let group = groups.find(span, place, stop) else {
                unknown = place..<stop
                break
            }
            let bit = UInt8(1) << UInt8(truncatingIfNeeded: group)
            if mask & bit != 0 { twice = place..<stop }
            mask |= bit
            place = stop + 1
        }
        if let unknown {
            table.fault(.rule(.groupUnknown), index, detail: shown(bytes[unknown]))
        } else if let twice {
            table.fault(.form(.groupTwice), index, detail: shown(bytes[twice]))
        }
        return mask
    }

    private mutating func excluded(_ table: inout Table<ApplicantsTable.Column>, _ index: Int) -> UInt8 {
        let (start, end) = (table.start(index), table.end(index))
        if let known = exclusionNames.find(table.rows.bytes.span, start, end) { return UInt8(truncatingIfNeeded: known + 1) }
        guard isName(Array(table.rows.bytes[start..<end])) else {
            table.fault(.form(.nameInvalid), index)
            return 0
        }
        guard exclusionNames.count < Int(UInt8.max) else {
            table.fault(.form(.tooManyExclusions), index)
            return 0
        }
        exclusionTexts.append(table.text(index))
        return UInt8(truncatingIfNeeded: exclusionNames.insert(table.rows.bytes.span, start, end).index + 1)
    }

    func applicants(_ order: [UInt32]) -> Applicants {
        var applicants = Applicants(wishStride: wishMax, capacity: order.count)
        for row in order {
            let row = Int(row)
            let first = row == 0 ? 0 : Int(wishEnds[row - 1])
            applicants.append(
                ticket: Ticket(rawValue: tickets[row]), class: classes[row], points: points[row], groups: masks[row],
                organization: organizations[row], area: areas[row], exclusion: exclusions[row], wishes: wishes[first..<Int(wishEnds[row])])
        }
        return applicants
    }
}

/// Row numbers by rising ticket, equal ones as they stand: a radix sort by bytes, the last first; bytes that all have alike cost one look.
func sortedByTicket(_ tickets: [UInt64]) -> [UInt32] {
    var rows = tickets.indices.map { UInt32(truncatingIfNeeded: $0) }
    if zip(tickets, tickets.dropFirst()).allSatisfy({ $0 <= $1 }) { return rows }
    var other = rows
    for shift in stride(from: 0, to: 64, by: 8) as StrideTo<UInt64> {
        var counts = [Int](repeating: 0, count: 256)
        for ticket in tickets { counts[Int(ticket >> shift & 255)] += 1 }
        if counts.contains(tickets.count) { continue }
        var start = 0
        for digit in counts.indices {
            let count = counts[digit]
            counts[digit] = start
            start += count
        }
        for row in rows {
            let digit = Int(tickets[Int(row)] >> shift & 255)
            other[counts[digit]] = row
            counts[digit] += 1
        }
        swap(&rows, &other)
    }
    return rows
}
