import Allocation
import Crypto
import Runtime
import TestSupport
import Testing

/// Rules that are wrong on purpose: the same checks that the engine passes must find each of them out. A check that lets one pass is worth
/// nothing.
@Suite struct NegativeControlTests {
    /// The first violation among so many instances, and after how many it was found.
    private func firstViolation(
        _ instances: Int, _ instance: (inout SeededGenerator) -> Instance, _ rule: @escaping Rule, _ check: (Instance, Rule) -> String?
    ) -> (violation: String, instance: Instance, tries: Int)? {
        var numbers = SeededGenerator(seed: SeededGenerator.seeds(1)[0])
        for tries in 1...instances {
            let instance = instance(&numbers)
            if let violation = check(instance, rule) { return (violation, instance, tries) }
        }
        return nil
    }

    private func pool(_ instance: Instance, _ rule: Rule) -> String? { Axioms.pool(instance, rule(instance)) }

    private func isCaught(_ column: Column, _ mistake: OrderReference.Mistake) -> Bool {
        firstViolation(2_000, { Instance.randomPool(column, &$0) }, OrderReference.rule(mistake), pool) != nil
    }

    private func isCaught(_ mistake: LocalReference.Mistake, _ check: @escaping (Instance, Shares) -> String?) -> Bool {
        firstViolation(2_000, { Instance.random(.local, &$0) }, LocalReference.rule(mistake)) { check($0, $1($0)) } != nil
    }

    @Test func `rules without a mistake pass the checks that find the others out`() {
        for column in Column.order {
            #expect(firstViolation(60, { Instance.randomPool(column, &$0) }, OrderReference.rule(nil), pool) == nil)
        }
        let local = LocalReference.rule(nil)
        #expect(firstViolation(60, { Instance.random(.local, &$0) }, local) { Axioms.stability($0, $1($0)) } == nil)
        #expect(firstViolation(60, { Instance.random(.local, &$0) }, local) { Axioms.sessionChoices($0, $1($0)) } == nil)
    }

    @Test(arguments: Column.withFloors.filter { $0 != .local }) func `one floor after the other is caught in a pool`(_ column: Column) {
        #expect(isCaught(column, .floorsInSequence))
    }

    @Test(arguments: Column.withFloors.filter { $0 != .local }) func `open places before reserved ones are caught in a pool`(
        _ column: Column
    ) {
        #expect(isCaught(column, .openFirst))
    }

    @Test func `open seats before reserved ones are caught at a session`() {
        #expect(isCaught(.openFirst, Axioms.sessionChoices))
    }

    @Test func `seats that are never given up again are caught by stability and by false lists`() {
        #expect(isCaught(.immediateAcceptance, Axioms.stability))
        let rule = LocalReference.rule(.immediateAcceptance)
        #expect(firstViolation(2_000, { Instance.random(.local, people: 4, &$0) }, rule, Axioms.lists) != nil)
    }

    @Test func `floors larger than a session, unguarded, are caught at the session`() {
        #expect(isCaught(.withoutSpare, Axioms.sessionChoices))
    }

    @Test(arguments: [Column.strict, .mixed]) func `floors larger than the quota, unguarded, are caught in a pool`(_ column: Column) {
        #expect(isCaught(column, .withoutQuotaGuard))
    }

    @Test(arguments: [Column.strict, .mixed]) func `strict floors that do not fix the winners beforehand are caught in a pool`(
        _ column: Column
    ) {
        #expect(isCaught(column, .withoutFixedWinners))
    }

    @Test(arguments: [Column.strict, .mixed]) func `strict floors that call more than were chosen are caught in a pool`(_ column: Column) {
        #expect(isCaught(column, .refillWithoutLimit))
    }

    @Test(arguments: [OrderReference.Mistake.strictAsFair, .withoutFloorLater])
    func `leaving out a phase is caught by comparing with the engine`(
        _ mistake: OrderReference.Mistake
    ) {
        let column: Column = mistake == .strictAsFair ? .strict : .fair
        let found = firstViolation(2_000, { Instance.random(column, &$0) }, OrderReference.rule(mistake)) { instance, rule in
            rule(instance).sessions == instance.shares().sessions ? nil : "other sessions"
        }
        #expect(found != nil)
    }

    @Test func `numbers of the draw read from the wrong end are caught by their order`() throws {
        let secret = (0..<32).map { UInt8($0) }
        let beacon = try #require(Hex.decode("fe290beca10872ef2fb164d2aa4442de4566183ec51c56ff3cd603d930e54fdd"))
        let lottery = Lottery(secret: secret, beacon: beacon)
        let tickets = try (1...10).map { try #require(Ticket("T00000" + ($0 < 10 ? "0" : "") + "\($0)")) }
        func order(_ precedes: ([UInt8], [UInt8]) -> Bool) -> [Int] {
            let numbers = tickets.map { lottery.number(of: $0, program: "demo").bytes }
            return numbers.indices.sorted { precedes(numbers[$0], numbers[$1]) }.map { $0 + 1 }
        }
        #expect(order { $0.lexicographicallyPrecedes($1) } == [10, 8, 7, 4, 1, 3, 6, 5, 2, 9])
        #expect(order { $0.reversed().lexicographicallyPrecedes($1.reversed()) } != [10, 8, 7, 4, 1, 3, 6, 5, 2, 9])
        // The first eight bytes alone from the wrong end, as a word loaded without turning it round would be.
        #expect(order { $0[..<8].reversed().lexicographicallyPrecedes($1[..<8].reversed()) } != [10, 8, 7, 4, 1, 3, 6, 5, 2, 9])
    }

    @Test(arguments: WaitlistReference.Mistake.allCases) func `a waitlist with a mistake is caught`(_ mistake: WaitlistReference.Mistake) {
        var numbers = SeededGenerator(seed: SeededGenerator.seeds(1)[0])
        let isCaught = (0..<2_000).contains { _ in
            let instance = Instance.randomPool(.strict, &numbers)
            let leavers = instance.people.indices.filter { _ in numbers.chance(30) }
            return WaitlistReference.violation(instance, leavers) { WaitlistReference.run($0, $1, $2, mistake) } != nil
        }
        #expect(isCaught)
    }
}
