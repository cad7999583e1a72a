import Allocation
import Runtime
import TestSupport
import Testing

/// The axioms over random small instances, for each mode and kind of floors in which they hold.
@Suite struct AxiomTests {
    private static let seeds = SeededGenerator.seeds(4)

    private func hold(
        _ column: Column, _ seed: UInt64, instances: Int = 40, caps: Bool = true, people: Int = 6,
        _ check: (Instance, Shares) -> String?
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<instances {
            let instance = Instance.random(column, caps: caps, people: people, &numbers)
            let shares = instance.shares()
            if let violation = check(instance, shares) {
                Issue.record("\(violation)\n\(instance)\n\(shares)")
                return
            }
        }
    }

    private func holdUnderChanges(
        _ column: Column, _ seed: UInt64, instances: Int = 25, caps: Bool = false, _ check: (Instance, Rule) -> String?
    ) {
        hold(column, seed, instances: instances, caps: caps, people: 5) { instance, _ in check(instance) { $0.shares() } }
    }

    @Test(arguments: Column.allCases, seeds) func `A1: nobody has a session that they did not ask for`(_ column: Column, _ seed: UInt64) {
        hold(column, seed, Axioms.eligibility)
    }

    @Test(arguments: Column.allCases, seeds) func `A2: seats, quota and organizations' caps are kept`(_ column: Column, _ seed: UInt64) {
        hold(column, seed, Axioms.capacity)
    }

    @Test(arguments: Column.allCases, seeds) func `A3: no seat is free that somebody would rather have`(_ column: Column, _ seed: UInt64) {
        hold(column, seed, Axioms.noWaste)
    }

    @Test(arguments: Column.order, seeds) func `A4, A7: in a pool the chosen are those of the brute force, floors as full as can be`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<60 {
            let instance = Instance.randomPool(column, &numbers)
            if let violation = Axioms.pool(instance, instance.shares()) {
                Issue.record("\(violation)\n\(instance)")
                return
            }
        }
    }

    @Test(arguments: seeds) func `A4, A7: in mode local each session has the brute force's choice of all who proposed`(_ seed: UInt64) {
        hold(.local, seed, Axioms.sessionChoices)
    }

    @Test(arguments: Column.order, seeds) func `A5: whoever sees a better session was called after it was full`(
        _ column: Column, _ seed: UInt64
    ) {
        hold(column, seed, Axioms.replay)
    }

    @Test(arguments: seeds) func `A5: in mode local no session would rather have somebody who would rather be there`(_ seed: UInt64) {
        hold(.local, seed, Axioms.stability)
    }

    @Test(arguments: Column.allCases, seeds) func `A6: nobody envies who comes later in the same pass`(_ column: Column, _ seed: UInt64) {
        hold(column, seed, Axioms.noEnvy)
    }

    @Test(arguments: Column.order, seeds) func `A8: while places are left nobody waits who would fill a floor where a seat is free`(
        _ column: Column, _ seed: UInt64
    ) {
        hold(column, seed, Axioms.floorsAreMaximal)
    }

    @Test(arguments: Column.allCases, seeds) func `A9: no other list serves anybody better than the true one`(
        _ column: Column, _ seed: UInt64
    ) {
        holdUnderChanges(column, seed, caps: true, Axioms.lists)
    }

    @Test(arguments: Column.allCases, seeds) func `A10: hiding groups serves nobody, without caps and with floors served as given`(
        _ column: Column, _ seed: UInt64
    ) {
        holdUnderChanges(column, seed) { instance, rule in
            var instance = instance
            // Of more strict floors that overlap it is not true: see the example.
            if instance.floors.contains(where: { $0.kind == .strict }) { instance.floors = Array(instance.floors.prefix(2)) }
            return Axioms.groups(instance, rule)
        }
    }

    @Test(arguments: Column.allCases, seeds) func `A12: moving up one place hurts nobody who does, without caps or without floors`(
        _ column: Column, _ seed: UInt64
    ) {
        holdUnderChanges(column, seed, instances: 40, caps: column == .plain, Axioms.improvement)
    }

    @Test(arguments: [.plain, .local] as [Column], seeds)
    func `A13: without floors, and in mode local, somebody leaving beforehand hurts nobody else`(
        _ column: Column, _ seed: UInt64
    ) {
        holdUnderChanges(column, seed, instances: 40, Axioms.leaver)
    }

    @Test(arguments: [.plain, .local] as [Column], seeds) func `A14: without floors, and in mode local, another seat hurts nobody`(
        _ column: Column, _ seed: UInt64
    ) {
        holdUnderChanges(column, seed, instances: 40) { instance, rule in
            var instance = instance
            // Shares by capacity would move with the seat: the floors stay where they are.
            for session in instance.sessions.indices where instance.mode == .local {
                instance.sessions[session].floorSizes = instance.sessionFloorSizes(session)
            }
            return Axioms.extraSeat(instance, rule)
        }
    }

    @Test(arguments: Column.order, seeds) func `the engine gives what the reference gives, call by call`(_ column: Column, _ seed: UInt64) {
        hold(column, seed) { instance, shares in
            let expected = OrderReference(instance).run()
            return shares == expected ? nil : "expected \(expected)"
        }
    }

    @Test(arguments: seeds) func `in mode local the engine gives what rounds of proposals give`(_ seed: UInt64) {
        hold(.local, seed) { instance, shares in
            let expected = LocalReference.rule(nil)(instance)
            return shares == expected ? nil : "expected \(expected)"
        }
    }
}
