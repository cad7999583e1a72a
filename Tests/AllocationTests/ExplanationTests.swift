import Allocation
import Runtime
import TestSupport
import Testing

/// What people are told is so.
@Suite struct ExplanationTests {
    private static let seeds = SeededGenerator.seeds(4)

    // MARK: Why

    private func isTrue(_ refusal: Explanation.Refusal, _ place: Int, _ session: Int, _ instance: Instance, _ shares: Shares) -> Bool {
        let there = shares.at(session)
        let position = shares.positions[place]
        switch refusal {
        case .full(let closing):
            return instance.mode == .order && there.count == instance.sessions[session].capacity && Int(closing) < position
                && there.map { shares.positions[$0] }.max() == Int(closing)
        case .organizationFull(let closing):
            let winners = shares.placed.filter { instance.people[$0].organization == instance.people[place].organization }
            return shares.sessions[place] == nil && winners.count == instance.cap(of: place) && Int(closing) < position
                && winners.map { shares.positions[$0] }.max() ?? 0 == Int(closing)
        case .quotaReached:
            return position == 0 && shares.placed.count == instance.places
        case .others(let last, let isLocal):
            let alike = instance.inOrder(there.filter { instance.floorMask($0) == instance.floorMask(place) }, at: session)
            guard instance.mode == .local, there.count == instance.sessions[session].capacity, alike.last.map({ $0 + 1 }) == last else {
                return false
            }
            guard let found = alike.last else { return !isLocal }
            let area = instance.sessions[session].area
            return isLocal == (area != nil && area == instance.people[found].area)
                && instance.inOrder([place, found], at: session)[0] == found
        }
    }

    @Test(arguments: Column.allCases, seeds) func `every reason is true, for each session liked better`(_ column: Column, _ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let instance = Instance.random(column, caps: true, people: 8, &numbers)
            let allocation = instance.allocation()
            let explainer = Explainer(allocation)
            let shares = Shares(allocation.outcome)
            var waiting = 0
            for place in instance.people.indices {
                let explanation = explainer.explain(place)
                let better = Axioms.better(place, instance, shares)
                if shares.sessions[place] == nil { waiting += 1 }
                let result =
                    shares.sessions[place].map { Explanation.Result.placed(session: $0, wish: better.count + 1) }
                    ?? .waiting(place: waiting)
                #expect(explanation.result == result, "\(instance)")
                #expect(explanation.place == place + 1 && Int(explanation.position) == shares.positions[place], "\(instance)")
                #expect(explanation.phase == shares.phases[place], "\(instance)")
                #expect(explanation.refused.map(\.session) == better, "\(instance)")
                for wish in explanation.refused {
                    #expect(isTrue(wish.refusal, place, wish.session, instance, shares), "\(place) \(wish)\n\(instance)\n\(shares)")
                }
            }
        }
    }

    @Test(arguments: Column.allCases, seeds) func `an outcome's own figures are those of the people in it`(_ column: Column, _ seed: UInt64)
    {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let instance = Instance.random(column, caps: true, &numbers)
            let outcome = instance.allocation().outcome
            let shares = Shares(outcome)
            func rank(_ people: [Int], _ sizes: [Int]) -> Int { BruteForce.rank(people.map { instance.floorMask($0) }, sizes) }
            let filled =
                instance.mode == .order
                ? rank(shares.placed, instance.floorSizes)
                : instance.sessions.indices.reduce(0) { $0 + rank(shares.at($1), instance.sessionFloorSizes($1)) }
            #expect(outcome.rank == filled, "\(instance)")
            #expect(outcome.placed == shares.placed.count && outcome.quota == instance.places, "\(instance)")
            #expect(outcome.phases.allSatisfy { Phase(code: $0).code == $0 })
        }
    }

    // MARK: What if

    /// The wish (0: the dearest) that the person has in the end, with the people in this order.
    private func wish(_ instance: Instance, _ place: Int) -> Int { instance.regret(place, instance.shares().sessions[place]) }

    private func moved(_ instance: Instance, _ place: Int, to other: Int) -> Instance {
        var changed = instance
        changed.people.insert(changed.people.remove(at: place), at: other)
        return changed
    }

    /// All that would have brought something better, by building each case from the beginning and trying every place, group and class.
    private func changes(_ instance: Instance, _ draw: [UInt64], _ place: Int) -> [WhatIf.Change] {
        let person = instance.people[place]
        let present = wish(instance, place)
        if present == 0 { return [] }
        var changes: [WhatIf.Change] = []
        let wishes = (0..<place).map { wish(moved(instance, place, to: $0), $0) }
        if let last = wishes.lastIndex(where: { $0 < present }) {
            changes.append(.place(last + 1, session: person.wishes[wishes[last]]))
            if wishes[last] > 0, let dearest = wishes.lastIndex(of: 0) { changes.append(.place(dearest + 1, session: person.wishes[0])) }
            #expect(wishes[...last].allSatisfy { $0 < present }, "any place up to it is as good\n\(instance)")
        }
        for group in 0..<Program.groupCountMax where person.groups >> UInt8(group) & 1 == 0 {
            var changed = instance
            changed.people[place].groups |= 1 << UInt8(group)
            let found = wish(changed, place)
            if found < present { changes.append(.group(group, session: person.wishes[found])) }
        }
        for priority in Set(instance.people.map(\.priority)).filter({ $0 < person.priority }).sorted(by: >) {
            let other = instance.people.indices.count {
                (instance.people[$0].priority, draw[$0]) < (priority, draw[place])
            }
            let found = wish(moved(instance, place, to: other), other)
            if found < present {
                changes.append(.priority(class: priority, session: person.wishes[found]))
                break
            }
        }
        return changes
    }

    @Test(arguments: Column.allCases, seeds) func `what would have changed a result is found, and is so`(_ column: Column, _ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            var instance = Instance.random(column, caps: true, people: 7, &numbers)
            for place in instance.people.indices { instance.people[place].priority = .random(in: 1...3, using: &numbers) }
            instance.people.sort { $0.priority < $1.priority }
            // Within a class numbers rise with the places.
            let draw = instance.people.map { (priority: $0.priority, number: UInt64.random(in: 0...UInt64.max, using: &numbers)) }
                .sorted { ($0.priority, $0.number) < ($1.priority, $1.number) }.map(\.number)
            let order = CommonOrder(instance.applicants, numbers: (draw, draw))
            #expect(order.rows.map { Int($0) } == Array(instance.people.indices))
            let whatIf = WhatIf(Allocation(instance.program, instance.sessions, instance.applicants, order: order))
            for place in instance.people.indices {
                let (found, expected) = (whatIf.changes(for: place), changes(instance, draw, place))
                #expect(found == expected, "\(place)\n\(instance)")
            }
        }
    }

    @Test func `numbers decide where in another class somebody would stand`() throws {
        // One seat; b of class 2 has a better number than a of class 1.
        var applicants = Applicants(wishStride: 1)
        applicants.append(ticket: try #require(Ticket("a")), class: 1, wishes: [0])
        applicants.append(ticket: try #require(Ticket("b")), class: 2, wishes: [0])
        applicants.append(ticket: try #require(Ticket("c")), class: 2, wishes: [0])
        let program = Program(name: "p", quota: 1)
        let order = CommonOrder(applicants, numbers: ([5, 3, 9], [0, 0, 0]))
        let whatIf = WhatIf(Allocation(program, [Session(name: "s", capacity: 1)], applicants, order: order))
        #expect(whatIf.changes(for: 0).isEmpty)
        #expect(whatIf.changes(for: 1) == [.place(1, session: 0), .priority(class: 1, session: 0)])
        #expect(whatIf.changes(for: 2) == [.place(1, session: 0)])
    }
}
