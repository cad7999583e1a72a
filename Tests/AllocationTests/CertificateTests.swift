import Allocation
import Runtime
import TestSupport
import Testing

/// The certificates accept every run, and refuse whatever is not what the calls, or the sessions' choices, come to.
@Suite struct CertificateTests {
    private static let seeds = SeededGenerator.seeds(6)

    private func isAccepted(_ allocation: Allocation, _ outcome: Outcome) -> Bool {
        do {
            try ReplayCertificate.check(allocation, outcome)
            return true
        } catch {
            return false
        }
    }

    /// Whether the outcome says of itself what is so: calls in their order, each with the first seat that was free, and sums that add up.
    private func isRight(_ instance: Instance, _ outcome: Outcome) -> Bool {
        let shares = Shares(outcome)
        guard Axioms.eligibility(instance, shares) == nil, Axioms.capacity(instance, shares) == nil else { return false }
        let taken = instance.sessions.indices.map { shares.at($0).count }
        guard outcome.taken == taken.map({ Int32($0) }), outcome.placed == shares.placed.count, outcome.quota == instance.places else {
            return false
        }
        switch instance.mode {
        case .local:
            return Axioms.stability(instance, shares) == nil && outcome.positions == instance.people.indices.map { UInt32($0 + 1) }
        case .order:
            let closings = instance.sessions.indices.map { session in shares.at(session).map { outcome.positions[$0] }.max() ?? 0 }
            return outcome.closings == closings && Axioms.replay(instance, shares) == nil
        }
    }

    @Test(arguments: Column.allCases, seeds) func `every run is accepted`(_ column: Column, _ seed: UInt64) throws {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<40 {
            let instance = Instance.random(column, caps: true, &numbers)
            let allocation = instance.allocation()
            #expect(isRight(instance, allocation.outcome), "\(instance)")
            #expect(throws: Never.self, "\(instance)") { try ReplayCertificate.check(allocation, allocation.outcome) }
        }
    }

    /// One thing changed, the sums along with it or not.
    private func mutated(_ instance: Instance, _ outcome: Outcome, _ numbers: inout SeededGenerator) -> Outcome {
        var changed = outcome
        let place = Int.random(in: 0..<instance.people.count, using: &numbers)
        let other = Int.random(in: 0..<instance.people.count, using: &numbers)
        switch Int.random(in: 0..<6, using: &numbers) {
        case 0: changed.sessions.swapAt(place, other)
        case 1: changed.sessions[place] = Applicants.noSession
        case 2: changed.sessions[place] = UInt16.random(in: 0...UInt16(instance.sessions.count), using: &numbers)
        case 3: changed.positions.swapAt(place, other)
        case 4: changed.positions[place] = UInt32.random(in: 0...UInt32(instance.people.count + 1), using: &numbers)
        default:
            let session = Int.random(in: 0..<instance.sessions.count, using: &numbers)
            switch Int.random(in: 0..<4, using: &numbers) {
            case 0: changed.taken[session] += 1
            case 1: changed.closings[session] += 1
            case 2: changed.placed += 1
            default: changed.quota -= 1
            }
            return changed
        }
        if numbers.chance(80) {
            for session in instance.sessions.indices {
                let here = instance.people.indices.filter { Int(changed.sessions[$0]) == session }
                changed.taken[session] = Int32(here.count)
                if instance.mode == .order { changed.closings[session] = here.map { changed.positions[$0] }.max() ?? 0 }
            }
            changed.placed = changed.taken.reduce(0) { $0 + Int($1) }
        }
        return changed
    }

    @Test(arguments: Column.allCases, seeds) func `whatever one change makes wrong is refused, and only that`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        var wrong = 0
        for _ in 0..<30 {
            let instance = Instance.random(column, caps: true, &numbers)
            let allocation = instance.allocation()
            for _ in 0..<8 {
                let changed = mutated(instance, allocation.outcome, &numbers)
                let isRight = isRight(instance, changed)
                if !isRight { wrong += 1 }
                #expect(isAccepted(allocation, changed) == isRight, "\(instance)\n\(changed)\ninstead of \(allocation.outcome)")
            }
        }
        #expect(wrong > 20)
    }

    @Test(arguments: seeds) func `a stable result is any that no session and applicant would leave for each other`(_ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<6 {
            let instance = Instance.random(.local, people: 4, &numbers)
            let allocation = instance.allocation()
            for result in BruteForce.assignments(instance.people.map(\.wishes), instance.sessions.map(\.capacity)) {
                var outcome = allocation.outcome
                outcome.sessions = result.map { $0.map { UInt16($0) } ?? Applicants.noSession }
                outcome.taken = instance.sessions.indices.map { session in Int32(result.count { $0 == session }) }
                outcome.placed = result.count { $0 != nil }
                let isStable = Axioms.stability(instance, Shares(outcome)) == nil
                #expect(isAccepted(allocation, outcome) == isStable, "\(instance)\n\(result)")
                // Of all stable results the rule's is the best for everybody.
                if isStable {
                    for place in instance.people.indices {
                        let own = Shares(allocation.outcome).sessions[place]
                        #expect(instance.regret(place, own) <= instance.regret(place, result[place]), "\(instance)\n\(result)")
                    }
                }
            }
        }
    }

    // MARK: The faults' names

    private func fault(_ instance: Instance, _ change: (inout Outcome) -> Void) -> ReplayCertificate.Fault? {
        let allocation = instance.allocation()
        var outcome = allocation.outcome
        change(&outcome)
        do {
            try ReplayCertificate.check(allocation, outcome)
            return nil
        } catch {
            return error
        }
    }

    @Test func `a fault names who or what cannot be right`() {
        let people = [Person(wishes: [0, 1]), Person(wishes: [0]), Person(wishes: [0, 1])]
        var instance = Instance(people, seats: [1, 2])
        #expect(Shares(instance.allocation().outcome).sessions == [0, nil, 1])
        #expect(fault(instance) { $0.sessions[1] = 1 } == .notListed(place: 1))
        #expect(fault(instance) { $0.taken[1] = 2 } == .seats(session: 1))
        #expect(fault(instance) { $0.closings[1] = 2 } == .seats(session: 1))
        #expect(fault(instance) { $0.placed = 3 } == .quota)
        #expect(fault(instance) { $0.quota = 4 } == .quota)
        #expect(fault(instance) { $0.positions[1] = 1 } == .calls(place: 1))
        #expect(fault(instance) { $0.positions[1] = 4 } == .calls(place: 1))
        #expect(fault(instance) { $0.positions[1] = 0 } == .notCalled(place: 1))
        #expect(
            fault(instance) { outcome in
                outcome.sessions = [1, Applicants.noSession, 0]
                outcome.closings = [3, 1]
            } == .preferred(place: 0, session: 0))
        instance.organizationCap = 1
        #expect(Shares(instance.allocation().outcome).sessions == [0, nil, nil])
        #expect(
            fault(instance) { outcome in
                outcome.sessions[2] = 1
                (outcome.taken[1], outcome.closings[1], outcome.placed) = (1, 3, 2)
            } == .organization(place: 2))
        instance.organizationCap = nil
        instance.mode = .local
        #expect(
            fault(instance) {
                $0.sessions = [1, 0, 1]; $0.taken = [1, 2]; $0.placed = 3
            } == .unstable(place: 0, session: 0))
    }
}
