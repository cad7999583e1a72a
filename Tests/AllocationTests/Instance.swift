import Allocation
import Runtime

/// Which column of the table of axioms an instance belongs to.
enum Column: String, CaseIterable, Sendable {
    case plain, fair, strict, mixed, local

    static let order: [Column] = [.plain, .fair, .strict, .mixed]
    static let withFloors: [Column] = [.fair, .strict, .mixed, .local]
}

/// One applicant; who stands first among the people of an instance is first in the common order.
struct Person: Hashable {
    var wishes: [Int]
    var groups: UInt8 = 0
    var organization: UInt32 = 0
    var area: UInt32?
    var priority: UInt16 = 1
}

/// A small sharing out as plain values, from which the engine's tables are built.
struct Instance {
    var people: [Person]
    var sessions: [Session]
    var quota: Int
    var mode = Program.Mode.order
    var floors: [Floor] = []
    var organizationCap: Int?
    var organizationCaps: [UInt32: Int] = [:]

    /// Mode `order` in which the people's places are the common order.
    init(_ people: [Person], seats: [Int], quota: Int? = nil, floors: [Floor] = []) {
        self.people = people
        sessions = seats.enumerated().map { Session(name: "s\($0.offset + 1)", capacity: $0.element) }
        self.quota = quota ?? seats.reduce(0, +)
        self.floors = floors
    }

    var hasCaps: Bool { organizationCap != nil || !organizationCaps.isEmpty }

    var floorSizes: [Int] { floors.map(\.size) }

    /// The floors of one person: bits, as listed.
    func floorMask(_ place: Int) -> UInt8 {
        floors.indices.reduce(0) { $0 | (people[place].groups >> UInt8(floors[$1].group) & 1) << UInt8($1) }
    }

    var floorMasks: [UInt8] { people.indices.map(floorMask) }

    /// Places that can be taken.
    var places: Int { min(quota, sessions.reduce(0) { $0 + $1.capacity }) }

    func cap(of place: Int) -> Int { organizationCaps[people[place].organization] ?? organizationCap ?? .max }

    /// How dear the session is to the person; what is not on the list, and none, come last.
    func regret(_ place: Int, _ session: Int?) -> Int {
        session.flatMap { people[place].wishes.firstIndex(of: $0) } ?? people[place].wishes.count
    }

    // MARK: For the engine

    var program: Program {
        Program(
            name: "test", quota: quota, mode: mode, groups: Self.groupNames, floors: floors,
            isFloorOrderGiven: true, organizationCap: organizationCap, organizationCaps: organizationCaps)
    }

    private static let groupNames = (0..<Program.groupCountMax).map { "g\($0)" }

    func ticket(_ place: Int) -> Ticket { Ticket(rawValue: UInt64(place + 1) << 32 | 0x3030_3030) }

    var applicants: Applicants {
        var applicants = Applicants(wishStride: max(1, people.map(\.wishes.count).max() ?? 1), capacity: people.count)
        for (place, person) in people.enumerated() {
            applicants.append(
                ticket: ticket(place), class: person.priority, groups: person.groups, organization: person.organization,
                area: person.area ?? .max, wishes: person.wishes.map { UInt16($0) })
        }
        return applicants
    }

    /// What the engine makes of it.
    func shares() -> Shares {
        let (applicants, program) = (applicants, program)
        let table = FloorTable(program, applicants)
        let lineup = Lineup(applicants, people.indices.map { UInt32($0) }, table, program)
        return Shares(Allocation.outcome(program, sessions, lineup, table))
    }

    /// The whole sharing out, with the people's places for the draw's numbers.
    func allocation() -> Allocation {
        Allocation(program, sessions, applicants, order: Self.orders[people.count])
    }

    /// Made once, for sorting clears many counters however few people there are.
    private static let orders: [CommonOrder] = (0...12).map { count in
        var applicants = Applicants(wishStride: 1)
        for place in 0..<count { applicants.append(ticket: Ticket(rawValue: UInt64(place + 1)), wishes: [0]) }
        return CommonOrder(
            applicants, numbers: ((0..<UInt64(count)).map { $0 << 16 }, [UInt64](repeating: 0, count: count)))
    }
}

extension Instance: CustomStringConvertible {
    var description: String {
        let kinds = floors.map { "g\($0.group)>=\($0.size) \($0.kind)" }.joined(separator: ", ")
        let seats = sessions.map {
            "\($0.name):\($0.capacity)" + ($0.area.map { " area \($0)" } ?? "") + ($0.floorSizes.isEmpty ? "" : " floors \($0.floorSizes)")
        }
        let lines = people.enumerated().map { place, person in
            "  \(place): wishes \(person.wishes) groups \(String(person.groups, radix: 2)) organization \(person.organization)"
                + (person.area.map { " area \($0)" } ?? "")
        }
        return (["\(mode) quota \(quota) [\(kinds)] \(seats) caps \(organizationCap.map(String.init) ?? "-") \(organizationCaps)"] + lines)
            .joined(separator: "\n")
    }
}

/// Who got what: all that a property looks at, by place.
struct Shares: Equatable {
    var sessions: [Int?]
    var positions: [Int]
    var phases: [Phase]

    init(_ outcome: Outcome) {
        sessions = outcome.sessions.map { $0 == Applicants.noSession ? nil : Int($0) }
        positions = outcome.positions.map { Int($0) }
        phases = outcome.phases.map { Phase(code: $0) }
    }

    init(count: Int) {
        sessions = Array(repeating: nil, count: count)
        positions = Array(repeating: 0, count: count)
        phases = Array(repeating: .notCalled, count: count)
    }

    var placed: [Int] { sessions.indices.filter { sessions[$0] != nil } }

    func at(_ session: Int) -> [Int] { sessions.indices.filter { sessions[$0] == session } }
}
