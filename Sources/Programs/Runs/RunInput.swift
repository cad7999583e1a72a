import Allocation
import AllocationFiles
import Runtime

/// What the engine takes of a program, with whom its rows and sessions stand for. All that follows from it is pure.
struct RunInput: Sendable {
    let input: FrozenInput
    /// By row of the engine's applicants.
    let members: [Int64]
    /// Numbers of the engine's sessions.
    let numbers: [UInt16]
    /// Applicants none of whose sessions has a seat: no part of the sharing out, nor of its audit file.
    let leftOut: [(ticket: UInt64, member: Int64, exclusion: RunExclusion)]
    /// Floors of groups that none of the applicants belongs to: they stay empty, and are no part of the sharing out.
    let emptyFloors: [ProgramRules.Promise]
    /// By row of the engine's applicants: where it stands in the table.
    let rows: [Int]

    /// The program as the lottery and audit files name it.
    static func name(_ id: Int64) -> String { "program-\(id)" }

    /// - Parameters:
    ///   - order: the table's rows by rising ticket.
    ///   - quota: places to share out.
    ///   - seats: by session, those to share out.
    init(
        _ table: ApplicationTable, _ order: [Int], name: String, rules: ProgramRules, quota: Int,
        seats: [(session: ProgramSession, count: Int)],
        draw: Draw
    ) {
        let open = seats.filter { $0.count > 0 }.sorted {
            $0.session.title.utf8.lexicographicallyPrecedes($1.session.title.utf8)
        }
        let isLocal = rules.mode == Program.Mode.local.rawValue
        let sessions = open.map {
            Session(
                name: $0.session.title, capacity: $0.count,
                area: isLocal ? $0.session.areaID.map { UInt32(truncatingIfNeeded: $0.rawValue) } : nil)
        }
        numbers = open.map { UInt16(truncatingIfNeeded: $0.session.number) }
        var indexes = [UInt16](repeating: Applicants.noSession, count: 65_536)
        for (index, number) in numbers.enumerated() { indexes[Int(number)] = UInt16(truncatingIfNeeded: index) }

        var applicants = Applicants(capacity: table.count)
        var members: [Int64] = []
        var rows: [Int] = []
        members.reserveCapacity(table.count)
        rows.reserveCapacity(table.count)
        var leftOut: [(ticket: UInt64, member: Int64, exclusion: RunExclusion)] = []
        var present: UInt8 = 0
        var wished: [UInt16] = []
        for row in order {
            wished.removeAll(keepingCapacity: true)
            for wish in row * ApplicationTable.stride..<(row + 1) * ApplicationTable.stride {
                let index = indexes[Int(table.wishes[wish])]
                if index != Applicants.noSession, !wished.contains(index) { wished.append(index) }
            }
            let exclusion = RunExclusion(rawValue: table.marks[row])
            guard !wished.isEmpty else {
                leftOut.append((table.tickets[row], table.members[row], exclusion ?? .noSeats))
                continue
            }
            if exclusion == nil { present |= table.groups[row] }
            applicants.append(
                ticket: Ticket(rawValue: table.tickets[row]), class: table.classes[row], points: table.points[row],
                groups: table.groups[row], organization: table.organizations[row], area: isLocal ? table.areas[row] : .max,
                exclusion: table.marks[row], wishes: wished)
            members.append(table.members[row])
            rows.append(row)
        }
        self.members = members
        self.rows = rows
        self.leftOut = leftOut
        let (program, empty) = Self.program(name, rules, quota: quota, isLocal: isLocal, present: present, Self.held(table))
        emptyFloors = empty
        input = FrozenInput(
            program: program, classes: rules.classes.map(\.name), draw: draw, sessions: sessions, applicants: applicants,
            exclusions: RunExclusion.allCases.map(\.code))
    }

    /// Group masks of those who hold a place already: they count for floors as if they had just got it.
    private static func held(_ table: ApplicationTable) -> [UInt8] {
        (0..<table.count).filter { table.marks[$0] == RunExclusion.holdsPlace.rawValue }.map { table.groups[$0] }
    }

    private static func program(
        _ name: String, _ rules: ProgramRules, quota: Int, isLocal: Bool, present: UInt8, _ held: [UInt8]
    ) -> (Program, [ProgramRules.Promise]) {
        var floors: [Floor] = []
        var empty: [ProgramRules.Promise] = []
        for promise in rules.floors {
            guard let group = rules.groups.firstIndex(where: { $0.name == promise.group }) else { continue }
            if present >> UInt8(group) & 1 == 0 {
                empty.append(promise)
            } else {
                floors.append(Floor(group: group, size: promise.size, kind: Floor.Kind(rawValue: promise.kind) ?? .strict))
            }
        }
        for mask in held {
            if let floor = floors.firstIndex(where: { mask >> UInt8($0.group) & 1 != 0 && $0.size > 0 }) { floors[floor].size -= 1 }
        }
        return (
            Program(
                name: name, quota: quota, mode: isLocal ? .local : .order, groups: rules.groups.map(\.name), floors: floors,
                isFloorOrderGiven: rules.isFloorOrderGiven, organizationCap: isLocal ? nil : rules.organizationCap), empty
        )
    }
}
