import Allocation
import Runtime
import TestSupport
import Testing

@Suite struct ApportionmentTests {
    private static let seeds = SeededGenerator.seeds(10)

    @Test(arguments: seeds) func `parts add up, keep within one of their share, and the largest remainders get the rest`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let weights = (0..<Int.random(in: 1...7, using: &numbers)).map { _ in Int.random(in: 0...12, using: &numbers) }
            let total = Int.random(in: 0...40, using: &numbers)
            let parts = Apportionment.split(total, by: weights)
            let sum = weights.reduce(0, +)
            if sum == 0 {
                #expect(parts == weights.map { _ in 0 })
                continue
            }
            let trace = Comment("\(total) by \(weights): \(parts)")
            #expect(parts.reduce(0, +) == total, trace)
            for (part, weight) in zip(parts, weights) {
                #expect(part == total * weight / sum || part == total * weight / sum + 1, trace)
                if total * weight % sum == 0 { #expect(part == total * weight / sum, trace) }
            }
            // Who got one more has no smaller remainder than who did not; of two alike the one listed first.
            let isRaised = weights.indices.map { parts[$0] > total * weights[$0] / sum }
            for one in weights.indices where isRaised[one] {
                for other in weights.indices where !isRaised[other] {
                    let (mine, theirs) = (total * weights[one] % sum, total * weights[other] % sum)
                    #expect(mine > theirs || mine == theirs && one < other, trace)
                }
            }
        }
    }

    @Test func `ties go to who is listed first, and large numbers do not overflow`() {
        #expect(Apportionment.split(1, by: [1, 1, 1]) == [1, 0, 0])
        #expect(Apportionment.split(5, by: [10, 10]) == [3, 2])
        #expect(Apportionment.split(2, by: [0, 3, 0]) == [0, 2, 0])
        #expect(Apportionment.split(Int.max / 2, by: [1 << 40, 1 << 40]) == [Int.max / 4 + 1, Int.max / 4])
    }

    @Test func `a session with floors of its own has those, the others their shares`() {
        var instance = Instance(
            [Person(wishes: [0], groups: 3)], seats: [6, 3, 1], floors: [Floor(group: 0, size: 5), Floor(group: 1, size: 2)])
        instance.mode = .local
        instance.sessions[2].floorSizes = [0, 1]
        let sizes = Apportionment.floorSizes(FloorTable(instance.program, instance.applicants), instance.sessions)
        #expect(sizes == [[3, 1], [2, 1], [0, 1]])
        #expect(sizes == instance.sessions.indices.map { instance.sessionFloorSizes($0) })
    }

    @Test func `a floor of no places in the program keeps the seats that a session promises it`() {
        var instance = Instance([Person(wishes: [0]), Person(wishes: [0], groups: 1)], seats: [1], floors: [Floor(group: 0, size: 0)])
        instance.mode = .local
        instance.sessions[0].floorSizes = [1]
        #expect(instance.shares().sessions == [nil, 0])
    }
}
