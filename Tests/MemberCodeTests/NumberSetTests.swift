import Runtime
import TestSupport
import Testing

@testable import MemberCode

@Suite struct NumberSetTests {
    @Test(arguments: SeededGenerator.seeds(20)) func `a set is changed and carried as a plain set would be`(_ seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var plain: Set<Int64> = []
        var set = NumberSet()
        for _ in 0..<20 {
            let most: Int64 = random.chance(20) ? .max : 300
            let added = Set((0..<Int.random(in: 0...40, using: &random)).map { _ in Int64.random(in: 1...most, using: &random) })
            let removed = Set(plain.filter { _ in random.chance(30) } + [7, 9])
            let digest = set.digest(kind: "m")
            set.change(adding: NumberSet(added), removing: NumberSet(removed))
            let after = plain.subtracting(removed).union(added)
            let changed = plain.symmetricDifference(after)
            plain = after
            #expect(set.numbers == plain.sorted(), "seed \(seed)")
            #expect(NumberSet(bytes: set.bytes) == set, "seed \(seed)")
            #expect(changed.reduce(digest) { $0 ^ NumberSet.digest(of: $1, kind: "m") } == set.digest(kind: "m"), "seed \(seed)")
            for number in [1, 7, plain.randomElement(using: &random) ?? 2] { #expect(set.contains(number) == plain.contains(number)) }
        }
    }

    @Test func `bytes that no set gives are refused`() {
        #expect(NumberSet(bytes: []) == NumberSet())
        #expect(NumberSet(bytes: [0]) == nil, "a distance of nothing")
        #expect(NumberSet(bytes: [0x80]) == nil, "cut short")
        #expect(NumberSet(bytes: [UInt8](repeating: 0xFF, count: 12)) == nil)
        #expect(NumberSet(bytes: NumberSet([.max]).bytes)?.numbers == [.max])
        #expect(NumberSet(bytes: NumberSet([.max]).bytes + [1]) == nil, "beyond the last number")
    }

    @Test func `a hundred thousand ids take a hundred thousand bytes`() {
        let set = NumberSet((1...100_000).map { $0 * 37 })
        #expect(set.bytes.count == 100_000)
    }
}
