import Allocation
import Testing

/// Examples of the literature on matching without floors; letters and numbers are those of the sources.
@Suite struct MatchingExampleTests {
    @Test func `E1: Gale and Shapley's first example has three stable marriages, and each side's proposals find its own best`() {
        let men = Market(proposers: ["ABC", "BCA", "CAB"], partners: ["bca", "cab", "abc"])
        let complete = BruteForce.assignments(men.wishes, men.seats).filter { !$0.contains(nil) }
        #expect(complete.count == 6)
        #expect(complete.filter(men.isStable) == [[0, 1, 2], [1, 2, 0], [2, 0, 1]])
        #expect(men.stable.count == 3)
        #expect(men.propose() == [0, 1, 2])
        // The women propose: A has b, B has c, C has a.
        let women = Market(proposers: ["BCA", "CAB", "ABC"], partners: ["abc", "bca", "cab"])
        #expect(women.propose() == [1, 2, 0])
    }

    @Test func `E2: Gale and Shapley's second example has one stable marriage`() {
        let market = Market(proposers: ["ABCD", "ADCB", "BACD", "DBCA"], partners: ["dcab", "bdac", "dabc", "cbad"])
        #expect(market.stable == [[2, 3, 0, 1]])
        #expect(market.propose() == [2, 3, 0, 1])
    }

    @Test func `E3: four roommates have no stable pairing, whatever the fourth wishes`() {
        for last in BruteForce.permutations([0, 1, 2]) {
            let lists = [[1, 2, 3], [2, 0, 3], [0, 1, 3], last]
            for partner in 1...3 {
                // Who shares a room with the first one settles all.
                let others = [1, 2, 3].filter { $0 != partner }
                var mate = [partner, 0, 0, 0]
                (mate[others[0]], mate[others[1]]) = (others[1], others[0])
                func prefers(_ one: Int, _ other: Int) -> Bool {
                    let rank = { lists[one].firstIndex(of: $0) ?? 3 }
                    return rank(other) < rank(mate[one])
                }
                let isBlocked = (0..<4).contains { one in (0..<4).contains { one != $0 && prefers(one, $0) && prefers($0, one) } }
                #expect(isBlocked, "\(mate) with \(last)")
            }
        }
    }

    @Test func `E4: the residents' example ends with one of five without a place`() {
        // a Arthur, b Sunny, c Joseph, d Latha, e Darrius; A Mercy, B City, C General.
        let wishes = ["B", "BA", "BCA", "ABC", "BAC"]
        let market = Market(proposers: wishes, partners: ["ec", "eabdc", "eacd"], seats: [2, 2, 2])
        #expect(market.stable == [[1, nil, 2, 2, 1]])
        #expect(market.propose() == [1, nil, 2, 2, 1])
    }

    @Test func `E4b: with a longer list of one hospital everybody has a place`() {
        let market = Market(proposers: ["B", "BA", "BCA", "ABC", "BAC"], partners: ["edbc", "eabdc", "eacd"], seats: [2, 2, 2])
        #expect(market.propose() == [1, 0, 2, 0, 1])
        #expect(market.stable.contains([1, 0, 2, 0, 1]))
    }

    @Test func `E5: a quota for the majority hurts the minority, a reserve does not`() {
        let market = Market(proposers: ["A", "AB", "BA"], partners: ["abc", "bca"], seats: [2, 1])
        #expect(market.propose() == [0, 0, 1])
        let reserve = [Floor(group: 0, size: 1)]
        #expect(market.propose(floors: reserve, groups: [0, 0, 1], floorSizes: [[1], [0]]) == [0, 0, 1])
        // The quota is no rule of the engine: at most one of the majority (a, b) at the first.
        let limited = LocalReference.run(market.wishes, sessionCount: 2) { session, held, coming in
            let ordered = market.lists[session].filter((held + coming).contains)
            let majority = session == 0 ? ordered.filter { $0 != 2 }.prefix(1) : ordered.filter { $0 != 2 }[...]
            return Array(ordered.filter { $0 == 2 || majority.contains($0) }.prefix(market.seats[session]))
        }
        #expect(limited == [0, 1, 0])
    }

    @Test func `E6: fixed shares of a number leave two without a place, one number for both none`() {
        let people = (0..<10).map { Person(wishes: [$0 < 3 ? 0 : 1]) }
        let flexible = Instance(people, seats: [10, 10], quota: 10).shares()
        #expect((flexible.at(0).count, flexible.at(1).count) == (3, 7))
        let fixed = Instance(people, seats: [5, 5]).shares()
        #expect((fixed.at(0).count, fixed.at(1).count) == (3, 5))
        #expect(fixed.sessions.count { $0 == nil } == 2)
    }
}
