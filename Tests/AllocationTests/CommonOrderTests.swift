import Allocation
import Runtime
import TestSupport
import Testing

@Suite struct CommonOrderTests {
    private static let seeds = SeededGenerator.seeds(6)

    /// One row of the applicants' table.
    private struct Row: Hashable {
        var ticket: UInt64
        var priority: UInt16
        var points: UInt32
        var groups: UInt8
        var organization: UInt32
        var area: UInt32?
        var exclusion: UInt8
        var wishes: [UInt16]
        var high: UInt64 = 0
        var low: UInt64 = 0
    }

    private func applicants(_ rows: [Row]) -> Applicants {
        var applicants = Applicants(wishStride: 3, capacity: rows.count)
        for row in rows {
            applicants.append(
                ticket: Ticket(rawValue: row.ticket), class: row.priority, points: row.points, groups: row.groups,
                organization: row.organization,
                area: row.area ?? .max, exclusion: row.exclusion, wishes: row.wishes)
        }
        return applicants
    }

    private func rows(_ count: Int, _ numbers: inout SeededGenerator) -> [Row] {
        let raw = (0..<count).map { UInt64($0 + 1) << 40 }.shuffled(using: &numbers)
        return raw.map { ticket in
            Row(
                ticket: ticket | 0x30_3030_3030, priority: UInt16.random(in: 1...3, using: &numbers),
                points: numbers.chance(50) ? 0 : UInt32.random(in: 0...UInt32.max, using: &numbers) & 0x8001_8001,
                groups: UInt8.random(in: 0...7, using: &numbers), organization: UInt32.random(in: 1...3, using: &numbers),
                area: numbers.chance(50) ? UInt32.random(in: 0...1, using: &numbers) : nil, exclusion: numbers.chance(15) ? 1 : 0,
                wishes: Array(([0, 1, 2] as [UInt16]).shuffled(using: &numbers).prefix(Int.random(in: 1...3, using: &numbers))))
        }
    }

    // MARK: The order

    private func precedes(_ left: Row, _ right: Row) -> Bool {
        if left.priority != right.priority { return left.priority < right.priority }
        if left.points != right.points { return left.points > right.points }
        return (left.high, left.low, left.ticket) < (right.high, right.low, right.ticket)
    }

    @Test(arguments: seeds) func `the order is class, more points, lower number, ticket, of those who are not excluded`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for count in [0, 1, 2, 40, 300] {
            var rows = rows(count, &numbers)
            for index in rows.indices {
                // Numbers that agree in all 128 bits, in the first 64, in 48, in 16, or in none.
                rows[index].high =
                    switch Int.random(in: 0..<5, using: &numbers) {
                    case 0: 7 << 48
                    case 1: 7 << 48 | UInt64.random(in: 0...3, using: &numbers)
                    case 2: 7 << 48 | UInt64.random(in: 0...3, using: &numbers) << 15
                    case 3: 7 << 48 | UInt64.random(in: 0...3, using: &numbers) << 32
                    default: .random(in: 0...UInt64.max, using: &numbers)
                    }
                rows[index].low = UInt64.random(in: 0...2, using: &numbers)
            }
            let order = CommonOrder(applicants(rows), numbers: (rows.map(\.high), rows.map(\.low)))
            let expected = rows.indices.filter { rows[$0].exclusion == 0 }.sorted { precedes(rows[$0], rows[$1]) }
            #expect(order.rows.map { Int($0) } == expected)
            for row in rows.indices { #expect(order.number(of: row) == Lottery.Number(high: rows[row].high, low: rows[row].low)) }
        }
    }

    // MARK: A11

    /// All that an allocation says, by ticket, as one text.
    private func bytes(_ rows: [Row], _ program: Program, _ sessions: [Session], _ lottery: Lottery) -> String {
        let allocation = Allocation(program, sessions, applicants(rows), lottery: lottery)
        let explainer = Explainer(allocation)
        let lines = allocation.lineup.rows.indices.map { place in
            let outcome = allocation.outcome
            let ticket = rows[Int(allocation.lineup.rows[place])].ticket
            return
                "\(ticket) \(outcome.sessions[place]) \(outcome.positions[place]) \(outcome.phases[place]) \(explainer.explain(place))"
        }
        let certificate = ShortfallCertificate(allocation)
        return (lines.sorted() + ["\(allocation.outcome.taken) \(allocation.outcome.closings) \(certificate)"]).joined(separator: "\n")
    }

    @Test(arguments: Column.allCases, seeds.prefix(2)) func `A11: the same rows in any order give the same bytes`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<2 {
            var instance = Instance.random(column, caps: true, &numbers)
            while instance.sessions.count < 3 { instance = Instance.random(column, caps: true, &numbers) }
            instance.quota += 8
            for session in instance.sessions.indices { instance.sessions[session].capacity += 2 }
            var program = instance.program
            program.isFloorOrderGiven = numbers.chance(50)
            let rows = rows(24, &numbers)
            let lottery = Lottery(secret: (0..<32).map { _ in UInt8.random(in: 0...255, using: &numbers) }, beacon: [1, 2, 3])
            let expected = bytes(rows, program, instance.sessions, lottery)
            #expect(bytes(rows.reversed(), program, instance.sessions, lottery) == expected)
            #expect(bytes(rows.shuffled(using: &numbers), program, instance.sessions, lottery) == expected)
            // Excluded rows mean nothing to the others' results.
            #expect(bytes(rows.filter { $0.exclusion == 0 }, program, instance.sessions, lottery) == expected)
        }
    }

    @Test(arguments: Column.allCases) func `A1: who is excluded is not in the order, and nobody at all can be`(_ column: Column) {
        var numbers = SeededGenerator(seed: 1)
        let instance = Instance.random(column, caps: true, &numbers)
        var applicants = Applicants()
        for row in 0..<5 { applicants.append(ticket: Ticket(rawValue: UInt64(row + 1) << 56), exclusion: 1, wishes: [0]) }
        let lottery = Lottery(secret: [UInt8](repeating: 1, count: 32), beacon: [])
        let allocation = Allocation(instance.program, instance.sessions, applicants, lottery: lottery)
        #expect(allocation.lineup.count == 0 && allocation.outcome.placed == 0)
        #expect(throws: Never.self) { try ReplayCertificate.check(allocation, allocation.outcome) }
        let certificate = ShortfallCertificate(allocation)
        #expect(certificate.achieved == 0 && certificate.possible == 0)
    }

    // MARK: Precedence of floors

    @Test(arguments: seeds) func `floors are served as given, or those first that fewest members compete for`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<10 {
            let rows = rows(20, &numbers)
            let sizes = (0..<3).map { _ in Int.random(in: 0...4, using: &numbers) }
            let floors = (0..<3).shuffled(using: &numbers).enumerated().map { Floor(group: $0.element, size: sizes[$0.offset]) }
            var program = Program(name: "p", quota: 20, groups: ["a", "b", "c"], floors: floors)
            let members = floors.map { floor in rows.count { $0.exclusion == 0 && $0.groups >> UInt8(floor.group) & 1 != 0 } }
            let served = floors.indices.filter { floors[$0].size > 0 }
            // By members / size, exactly: multiplied with each other's size.
            let expected = served.sorted { left, right in
                (members[left] * floors[right].size, left) < (members[right] * floors[left].size, right)
            }
            let table = FloorTable(program, applicants(rows))
            #expect(table.listed == expected)
            #expect(table.floors == expected.map { floors[$0] })
            program.isFloorOrderGiven = true
            #expect(FloorTable(program, applicants(rows)).listed == served)
            for groups in UInt8(0)...7 {
                let mask = table.floors.indices.reduce(UInt8(0)) { $0 | (groups >> UInt8(table.floors[$1].group) & 1) << UInt8($1) }
                #expect(table.mask(groups: groups) == mask)
            }
        }
    }
}
