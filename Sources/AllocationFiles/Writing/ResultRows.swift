import Allocation
import Runtime

/// The results: one row an applicant by rising ticket, in `results.csv` and in the audit file alike.
struct ResultRows {
    private let allocation: Allocation
    private let names: [[UInt8]]
    private let phases: [[UInt8]]
    /// By row, the place in the common order; `UInt32.max`: excluded.
    let places: [UInt32]

    static let header = "ticket,result,session,wish,place,position,phase,lottery"

    init(_ input: FrozenInput, _ allocation: Allocation) {
        self.allocation = allocation
        names = input.sessions.map { Array($0.name.utf8) }
        phases = (0...12).map { Array(Self.text(Phase(code: $0), allocation).utf8) }
        var places = [UInt32](repeating: .max, count: allocation.applicants.count)
        for (place, row) in allocation.lineup.rows.enumerated() { places[Int(row)] = UInt32(truncatingIfNeeded: place) }
        self.places = places
    }

    var count: Int { places.count }

    static func text(_ phase: Phase, _ allocation: Allocation) -> String {
        switch phase {
        case .notCalled: "not-called"
        case .floorFirst(let floor):
            allocation.floors.floors.indices.contains(floor)
                ? "floor:" + allocation.program.groups[allocation.floors.floors[floor].group] : "floor:"
        case .winner: "winner"
        case .floorLater: "floor-later"
        case .later: "later"
        case .session: "session"
        }
    }

    private static let placed = Array(",placed,".utf8)
    private static let waiting = Array(",waiting,,,".utf8)
    private static let excluded = Array(",excluded,,,,,,".utf8)

    func write(_ row: Int, into writer: inout RowWriter) throws(SystemError) {
        let (outcome, order) = (allocation.outcome, allocation.order)
        writer.ticket(allocation.applicants.tickets[row])
        if places[row] == .max {
            writer.text(Self.excluded)
        } else {
            let place = Int(places[row])
            let session = outcome.sessions[place]
            if session != Applicants.noSession {
                writer.text(Self.placed)
                writer.text(names[Int(session)])
                writer.comma()
                let stride = allocation.applicants.wishStride
                var wish = 0
                while allocation.applicants.wishes[row * stride + wish] != session { wish += 1 }
                writer.decimal(wish + 1)
                writer.comma()
            } else {
                writer.text(Self.waiting)
            }
            writer.decimal(place + 1)
            writer.comma()
            if outcome.positions[place] > 0 { writer.decimal(Int(outcome.positions[place])) }
            writer.comma()
            writer.text(phases[Int(outcome.phases[place])])
            writer.comma()
        }
        writer.hex(order.lotteryHigh[row])
        writer.hex(order.lotteryLow[row])
        try writer.endRow()
    }
}
