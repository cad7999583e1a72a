import Allocation
import Runtime
import TestSupport
import Testing

@Suite struct FloorCountTests {
    private static let seeds = SeededGenerator.seeds(4)

    @Test(arguments: seeds) func `while people come and go it counts what augmenting paths count`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<12 {
            let sizes = (0..<Int.random(in: 0...4, using: &numbers)).map { _ in Int.random(in: 0...3, using: &numbers) }
            let all = UInt8(1 << sizes.count - 1)
            var count = FloorCount(sizes: sizes)
            var people: [UInt8] = []
            for _ in 0..<24 {
                if let leaving = people.indices.randomElement(using: &numbers), numbers.chance(40) {
                    count.remove(people.remove(at: leaving))
                } else {
                    people.append(UInt8.random(in: 0...all, using: &numbers))
                    count.add(people[people.count - 1])
                }
                let rank = BruteForce.rank(people, sizes)
                let trace = Comment("\(people) for \(sizes)")
                #expect(count.rank == rank, trace)
                #expect(count.isFull == (rank == sizes.reduce(0, +)), trace)
                for mask in 0...all {
                    #expect(count.isRaised(by: mask) == (BruteForce.rank(people + [mask], sizes) > rank), trace)
                    #expect(count.isRaised(by: mask) == (mask & ~count.full != 0), trace)
                }
                for place in people.indices {
                    var rest = people
                    let mask = rest.remove(at: place)
                    #expect(count.isKept(without: mask) == (BruteForce.rank(rest, sizes) == rank), trace)
                }
            }
        }
    }

    @Test func `eight floors are as many as there may be`() {
        var count = FloorCount(sizes: [Int](repeating: 1, count: 8))
        for floor in 0..<8 {
            #expect(!count.isFull)
            #expect(count.isRaised(by: .max))
            count.add(1 << UInt8(floor))
        }
        #expect(count.isFull && count.rank == 8 && !count.isRaised(by: .max))
        // Nine people of all floors: none is missed. Then the ones of single floors leave, and eight are needed.
        for _ in 0..<8 { count.add(.max) }
        #expect(count.isKept(without: 1) && count.isKept(without: .max))
        for floor in 0..<8 { count.remove(1 << UInt8(floor)) }
        #expect(count.rank == 8 && !count.isKept(without: .max))
    }

    @Test func `floors may be larger than any number of people`() {
        var count = FloorCount(sizes: [Int](repeating: Int(Int32.max), count: 8))
        for _ in 0..<10 { count.add(.max) }
        #expect(count.rank == 10 && !count.isFull && count.isRaised(by: 1) && !count.isKept(without: .max))
    }

    // MARK: Choice

    private func choice(_ instance: Instance) -> Choice {
        let (program, applicants) = (instance.program, instance.applicants)
        let table = FloorTable(program, applicants)
        let lineup = Lineup(applicants, instance.people.indices.map { UInt32($0) }, table, program)
        return Choice(lineup, quota: instance.places, floors: table, caps: OrganizationCaps(program, lineup))
    }

    @Test(arguments: Column.order, seeds) func `the winners are those of the brute force, whatever sessions they wish for`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let instance = Instance.random(column, &numbers)
            let choice = choice(instance)
            let chosen = instance.people.indices.filter(choice.isChosen)
            #expect(chosen == BruteForce.choose(instance.floorMasks, quota: instance.places, sizes: instance.floorSizes), "\(instance)")
            #expect(choice.count == chosen.count, "\(instance)")
            let reserved = instance.people.indices.filter(choice.isReserved)
            #expect(choice.reservedCount == reserved.count, "\(instance)")
            // All of them count for a floor, and nobody could be added to them.
            let masks = reserved.map { instance.floorMask($0) }
            #expect(BruteForce.rank(masks, instance.floorSizes) == reserved.count, "\(instance)")
            #expect(reserved.count == min(instance.places, BruteForce.rank(instance.floorMasks, instance.floorSizes)), "\(instance)")
        }
    }

    @Test(arguments: Column.order, seeds) func `with caps the winners are chosen greedily within them`(_ column: Column, _ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let instance = Instance.random(column, caps: true, &numbers)
            let choice = choice(instance)
            let expected = OrderReference(instance).winners()
            #expect(Set(instance.people.indices.filter(choice.isChosen)) == expected.chosen, "\(instance)")
            #expect(Set(instance.people.indices.filter(choice.isReserved)) == expected.reserved, "\(instance)")
        }
    }

    @Test(arguments: seeds) func `whoever is refused stays refused when more come, and one who leaves lets in one at most`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<30 {
            let instance = Instance.randomPool(.fair, &numbers)
            let chosen = Set(instance.people.indices.filter(choice(instance).isChosen))
            for leaver in instance.people.indices {
                var smaller = instance
                smaller.people.remove(at: leaver)
                let after = choice(smaller)
                let now = Set(smaller.people.indices.filter(after.isChosen).map { $0 < leaver ? $0 : $0 + 1 })
                #expect(now.isSuperset(of: chosen.subtracting([leaver])), "\(instance)")
                #expect(now.subtracting(chosen).count <= (chosen.contains(leaver) ? 1 : 0), "\(instance)")
            }
        }
    }
}
