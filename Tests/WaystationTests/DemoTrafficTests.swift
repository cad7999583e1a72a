import Testing

@testable import waystation

struct DemoTrafficTests {
    private static let start: Int64 = 1_760_000_000_000_000
    private static let day: Int64 = 86_400_000_000

    private func traffic(seed: UInt64) -> DemoTraffic {
        DemoTraffic(
            seed: seed,
            doors: [
                .init(accessPointID: 1, visitsPerDay: 240, womenOnly: false), .init(accessPointID: 2, visitsPerDay: 30, womenOnly: true),
            ], members: Array(1...2_000), women: Array(1...300), from: Self.start)
    }

    @Test(arguments: [1, 2, 3] as [UInt64]) func `everybody who enters leaves, and nobody is in two places`(seed: UInt64) {
        var traffic = traffic(seed: seed)
        let moves = traffic.moves(before: Self.start + 7 * Self.day)
        var inside: [Int64: Int64] = [:]
        for move in moves {
            if move.isEntry {
                #expect(inside.updateValue(move.accessPointID, forKey: move.memberID) == nil, "seed \(seed)")
            } else {
                #expect(inside.removeValue(forKey: move.memberID) == move.accessPointID, "seed \(seed)")
            }
            if move.accessPointID == 2 { #expect(move.memberID <= 300) }
        }
        #expect(inside.count < 40, "who is still inside left later")
        #expect(zip(moves, moves.dropFirst()).allSatisfy { $0.at <= $1.at })
        #expect((7 * 220..<7 * 310).contains(moves.count { $0.isEntry }), "seed \(seed): \(moves.count)")
    }

    @Test func `the same moves come out however often it is asked`() {
        var once = traffic(seed: 7)
        var often = traffic(seed: 7)
        let whole = once.moves(before: Self.start + Self.day)
        var pieces: [DemoTraffic.Move] = []
        for step in 1...24 { pieces += often.moves(before: Self.start + Int64(step) * Self.day / 24) }
        #expect(pieces == whole)
    }

    @Test func `the afternoon is busier than the night`() {
        var traffic = traffic(seed: 11)
        var byHour = [Int](repeating: 0, count: 24)
        for move in traffic.moves(before: Self.start + 14 * Self.day) where move.isEntry {
            byHour[Int((move.at / 3_600_000_000 + 8) % 24)] += 1
        }
        #expect(byHour[14] > 4 * byHour[2])
        #expect(DemoTraffic.perThousandByHour.reduce(0, +) == 1_000)
    }
}
