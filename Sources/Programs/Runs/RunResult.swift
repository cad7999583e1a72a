import Allocation
import AllocationFiles
import Postgres
import Runtime

/// A sharing out as it is written: computed whole before anything is.
struct RunResult: Sendable {
    let input: RunInput
    let allocation: Allocation
    let figures: RunFigures

    /// Rows of the result that travel together.
    static let pieceRows = 16_384

    init(_ input: RunInput) {
        self.input = input
        let allocation = input.input.allocation()
        self.allocation = allocation
        figures = RunFigures(allocation, input)
    }

    /// The digest in the end line of the audit file: its text is made, a hundred bytes an applicant, and dropped.
    func auditHash() async throws -> [UInt8] {
        try await onThread(name: "programs.audit") { Result { try AuditFile.write(input.input, allocation) { (_, _) in } } }.get().get()
    }

    var applicants: Int { allocation.applicants.count + input.leftOut.count }
    var excluded: Int { applicants - allocation.lineup.count }
    var placed: Int { allocation.outcome.placed }
    var waiting: Int { allocation.lineup.count - placed }

    /// The columns of `rows`, in their order.
    static let columns =
        "program_result (program_id, run_number, ticket, member_id, place, position, phase, number, waiting, exclusion)"

    /// What became of each row of the engine's applicants.
    func fates() -> Fates {
        let count = allocation.applicants.count
        var places = [UInt32](repeating: 0, count: count)
        var waiting = [UInt32](repeating: 0, count: count)
        var next: UInt32 = 1
        for (place, row) in allocation.lineup.rows.enumerated() {
            places[Int(row)] = UInt32(truncatingIfNeeded: place + 1)
            if allocation.outcome.sessions[place] == Applicants.noSession {
                waiting[Int(row)] = next
                next += 1
            }
        }
        return Fates(places: places, waiting: waiting)
    }

    struct Fates: Sendable {
        /// 1 for the first; 0: excluded.
        let places: [UInt32]
        /// 1 for who is next; 0: has a place, or none to wait for.
        let waiting: [UInt32]
    }

    /// Rows from `start` on in COPY's binary form, by rising ticket.
    func piece(_ fates: Fates, from start: Int, program: Int64, run: Int32) -> [UInt8] {
        var copy = CopyRow()
        let (tickets, excluded) = (allocation.applicants.tickets, allocation.applicants.exclusions)
        let (sessions, positions, phases) = (allocation.outcome.sessions, allocation.outcome.positions, allocation.outcome.phases)
        for row in start..<min(start + Self.pieceRows, tickets.count) {
            copy.begin(fields: 10)
            copy.add(program)
            copy.add(run)
            copy.add(Int64(bitPattern: tickets[row]))
            copy.add(input.members[row])
            let place = Int(fates.places[row]) - 1
            if place < 0 {
                for _ in 0..<3 { copy.add(Int32?.none) }
                copy.add(Int32?.none)
                copy.add(Int32?.none)
                copy.add(input.input.exclusions[Int(excluded[row]) - 1])
                continue
            }
            copy.add(Int32(place + 1))
            copy.add(positions[place] > 0 ? Int32(positions[place]) : nil)
            copy.add(Int16(phases[place]))
            copy.add(sessions[place] == Applicants.noSession ? nil : Int32(input.numbers[Int(sessions[place])]))
            copy.add(fates.waiting[row] > 0 ? Int32(fates.waiting[row]) : nil)
            copy.add(String?.none)
        }
        return copy.buffer
    }

    /// The applicants none of whose sessions has a seat.
    func leftOutRows(program: Int64, run: Int32) -> [UInt8] {
        var copy = CopyRow()
        for one in input.leftOut {
            copy.begin(fields: 10)
            copy.add(program)
            copy.add(run)
            copy.add(Int64(bitPattern: one.ticket))
            copy.add(one.member)
            for _ in 0..<5 { copy.add(Int32?.none) }
            copy.add(one.exclusion.code)
        }
        return copy.buffer
    }
}

extension RunFigures {
    init(_ allocation: Allocation, _ input: RunInput) {
        var counts = [Int](repeating: 0, count: RunExclusion.allCases.count + 1)
        for code in allocation.applicants.exclusions where code != 0 { counts[Int(code)] += 1 }
        for one in input.leftOut { counts[Int(one.exclusion.rawValue)] += 1 }
        self.init(allocation, classes: input.input.classes, emptyFloors: input.emptyFloors, excluded: counts)
    }

    /// - Parameters:
    ///   - named: floors of groups to which nobody belongs.
    ///   - counts: how many were excluded, by the code of `RunExclusion`.
    init(_ allocation: Allocation, classes: [String], emptyFloors named: [ProgramRules.Promise], excluded counts: [Int]) {
        let summary = Summary(allocation, classes: classes)
        let certificate = summary.floors.contains { $0.isShort } ? ShortfallCertificate(allocation) : nil
        self.init(
            quota: allocation.program.quota, sessions: summary.sessions, filledSessions: summary.filledSessions,
            classes: summary.classes.map {
                ClassFigures(number: $0.number, name: $0.name.isEmpty ? nil : $0.name, applicants: $0.applicants, placed: $0.placed)
            },
            floors: summary.floors.enumerated().map { index, floor in
                FloorFigures(
                    group: floor.group, kind: floor.kind.rawValue, size: floor.size, members: floor.members,
                    placedMembers: floor.placedMembers, filled: floor.filled,
                    possible: floor.isShort ? certificate?.floors.first { $0.listed == index }?.possible : nil)
            }
                + named.map {
                    FloorFigures(group: $0.group, kind: $0.kind, size: $0.size, members: 0, placedMembers: 0, filled: 0, possible: 0)
                },
            wishes: summary.wishes,
            exclusions: RunExclusion.allCases.filter { counts[Int($0.rawValue)] > 0 }.map {
                Exclusion(code: $0.code, applicants: counts[Int($0.rawValue)])
            },
            reserved: certificate.map { Reserved(filled: $0.achieved, possible: $0.possible) })
    }
}
