import Allocation
import Runtime

/// The results: one row an applicant by rising ticket, in `results.csv` and in the audit file alike.
struct ResultRows {
    // Arrays taken out of the sharing out one by one: a struct of many, touched once a row, costs a count up and down for each of them.
    private let tickets: [UInt64]
    private let wishes: [UInt16]
    private let wishStride: Int
    private let fates: [Fate]
    private let lotteryHigh: [UInt64]
    private let lotteryLow: [UInt64]
    private let names: [[UInt8]]
    private let phases: [[UInt8]]

    /// What became of one applicant, gathered by row: rows are written by ticket, the outcome lies by place, and one look far away costs
    /// less than four.
    struct Fate {
        /// In the common order, 0 for the first; `UInt32.max`: excluded.
        var place = UInt32.max
        var position: UInt32 = 0
        var session = Applicants.noSession
        var phase: UInt8 = 0
    }

    static let header = "ticket,result,session,wish,place,position,phase,lottery"

    init(_ input: FrozenInput, _ allocation: Allocation) {
        tickets = allocation.applicants.tickets
        wishes = allocation.applicants.wishes
        wishStride = allocation.applicants.wishStride
        lotteryHigh = allocation.order.lotteryHigh
        lotteryLow = allocation.order.lotteryLow
        names = input.sessions.map { Array($0.name.utf8) }
        phases = (0...12).map { Array(Self.text(Phase(code: $0), allocation).utf8) }
        var fates = [Fate](repeating: Fate(), count: allocation.applicants.count)
        let outcome = allocation.outcome
        for (place, row) in allocation.lineup.rows.enumerated() {
            fates[Int(row)] = Fate(
                place: UInt32(truncatingIfNeeded: place), position: outcome.positions[place], session: outcome.sessions[place],
                phase: outcome.phases[place])
        }
        self.fates = fates
    }

    var count: Int { fates.count }

    /// In the common order; nil: excluded.
    func place(_ row: Int) -> Int? { fates[row].place == .max ? nil : Int(fates[row].place) }

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
        let fate = fates[row]
        writer.ticket(tickets[row])
        if fate.place == .max {
            writer.text(Self.excluded)
        } else {
            if fate.session != Applicants.noSession {
                writer.text(Self.placed)
                writer.text(names[Int(fate.session)])
                writer.comma()
                var wish = 0
                while wishes[row * wishStride + wish] != fate.session { wish += 1 }
                writer.decimal(wish + 1)
                writer.comma()
            } else {
                writer.text(Self.waiting)
            }
            writer.decimal(Int(fate.place) + 1)
            writer.comma()
            if fate.position > 0 { writer.decimal(Int(fate.position)) }
            writer.comma()
            writer.text(phases[Int(fate.phase)])
            writer.comma()
        }
        writer.hex(lotteryHigh[row])
        writer.hex(lotteryLow[row])
        try writer.endRow()
    }
}
