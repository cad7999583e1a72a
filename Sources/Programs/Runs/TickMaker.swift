import Allocation
import Postgres
import Registry
package import Runtime

/// What the query of a waitlist says of each, besides the codes of `WaitlistTick.Standing`.
private enum WaitlistMark: UInt8 {
    /// Gave a place back and goes on waiting.
    case again = 3
}

/// Gives freed places to those who wait: offers that ended lapse, then whoever mends a short floor, then the next in the common order.
package struct TickMaker: Sendable {
    let programs: ProgramStore
    let runs: RunStore
    let awards: AwardStore
    let ticks: TickStore

    static let actor = "job:programs.tick"
    /// Offers that lapse in one transaction.
    private static let lapseMax = 1_024

    package init(programs: ProgramStore, runs: RunStore, awards: AwardStore) {
        self.programs = programs
        self.runs = runs
        self.awards = awards
        ticks = TickStore(database: runs.database, clockOffsetMicroseconds: runs.clockOffsetMicroseconds)
    }

    /// What a tick did.
    package struct Outcome: Hashable, Sendable {
        package var lapsed = 0
        package var offered = 0
    }

    /// One tick of every program that is due, however many fail.
    /// - Parameter batch: so many are looked for at once.
    /// - Throws: the first failure, once all had their turn.
    package func runOnce(batch: Int = 20) async throws {
        var (last, failure): (Int64, (any Error)?) = (0, nil)
        while true {
            let due = try await ticks.due(after: last, limit: batch)
            for id in due {
                do { _ = try await tick(id) } catch { failure = failure ?? error }
            }
            guard due.count == batch, let end = due.last?.rawValue else { break }
            last = end
        }
        if let failure { throw failure }
    }

    /// One tick of one program. Places are looked at as they are now; nothing is given where another tick has come between.
    package func tick(_ id: ID<UnionProgram>) async throws -> Outcome {
        var outcome = Outcome()
        outcome.lapsed = try await lapse(id)
        guard let plan = try await plan(id) else { return outcome }
        outcome.offered = try await runs.database.inTransaction { transaction in
            guard try await ticks.claim(id, last: plan.last, in: transaction) else { return 0 }
            let outcomes = try await awards.hold(plan.places, in: transaction)
            try await ticks.setAwaited(plan.sessions, isAwaited: plan.isAwaited, of: id, in: transaction)
            return outcomes.count { $0.verdict == .held }
        }
        return outcome
    }

    private func lapse(_ id: ID<UnionProgram>) async throws -> Int {
        var lapsed = 0
        while true {
            let count = try await runs.database.inTransaction { transaction in
                let members = try await ticks.lapsed(of: id, limit: Self.lapseMax, in: transaction)
                if members.isEmpty { return 0 }
                let outcomes = try await awards.move(
                    members.map { AwardMove(ID($0), of: id, to: .lapsed, reason: "not_confirmed", doneBy: Self.actor) }, in: transaction)
                return outcomes.count { $0.verdict == .moved }
            }
            lapsed += count
            if count < Self.lapseMax { return lapsed }
        }
    }

    private struct Plan: Sendable {
        let last: Timestamp?
        let places: [AwardPlace]
        let sessions: [Int32]
        /// By session: whether all places it could give went to who waits, so that more of them may be wanted.
        let isAwaited: [Bool]

        init(_ program: UnionProgram, _ run: ProgramRun, last: Timestamp?, _ seats: [TickStore.Seats], _ places: [AwardPlace]) {
            self.last = last
            self.places = places
            sessions = seats.map(\.number)
            let given = Dictionary(places.map { ($0.number, 1) }, uniquingKeysWith: +)
            let mayWait = run.waiting > 0 || program.facts.keepsWaiting
            let hasQuotaLeft = Int(program.quota - program.taken) > places.count
            isAwaited = seats.map { mayWait && !(hasQuotaLeft && $0.free > given[$0.number, default: 0]) }
        }
    }

    /// Who is to get which place; nil where the program is not published.
    private func plan(_ id: ID<UnionProgram>) async throws -> Plan? {
        let read: (program: UnionProgram, run: ProgramRun, last: Timestamp?, seats: [TickStore.Seats], table: ApplicationTable)? =
            try await runs.database.inTransaction { transaction in
                guard let program = try await programs.find(id, in: transaction), program.state == .published,
                    let run = try await runs.published(of: id, in: transaction)
                else { return nil }
                let last = try await ticks.tickedAt(id, in: transaction)
                let seats = try await ticks.seats(of: id, in: transaction)
                let hasRoom = program.quota > program.taken && seats.contains { $0.free > 0 }
                let table = hasRoom ? try await runs.waitlist(of: run, program, in: transaction) : ApplicationTable()
                return (program, run, last, seats, table)
            }
        guard let read else { return nil }
        let places =
            read.table.count == 0
            ? []
            : try await onThread(name: "programs.tick") {
                Self.places(read.program, run: read.run.number, read.seats, read.table)
            }.get()
        return Plan(read.program, read.run, last: read.last, read.seats, places)
    }

    /// The rule itself, over the waitlist of the published run.
    static func places(_ program: UnionProgram, run: Int32, _ seats: [TickStore.Seats], _ table: ApplicationTable) -> [AwardPlace] {
        let rules = program.facts.rules
        var indexes = [UInt16](repeating: Applicants.noSession, count: 65_536)
        for (index, session) in seats.enumerated() { indexes[Int(session.number)] = UInt16(truncatingIfNeeded: index) }
        // Who gave a place back and goes on waiting comes after all others.
        let again = WaitlistMark.again.rawValue
        let order = (0..<table.count).sorted {
            let (left, right) = (table.marks[$0] == again, table.marks[$1] == again)
            return left != right ? right : table.places[$0] < table.places[$1]
        }
        var applicants = Applicants(capacity: table.count)
        var members: [Int64] = []
        var (standings, held): ([UInt8], [UInt16]) = ([], [])
        var placed = [Int](repeating: 0, count: seats.count)
        var wished: [UInt16] = []
        for row in order {
            wished.removeAll(keepingCapacity: true)
            for wish in row * ApplicationTable.stride..<(row + 1) * ApplicationTable.stride {
                let index = indexes[Int(table.wishes[wish])]
                if index != Applicants.noSession, !wished.contains(index) { wished.append(index) }
            }
            applicants.append(
                ticket: Ticket(rawValue: table.tickets[row]), class: table.classes[row], points: table.points[row],
                groups: table.groups[row], organization: table.organizations[row], wishes: wished)
            members.append(table.members[row])
            standings.append(table.marks[row] == again ? WaitlistTick.Standing.waiting.rawValue : table.marks[row])
            let session = table.numbers[row] == 0 ? Applicants.noSession : indexes[Int(table.numbers[row])]
            held.append(session)
            if session != Applicants.noSession { placed[Int(session)] += 1 }
        }
        // Places of others than the run's applicants are no part of the waitlist, and those of a session that has started are nobody's.
        let sessions = seats.indices.map { index in
            Session(
                name: String(seats[index].number),
                capacity: seats[index].isOver ? placed[index] : seats[index].capacity - (seats[index].taken - placed[index]))
        }
        let others = Int(program.taken) - placed.reduce(0, +)
        let rule = Program(
            name: RunInput.name(program.id.rawValue), quota: Int(program.quota) - others, groups: rules.groups.map(\.name),
            floors: rules.floors.compactMap { promise in
                rules.groups.firstIndex { $0.name == promise.group }.map {
                    Floor(group: $0, size: promise.size, kind: Floor.Kind(rawValue: promise.kind) ?? .strict)
                }
            }, isFloorOrderGiven: rules.isFloorOrderGiven, organizationCap: rules.organizationCap)
        let floors = FloorTable(rule, applicants)
        let lineup = Lineup(applicants, applicants.tickets.indices.map { UInt32(truncatingIfNeeded: $0) }, floors, rule)
        var tick = WaitlistTick(standings: standings, sessions: held)
        return tick.run(rule, sessions, lineup, floors).map { promotion in
            AwardPlace(
                ID(members[promotion.place]), of: program.id, number: seats[Int(promotion.session)].number, source: .tick, runNumber: run,
                reason: promotion.phase == .floorLater ? "floor" : "next", doneBy: Self.actor)
        }
    }
}
