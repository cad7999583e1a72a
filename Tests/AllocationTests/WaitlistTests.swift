import Allocation
import Runtime
import TestSupport
import Testing

@Suite struct WaitlistTests {
    private static let seeds = SeededGenerator.seeds(4)

    private func engine(_ instance: Instance, _ placed: [Int?], _ waiting: [Int]) -> (sessions: [Int?], promoted: [Int]) {
        let allocation = instance.allocation()
        var tick = WaitlistTick(allocation.outcome)
        for place in instance.people.indices where placed[place] == nil && !waiting.contains(place) { tick.leave(place) }
        let promotions = tick.run(instance.program, instance.sessions, allocation.lineup, allocation.floors)
        let sessions = instance.people.indices.map { place in
            tick.standing(place) == .placed ? Int(tick.sessions[place]) : nil
        }
        return (sessions, promotions.map(\.place))
    }

    private func hold(_ seed: UInt64, _ instance: (inout SeededGenerator) -> Instance) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let instance = instance(&numbers)
            let leavers = instance.people.indices.filter { _ in numbers.chance(30) }
            if let violation = WaitlistReference.violation(instance, leavers, engine) {
                Issue.record("\(violation) after \(leavers) left\n\(instance)")
                return
            }
        }
    }

    @Test(arguments: Column.allCases, seeds) func `A16: a tick moves nobody, empties no floor and leaves no seat that somebody waits for`(
        _ column: Column, _ seed: UInt64
    ) {
        hold(seed) { Instance.random(column, caps: true, &$0) }
    }

    @Test(arguments: Column.order, seeds) func `A16: in a pool a tick comes to the choice among those who stayed`(
        _ column: Column, _ seed: UInt64
    ) {
        hold(seed) { Instance.randomPool(column, &$0) }
    }

    @Test(arguments: Column.allCases, seeds) func `a tick promotes whom the reference promotes, in its order`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let instance = Instance.random(column, caps: true, &numbers)
            var left = instance.shares()
            let leavers = instance.people.indices.filter { _ in numbers.chance(30) }
            let waiting = instance.people.indices.filter { left.sessions[$0] == nil && !leavers.contains($0) }
            for leaver in leavers { left.sessions[leaver] = nil }
            let (found, expected) = (engine(instance, left.sessions, waiting), WaitlistReference.run(instance, left.sessions, waiting, nil))
            #expect(found.sessions == expected.sessions && found.promoted == expected.promoted, "\(leavers) left\n\(instance)")
        }
    }

    @Test(arguments: Column.allCases, seeds) func `A16: who left first within a tick does not matter, and a second tick finds nothing`(
        _ column: Column, _ seed: UInt64
    ) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<20 {
            let instance = Instance.random(column, caps: true, &numbers)
            let allocation = instance.allocation()
            let leavers = instance.people.indices.filter { _ in numbers.chance(40) }
            let ticks = [leavers, leavers.shuffled(using: &numbers), leavers.reversed()].map { leavers in
                var tick = WaitlistTick(allocation.outcome)
                for leaver in leavers { tick.leave(leaver) }
                let promotions = tick.run(instance.program, instance.sessions, allocation.lineup, allocation.floors)
                let again = tick.run(instance.program, instance.sessions, allocation.lineup, allocation.floors)
                #expect(again.isEmpty, "\(instance)")
                return (promotions, tick.sessions, tick.standings)
            }
            #expect(ticks.allSatisfy { $0 == ticks[0] }, "\(leavers) left\n\(instance)")
        }
    }

    @Test(arguments: Column.allCases, seeds) func `nobody is promoted while nobody left`(_ column: Column, _ seed: UInt64) {
        var numbers = SeededGenerator(seed: seed)
        for _ in 0..<25 {
            let instance = Instance.random(column, caps: true, &numbers)
            let allocation = instance.allocation()
            var tick = WaitlistTick(allocation.outcome)
            #expect(tick.run(instance.program, instance.sessions, allocation.lineup, allocation.floors).isEmpty, "\(instance)")
        }
    }
}
