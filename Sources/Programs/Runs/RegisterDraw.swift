import Allocation

/// Everybody in the register whom rules let in, as flat columns by rising number: what is shared out where nobody has to apply.
package struct RegisterCandidates: Sendable, Equatable {
    package private(set) var members: [Int64] = []
    /// 1 for those who go first.
    package private(set) var classes: [UInt8] = []
    /// Bit 0 for the first group.
    package private(set) var groups: [UInt8] = []

    /// - Parameter packed: of each the member's number, shifted by 16 bits, the class, by 8, and the groups; in any order.
    package init(packed: [Int64]) {
        let count = packed.count
        members.reserveCapacity(count)
        classes.reserveCapacity(count)
        groups.reserveCapacity(count)
        for one in packed.sorted() {
            members.append(one >> 16)
            classes.append(UInt8(truncatingIfNeeded: one >> 8))
            groups.append(UInt8(truncatingIfNeeded: one))
        }
    }

    package var count: Int { members.count }

    /// Their bytes as they are hashed and told: of each the member's number (8 bytes, big endian), class and groups, by rising number.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 10)
        for row in 0..<count {
            for shift in stride(from: Int64(56), through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: members[row] >> shift)) }
            bytes.append(classes[row])
            bytes.append(groups[row])
        }
        return bytes
    }
}

/// A sharing out among all of a register whom rules let in. Pure: the same candidates, rules and secret give the same result anywhere.
///
/// There is one pool, everybody wants it, and a member's number is the ticket under which the lottery draws.
package struct RegisterDraw: Sendable {
    /// How somebody came to a place.
    package enum Way: String, Sendable {
        /// For a floor that was not filled yet.
        case floor
        /// As the next in the common order.
        case next
    }

    package let candidates: RegisterCandidates
    /// By row of the candidates: the place in the common order, 1 for the first.
    package let places: [Int32]
    /// Rows of the candidates who were given something, in the order of their places, and how.
    package let given: [(row: Int, way: Way)]
    package let figures: RunFigures

    /// - Parameters:
    ///   - quota: how much there is to give.
    ///   - secret: the lottery's, committed to beforehand.
    ///   - name: what is shared out, so that two draws of one secret differ: `insurance_batch:7`.
    package init(_ candidates: RegisterCandidates, rules: ProgramRules, quota: Int, secret: [UInt8], name: String) {
        let applicants = Self.applicants(candidates, candidates.members.indices)
        let present = candidates.groups.reduce(0, |)
        let empty = rules.floors.filter { floor in
            rules.groups.firstIndex { $0.name == floor.group }.map { present >> UInt8($0) & 1 == 0 } ?? true
        }
        let program = Self.program(rules, quota: quota, name: name, without: Set(empty.map(\.group)))
        let allocation = Allocation(
            program, [Session(name: "pool", capacity: quota)], applicants, lottery: Lottery(secret: secret, beacon: []))
        var places = [Int32](repeating: 0, count: candidates.count)
        var given: [(row: Int, way: Way)] = []
        given.reserveCapacity(min(quota, candidates.count))
        for (place, row) in allocation.lineup.rows.enumerated() {
            places[Int(row)] = Int32(place + 1)
            guard allocation.outcome.isPlaced(place) else { continue }
            given.append((Int(row), Self.way(allocation.outcome.phase(place))))
        }
        self.candidates = candidates
        self.places = places
        self.given = given
        figures = RunFigures(
            allocation, classes: rules.classes.map(\.name), emptyFloors: empty,
            excluded: [Int](repeating: 0, count: RunExclusion.allCases.count + 1))
    }

    private static func way(_ phase: Phase) -> Way {
        switch phase {
        case .floorFirst, .floorLater: .floor
        case .notCalled, .winner, .later, .session: .next
        }
    }

    private static func applicants(_ candidates: RegisterCandidates, _ rows: some Sequence<Int>) -> Applicants {
        var applicants = Applicants(wishStride: 1, capacity: candidates.count)
        for row in rows {
            applicants.append(
                ticket: Ticket(rawValue: UInt64(bitPattern: candidates.members[row])), class: UInt16(candidates.classes[row]),
                groups: candidates.groups[row], wishes: CollectionOfOne(UInt16(0)))
        }
        return applicants
    }

    private static func program(_ rules: ProgramRules, quota: Int, name: String, without empty: Set<String>) -> Program {
        Program(
            name: name, quota: quota, groups: rules.groups.map(\.name),
            floors: rules.floors.filter { !empty.contains($0.group) }.compactMap { promise in
                rules.groups.firstIndex { $0.name == promise.group }.map {
                    Floor(group: $0, size: promise.size, kind: Floor.Kind(rawValue: promise.kind) ?? .strict)
                }
            }, isFloorOrderGiven: rules.isFloorOrderGiven)
    }

    // MARK: What comes free later

    /// Who stands where when places come free again.
    package enum Standing: UInt8, Sendable {
        case waiting
        case holds
        /// Had one and gave it back, has left, or is covered otherwise.
        case gone
    }

    /// Who gets what came free: first whoever mends a floor that is short, then the next in the common order; nobody who has something
    /// loses it.
    ///
    /// - Parameters:
    ///   - places: by row of the candidates, as the draw gave them.
    ///   - standings: by row of the candidates.
    ///   - quota: of all, those held included.
    /// - Returns: rows of the candidates, in the order in which they are served.
    package static func next(
        _ candidates: RegisterCandidates, places: [Int32], standings: [Standing], rules: ProgramRules, quota: Int
    ) -> [(row: Int, way: Way)] {
        var order = [Int](repeating: 0, count: candidates.count)
        for row in 0..<candidates.count { order[Int(places[row]) - 1] = row }
        let applicants = applicants(candidates, order)
        let program = program(rules, quota: quota, name: "", without: [])
        let floors = FloorTable(program, applicants)
        let lineup = Lineup(applicants, (0..<UInt32(candidates.count)).map { $0 }, floors, program)
        var tick = WaitlistTick(
            standings: order.map { row in
                switch standings[row] {
                case .waiting: WaitlistTick.Standing.waiting.rawValue
                case .holds: WaitlistTick.Standing.placed.rawValue
                case .gone: WaitlistTick.Standing.gone.rawValue
                }
            }, sessions: order.map { standings[$0] == .holds ? 0 : Applicants.noSession })
        return tick.run(program, [Session(name: "pool", capacity: quota)], lineup, floors).map { promotion in
            (order[promotion.place], promotion.phase == .floorLater ? .floor : .next)
        }
    }
}

extension RegisterCandidates {
    /// The same from the columns, as they were written down by rising number.
    package init(members: [Int64], classes: [UInt8], groups: [UInt8]) {
        precondition(members.count == classes.count && members.count == groups.count, "the columns are of one length")
        self.members = members
        self.classes = classes
        self.groups = groups
    }

    /// Those who are not among `excluded`, who may be anybody, in any order.
    package func without(_ excluded: [Int64]) -> RegisterCandidates {
        let away = Set(excluded)
        var left = RegisterCandidates(packed: [])
        for row in 0..<count where !away.contains(members[row]) {
            left.members.append(members[row])
            left.classes.append(classes[row])
            left.groups.append(groups[row])
        }
        return left
    }
}
