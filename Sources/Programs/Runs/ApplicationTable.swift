import Allocation
import Crypto

/// Why an applicant takes no part in a sharing out.
package enum RunExclusion: UInt8, CaseIterable, Sendable {
    case memberNotActive = 1
    /// Of the program's family and period, given by another program.
    case holdsBenefit
    /// Of this very program.
    case holdsPlace
    /// None of the sessions wished for has a seat to share out.
    case noSeats
    /// Of the same person, under the number that goes on after a merge.
    case otherApplication

    /// As results and audit files say it.
    package var code: String {
        switch self {
        case .memberNotActive: "member_not_active"
        case .holdsBenefit: "holds_benefit"
        case .holdsPlace: "holds_place"
        case .noSeats: "no_seats"
        case .otherApplication: "other_application"
        }
    }
}

/// Applications as flat columns, filled from COPY's binary form: about 60 bytes each.
struct ApplicationTable: Sendable {
    private(set) var tickets: [UInt64] = []
    private(set) var members: [Int64] = []
    private(set) var classes: [UInt16] = []
    private(set) var points: [UInt32] = []
    private(set) var groups: [UInt8] = []
    private(set) var organizations: [UInt32] = []
    /// `UInt32.max`: none.
    private(set) var areas: [UInt32] = []
    /// Codes of `RunExclusion`, 0 for none; in a tick of `WaitlistTick.Standing`.
    private(set) var marks: [UInt8] = []
    /// Numbers of sessions, `wishCountMax` for each; 0: no more.
    private(set) var wishes: [UInt16] = []
    /// Of results, where those were asked for: 0 for none, each.
    private(set) var places: [UInt32] = []
    private(set) var positions: [UInt32] = []
    private(set) var phases: [UInt8] = []
    private(set) var numbers: [UInt16] = []

    static let stride = Program.wishCountMax
    /// The columns of a query that fills it, in their order; `outcome` after them where results are asked for. Each column more costs
    /// PostgreSQL as much as it costs here, so what is small travels in one number.
    static let columns = "ticket, member_id, facts, organization_id, area_id, wishes"
    static let outcome = "place, position, phase, number"
    private static let (fieldCount, outcomeCount): (UInt64, UInt64) = (6, 4)

    /// The expression of `facts`: points, class, groups and mark, the highest first.
    static func facts(mark: String) -> String {
        "((points << 32) | (priority::bigint << 16) | (groups::bigint << 8) | (\(mark)))"
    }

    private static let header: [UInt8] = [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00]

    /// What came is not what COPY sends.
    struct Malformed: Error {}

    var count: Int { tickets.count }

    /// Takes a piece of the stream, which holds whole rows.
    mutating func append(_ piece: [UInt8]) throws(Malformed) {
        var reader = CopyReader(bytes: piece)
        if count == 0, piece.starts(with: Self.header) {
            // Signature, flags, the length of the header's extension and the extension.
            reader.offset = 15
            reader.offset += Int(try reader.integer(4))
        }
        while reader.offset < piece.count {
            let fields = try reader.integer(2)
            // The end of the stream.
            if fields == 0xFFFF { return }
            try row(&reader)
            switch fields {
            case Self.fieldCount: noOutcome()
            case Self.fieldCount + Self.outcomeCount: try outcome(&reader)
            default: throw Malformed()
            }
        }
    }

    private mutating func row(_ reader: inout CopyReader) throws(Malformed) {
        tickets.append(try reader.field() ?? 0)
        members.append(Int64(bitPattern: try reader.field() ?? 0))
        let facts = try reader.field() ?? 0
        points.append(UInt32(truncatingIfNeeded: facts >> 32))
        classes.append(UInt16(truncatingIfNeeded: facts >> 16))
        groups.append(UInt8(truncatingIfNeeded: facts >> 8))
        marks.append(UInt8(truncatingIfNeeded: facts))
        organizations.append(UInt32(truncatingIfNeeded: try reader.field() ?? 0))
        areas.append(try reader.field().map { UInt32(truncatingIfNeeded: $0) } ?? .max)
        try wishList(&reader)
    }

    private mutating func noOutcome() {
        places.append(0)
        positions.append(0)
        phases.append(0)
        numbers.append(0)
    }

    private mutating func outcome(_ reader: inout CopyReader) throws(Malformed) {
        places.append(UInt32(truncatingIfNeeded: try reader.field() ?? 0))
        positions.append(UInt32(truncatingIfNeeded: try reader.field() ?? 0))
        phases.append(UInt8(truncatingIfNeeded: try reader.field() ?? 0))
        numbers.append(UInt16(truncatingIfNeeded: try reader.field() ?? 0))
    }

    /// The binary form of a one-dimensional array: see `array_send` in PostgreSQL's arrayfuncs.c.
    private mutating func wishList(_ reader: inout CopyReader) throws(Malformed) {
        let length = Int(try reader.integer(4))
        guard length >= 20 else { throw Malformed() }
        reader.offset += 12
        let count = Int(try reader.integer(4))
        reader.offset += 4
        guard count <= Self.stride, length == 20 + 8 * count else { throw Malformed() }
        for index in 0..<Self.stride {
            wishes.append(index < count ? UInt16(truncatingIfNeeded: try reader.field() ?? 0) : 0)
        }
    }

    /// The same with other groups (by mask), classes (by number, from 0) and sessions (by number; 0: none), and without results.
    func mapped(masks: [UInt8], classes mapped: [UInt16], numbers: [UInt16]) -> ApplicationTable {
        var table = self
        for row in 0..<count {
            table.groups[row] = masks[Int(groups[row])]
            table.classes[row] = mapped[min(max(Int(classes[row]), 1), mapped.count) - 1]
        }
        for wish in wishes.indices { table.wishes[wish] = numbers[Int(wishes[wish])] }
        return table
    }

    /// Rows by rising ticket.
    func byTicket() -> [Int] {
        var pairs = tickets.enumerated().map { (ticket: $0.element, row: UInt32(truncatingIfNeeded: $0.offset)) }
        pairs.sort { $0.ticket < $1.ticket }
        return pairs.map { Int($0.row) }
    }

    /// SHA-256 of one line an application, as `programs_inputs_hash` has it.
    /// - Parameter order: rows by rising ticket.
    func inputsHash(_ order: [Int]) -> [UInt8] {
        var hash = SHA256()
        var lines: [UInt8] = []
        for row in order {
            lines += Ticket(rawValue: tickets[row]).bytes
            for value in [UInt64(classes[row]), UInt64(points[row]), UInt64(groups[row]), UInt64(organizations[row])] {
                lines.append(UInt8(ascii: ","))
                lines.appendDecimal(value)
            }
            lines.append(UInt8(ascii: ","))
            if areas[row] != .max { lines.appendDecimal(UInt64(areas[row])) }
            lines.append(UInt8(ascii: ","))
            for wish in row * Self.stride..<(row + 1) * Self.stride where wishes[wish] != 0 {
                if wish > row * Self.stride { lines.append(UInt8(ascii: "|")) }
                lines.appendDecimal(UInt64(wishes[wish]))
            }
            lines.append(UInt8(ascii: "\n"))
            if lines.count > 1 << 20 {
                hash.update(lines)
                lines.removeAll(keepingCapacity: true)
            }
        }
        hash.update(lines)
        return hash.finish()
    }
}

extension [UInt8] {
    fileprivate mutating func appendDecimal(_ value: UInt64) {
        let start = count
        var rest = value
        repeat {
            append(0x30 + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        self[start...].reverse()
    }
}

/// Reads big-endian integers out of COPY's binary form.
private struct CopyReader {
    let bytes: [UInt8]
    var offset = 0

    init(bytes: [UInt8]) { self.bytes = bytes }

    /// An integer of so many bytes, as unsigned.
    mutating func integer(_ size: Int) throws(ApplicationTable.Malformed) -> UInt64 {
        guard offset + size <= bytes.count else { throw ApplicationTable.Malformed() }
        var value: UInt64 = 0
        for index in offset..<offset + size { value = value << 8 | UInt64(bytes[index]) }
        offset += size
        return value
    }

    /// An integer with its length before it; nil: null.
    mutating func field() throws(ApplicationTable.Malformed) -> UInt64? {
        let length = try integer(4)
        if length == 0xFFFF_FFFF { return nil }
        guard length <= 8 else { throw ApplicationTable.Malformed() }
        return try integer(Int(length))
    }
}
