import Allocation
import Testing

/// Examples of floors. Where an example is about another rule than ours, that rule stands here as a control.
@Suite struct FloorExampleTests {
    /// Places filled one kind after the other: of a group, or open to all; in the end what a group leaves empty is open, or lost.
    private func inSequence(_ groups: [UInt8], _ kinds: [(group: Int?, count: Int)], reverts: Bool = true) -> [Int] {
        let quota = kinds.reduce(0) { $0 + $1.count }
        var taken: [Int] = []
        for kind in kinds + (reverts ? [(nil, quota)] : []) {
            let fitting = groups.indices.filter { place in
                !taken.contains(place) && kind.group.map { groups[place] >> UInt8($0) & 1 != 0 } ?? true
            }
            taken += fitting.prefix(min(kind.count, quota - taken.count))
        }
        return taken.sorted()
    }

    private func pool(_ groups: [UInt8], seats: Int, floors: [Floor]) -> [Int] {
        let shares = Instance(groups.map { Person(wishes: [0], groups: $0) }, seats: [seats], floors: floors).shares()
        #expect(shares.placed == BruteForce.choose(groups, quota: seats, sizes: floors.map(\.size)) || groups.count > 8)
        return shares.placed
    }

    @Test func `E7: of overlapping reserves the smart choice fills both, one after the other not always`() {
        // i1, i3, i2; W is the first group, D the second.
        let groups: [UInt8] = [0b11, 0, 0b01]
        #expect(inSequence(groups, [(0, 1), (1, 1)]) == [0, 1])
        #expect(inSequence(groups, [(1, 1), (0, 1)]) == [0, 2])
        for kind in [Floor.Kind.strict, .fair] {
            #expect(
                pool(groups, seats: 2, floors: [Floor(group: 0, size: 1, kind: kind), Floor(group: 1, size: 1, kind: kind)]) == [0, 2])
            #expect(
                pool(groups, seats: 2, floors: [Floor(group: 1, size: 1, kind: kind), Floor(group: 0, size: 1, kind: kind)]) == [0, 2])
        }
    }

    @Test func `E8: serving one floor after the other leaves a reserve empty that could be filled`() {
        // n1, b1, a1, n2.
        let groups: [UInt8] = [0, 0b11, 0b01, 0]
        #expect(pool(groups, seats: 3, floors: [Floor(group: 0, size: 1), Floor(group: 1, size: 1)]) == [0, 1, 2])
        // A takes b1, B finds nobody, the open place goes to n1.
        let taken = inSequence(groups, [(0, 1), (1, 1), (nil, 1)], reverts: false)
        #expect(taken == [0, 1])
        #expect(BruteForce.rank(taken.map { groups[$0] }, [1, 1]) == 1)
    }

    @Test func `E9: half the seats for the walk zone change nothing when they are filled first, and much when last`() {
        // Numbers 1, 3, … are walkers.
        let groups = (0..<200).map { UInt8($0 % 2 == 0 ? 1 : 0) }
        func walkers(_ chosen: [Int]) -> Int { chosen.count { groups[$0] == 1 } }
        #expect(walkers(pool(groups, seats: 100, floors: [])) == 50)
        #expect(walkers(inSequence(groups, [(0, 50), (nil, 50)])) == 50)
        #expect(walkers(inSequence(groups, [(nil, 50), (0, 50)])) == 75)
        for kind in [Floor.Kind.strict, .fair] {
            #expect(walkers(pool(groups, seats: 100, floors: [Floor(group: 0, size: 50, kind: kind)])) == 50)
        }
    }

    /// Results of one list with all places taken or wasted, as the example allows: the floor is kept, nobody could exchange a seat with
    /// who comes later and keep it, and no seat is free that somebody without one would take.
    private func honest(_ lists: [[Int]], _ groups: [UInt8], seats: [Int], floor: Int) -> [[Int?]] {
        BruteForce.assignments(lists, seats).filter { result in
            func filled(_ result: [Int?]) -> Int { groups.indices.count { groups[$0] == 1 && result[$0] != nil } }
            func regret(_ place: Int, _ session: Int?) -> Int {
                session.flatMap { lists[place].firstIndex(of: $0) } ?? lists[place].count
            }
            guard filled(result) >= floor else { return false }
            for place in lists.indices {
                for session in lists[place].prefix(regret(place, result[place])) {
                    if result.count(where: { $0 == session }) < seats[session] { return false }
                }
                for other in lists.indices where other > place && regret(place, result[other]) < regret(place, result[place]) {
                    var exchanged = result
                    exchanged[place] = result[other]
                    exchanged[other] = result[place].flatMap { lists[other].contains($0) ? $0 : nil }
                    if filled(exchanged) >= floor { return false }
                }
            }
            return true
        }
    }

    @Test func `E13: a floor kept, no envy that an exchange could mend, and no gain from false lists cannot be had at once`() {
        #expect(honest([[0, 1], [0, 1]], [0, 1], seats: [1, 1], floor: 1) == [[0, 1]])
        // With a shorter list the second gets the first session: the three would pay for lying.
        #expect(honest([[0, 1], [0]], [0, 1], seats: [1, 1], floor: 1) == [[1, 0]])
    }

    @Test func `E14: filling most pays for a shorter list, so the rule fills one, and the certificate shows the gap`() {
        let people = [Person(wishes: [0, 1], groups: 1), Person(wishes: [0], groups: 1)]
        let most = BruteForce.assignments(people.map(\.wishes), [1, 1]).filter { !$0.contains(nil) }
        #expect(most == [[1, 0]])
        let instance = Instance(people, seats: [1, 1], floors: [Floor(group: 0, size: 2)])
        #expect(instance.shares().sessions == [0, nil])
        let certificate = ShortfallCertificate(instance.allocation())
        #expect((certificate.achieved, certificate.possible) == (1, 2))
        #expect(certificate.floors.map(\.unplacedWishes) == [[1, 0]])
    }

    @Test func `of three strict floors that overlap, hiding a group can serve: the seat of who is called first is freed`() {
        // The first is needed for the third floor while the last is for the second. Who hides the third group fills the second; the last
        // is no longer needed, and so is not called before.
        let people = [
            Person(wishes: [2], groups: 0b011), Person(wishes: [1, 2, 0]), Person(wishes: [2, 0, 1], groups: 0b100),
            Person(wishes: [2], groups: 0b101),
        ]
        let floors = [(2, 1), (0, 1), (1, 2)].map { Floor(group: $0.0, size: $0.1, kind: .strict) }
        var instance = Instance(people, seats: [1, 1, 2], quota: 3, floors: floors)
        #expect(instance.shares().sessions == [nil, 1, 2, 2])
        instance.people[0].groups = 0b001
        #expect(instance.shares().sessions == [2, 1, 2, nil])
    }

    @Test func `with caps, to go up one place can hurt: who fills the floor in another's place lets that one's colleague in`() {
        let colleague = Person(wishes: [0], organization: 1)
        let other = Person(wishes: [1], groups: 1, organization: 1)
        let riser = Person(wishes: [0], groups: 1, organization: 2)
        var instance = Instance([colleague, other, riser], seats: [1, 1], floors: [Floor(group: 0, size: 1, kind: .fair)])
        instance.organizationCap = 1
        #expect(instance.shares().sessions == [nil, 1, 0])
        instance.people = [colleague, riser, other]
        #expect(instance.shares().sessions == [0, nil, nil])
    }

    @Test func `E15: an organization's cap goes before the order, and the order before the floor`() {
        // a1, b1, a2; X is the first group, Y the second.
        var instance = Instance(
            [
                Person(wishes: [0], groups: 0b01, organization: 1), Person(wishes: [0], groups: 0b01, organization: 2),
                Person(wishes: [0], groups: 0b10, organization: 1),
            ], seats: [2], floors: [Floor(group: 0, size: 1), Floor(group: 1, size: 1)])
        instance.organizationCaps = [1: 1]
        #expect(instance.shares().sessions == [0, 0, nil])
        let certificate = ShortfallCertificate(instance.allocation())
        #expect(certificate.floors.map(\.filled) == [1, 0])
        #expect(BruteForce.rank([0b01, 0b10], [1, 1]) == 2, "b1 and a2 would fill both")
    }

    @Test func `E16: a floor over two sessions takes back whom it refused when more come`() {
        // In their order: g0, n2, n1, g1, g2.
        let groups: [UInt8] = [1, 0, 0, 1, 1]
        func chosen(_ offers: [(Int, Int)]) -> [Int?] {
            var lists = groups.map { _ in [Int]() }
            for (person, session) in offers { lists[person].append(session) }
            let ranked = BruteForce.assignments(lists, [1, 1]).map { result in
                let placed = result.indices.filter { result[$0] != nil }
                let code = placed.reduce(0) { $0 | 1 << (groups.count - 1 - $1) }
                return (rank: BruteForce.rank(placed.map { groups[$0] }, [1]), count: placed.count, code: code, result: result)
            }
            let best = ranked.max { ($0.rank, $0.count, $0.code) < ($1.rank, $1.count, $1.code) }
            return best?.result ?? []
        }
        let offers = [(3, 0), (2, 0), (1, 1), (4, 1)]
        #expect(chosen(offers) == [nil, 1, nil, 0, nil])
        #expect(chosen(offers + [(0, 1)]) == [1, nil, 0, nil, nil], "n1 was refused, and is taken when g0 comes too")
        // Calls one after the other come to the same in both.
        let floors = [Floor(group: 0, size: 1)]
        func called(_ people: [(list: [Int], group: UInt8)]) -> [Int?] {
            Instance(people.map { Person(wishes: $0.list, groups: $0.group) }, seats: [1, 1], floors: floors).shares().sessions
        }
        #expect(called([([1], 0), ([0], 0), ([0], 1), ([1], 1)]) == [1, nil, 0, nil])
        #expect(called([([1], 1), ([1], 0), ([0], 0), ([0], 1), ([1], 1)]) == [1, nil, 0, nil, nil])
    }

    @Test(arguments: [(leaver: 2, next: 4), (leaver: 0, next: 3)])
    func `E17: a seat of a short floor goes to its group, another to who is next`(
        _ example: (leaver: Int, next: Int)
    ) {
        let instance = Instance(
            [0, 0, 1, 0, 1].map { Person(wishes: [0], groups: $0) }, seats: [3], floors: [Floor(group: 0, size: 1)])
        let allocation = instance.allocation()
        #expect(Shares(allocation.outcome).placed == [0, 1, 2])
        var tick = WaitlistTick(allocation.outcome)
        tick.leave(example.leaver)
        let promotions = tick.run(instance.program, instance.sessions, allocation.lineup, allocation.floors)
        #expect(promotions.map(\.place) == [example.next])
    }

    @Test func `E18: a session's own floor moves one of the others to the second session`() {
        // n1, n2, g1, g2.
        let people = [
            Person(wishes: [0, 1]), Person(wishes: [0, 1]), Person(wishes: [0], groups: 1), Person(wishes: [0, 1], groups: 1),
        ]
        var instance = Instance(people, seats: [2, 1])
        instance.mode = .local
        #expect(instance.shares().sessions == [0, 0, nil, 1])
        instance.floors = [Floor(group: 0, size: 1)]
        instance.sessions[0].floorSizes = [1]
        instance.sessions[1].floorSizes = [0]
        #expect(instance.shares().sessions == [0, 1, 0, nil])
    }

    @Test func `E19: a strict floor takes the session that a fair one leaves to who goes first`() {
        func result(_ kind: Floor.Kind, _ wishes: [Int]) -> [Int?] {
            Instance(
                [Person(wishes: [0, 1]), Person(wishes: wishes, groups: 1)], seats: [1, 1], floors: [Floor(group: 0, size: 1, kind: kind)]
            ).shares().sessions
        }
        #expect(result(.fair, [0, 1]) == [0, 1])
        #expect(result(.strict, [0, 1]) == [1, 0])
        #expect(result(.fair, [0]) == [0, nil])
        #expect(result(.strict, [0]) == [1, 0])
    }
}
