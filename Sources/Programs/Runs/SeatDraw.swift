import Allocation
import AllocationFiles
import Runtime
import Synchronization

/// Seats of several sessions shared out at one moment among those who handed in their wishes, by a lottery that was committed to. Pure: the
/// same entries, seats and secret give the same result anywhere.
package struct SeatDraw: Sendable {
    /// What somebody wishes for and can have.
    package struct Entry: Sendable {
        /// ASCII bytes, big-endian: see `Ticket`.
        package let ticket: Int64
        /// Lower numbers go first; from 1.
        package let priority: Int16
        /// The dearest first; at most 8. Without any it takes its place in the order and is given nothing.
        package let wishes: [Int64]

        package init(ticket: Int64, priority: Int16 = 1, wishes: [Int64]) {
            self.ticket = ticket
            self.priority = priority
            self.wishes = wishes
        }
    }

    /// A ticket as the audit file has it.
    package static func ticketText(_ ticket: Int64) -> String { Ticket(rawValue: UInt64(bitPattern: ticket)).description }

    /// Where there are seats.
    package struct Seats: Sendable {
        package let id: Int64
        package let count: Int

        package init(id: Int64, count: Int) {
            self.id = id
            self.count = count
        }
    }

    /// By entry: the place in the order of all, 1 for the first.
    package let places: [Int32]
    /// By entry: where the seat is; nil: none.
    package let given: [Int64?]
    /// Of sessions that are full: the place of who got the last seat.
    package let closings: [Int64: Int32]
    private let input: FrozenInput
    private let allocation: Allocation?
    /// By row of the engine's applicants: the entry.
    private let rows: [Int]
    /// The engine's number of a session.
    private let indexes: [Int64: UInt16]

    /// - Parameters:
    ///   - secret: the lottery's 32 bytes, committed to beforehand.
    ///   - name: what is drawn, so that two draws of one secret differ: `school-draw-7`.
    package init(_ entries: [Entry], _ seats: [Seats], secret: [UInt8], name: String) {
        let draw = Draw(secret: secret, origin: .committed)
        places = Self.places(entries, draw.lottery, name)
        let open = seats.filter { $0.count > 0 }.map { (seats: $0, name: "class-\($0.id)") }
            .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        var indexes: [Int64: UInt16] = [:]
        for (index, one) in open.enumerated() { indexes[one.seats.id] = UInt16(truncatingIfNeeded: index) }
        var applicants = Applicants(capacity: entries.count)
        var rows: [Int] = []
        for row in entries.indices.sorted(by: { entries[$0].ticket < entries[$1].ticket }) {
            let wished = entries[row].wishes.compactMap { indexes[$0] }
            if wished.isEmpty { continue }
            applicants.append(
                ticket: Ticket(rawValue: UInt64(bitPattern: entries[row].ticket)), class: UInt16(clamping: entries[row].priority),
                wishes: wished)
            rows.append(row)
        }
        let sessions = open.map { Session(name: $0.name, capacity: $0.seats.count) }
        input = FrozenInput(
            program: Program(name: name, quota: open.reduce(0) { $0 + $1.seats.count }), classes: [], draw: draw, sessions: sessions,
            applicants: applicants, exclusions: [])
        var given = [Int64?](repeating: nil, count: entries.count)
        var closings: [Int64: Int32] = [:]
        allocation = rows.isEmpty ? nil : input.allocation()
        if let allocation {
            var left = open.map(\.seats.count)
            for (place, applicant) in allocation.lineup.rows.enumerated() where allocation.outcome.isPlaced(place) {
                let (session, row) = (Int(allocation.outcome.sessions[place]), rows[Int(applicant)])
                given[row] = open[session].seats.id
                left[session] -= 1
                if left[session] == 0 { closings[open[session].seats.id] = places[row] }
            }
        }
        self.given = given
        self.closings = closings
        self.rows = rows
        self.indexes = indexes
    }

    /// The order of the whole draw is that of the engine: by priority, then by the lottery's number, then by ticket.
    private static func places(_ entries: [Entry], _ lottery: Lottery, _ name: String) -> [Int32] {
        let (high, low) = lottery.numbers(of: entries.map { UInt64(bitPattern: $0.ticket) }, program: name)
        let order = entries.indices.sorted {
            (entries[$0].priority, high[$0], low[$0], entries[$0].ticket) < (entries[$1].priority, high[$1], low[$1], entries[$1].ticket)
        }
        var places = [Int32](repeating: 0, count: entries.count)
        for (place, row) in order.enumerated() { places[row] = Int32(place + 1) }
        return places
    }

    /// The audit file: everything that the result follows from, and a result, to be computed again by anybody with `waystation verify`.
    /// Entries without a wish that could be had are not in it.
    ///
    /// - Parameter kept: by entry, the result as it is written down: whoever changed it has changed the file, and it no longer verifies.
    /// - Returns: nil where nobody could have anything.
    package func auditFile(of kept: [Int64?]) throws -> [UInt8]? {
        precondition(kept.count == places.count, "a result for each entry")
        guard let allocation else { return nil }
        var outcome = allocation.outcome
        for (place, applicant) in allocation.lineup.rows.enumerated() {
            let index = kept[rows[Int(applicant)]].flatMap { indexes[$0] }
            let isWished = index.map(input.applicants.wishes(of: Int(applicant)).contains) ?? false
            outcome.sessions[place] = isWished ? index ?? Applicants.noSession : Applicants.noSession
        }
        let told = Allocation(input.program, input.sessions, input.applicants, order: allocation.order, outcome: outcome)
        let file = Mutex<[UInt8]>([])
        try AuditFile.write(input, told) { (bytes, count) in file.withLock { $0 += bytes.prefix(count) } }
        return file.withLock { $0 }
    }
}
