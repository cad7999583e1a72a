import Runtime
import TestSupport
import Testing

/// The wheel against the plainest model: a table of deadlines, searched whole.
@Suite struct TimerWheelTests {
    @Test(arguments: SeededGenerator.seeds(20))
    func `timers fire at their tick, never early, whatever is scheduled and cancelled between`(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var present = UInt64.random(in: 0...1 << 40, using: &random)
        var wheel = TimerWheel<Int>(tick: present)
        var deadlines: [Int: UInt64] = [:]
        var tokens: [Int: TimerWheel<Int>.Token] = [:]
        var spent: [TimerWheel<Int>.Token] = []
        for step in 0..<3_000 {
            switch Int.random(in: 0..<10, using: &random) {
            case 0..<5:
                let reach = UInt64(1) << UInt64.random(in: 0...26, using: &random)
                let deadline = present &+ UInt64.random(in: 0...reach, using: &random)
                tokens[step] = wheel.schedule(step, at: deadline)
                deadlines[step] = max(deadline, present + 1)
            case 5..<7:
                guard let name = deadlines.keys.sorted().randomElement(using: &random), let token = tokens[name] else { continue }
                let isCancelled = wheel.cancel(token)
                #expect(isCancelled, "seed \(seed)")
                spent.append(token)
                deadlines[name] = nil
            case 7:
                guard let token = spent.randomElement(using: &random) else { continue }
                let isCancelled = wheel.cancel(token)
                #expect(!isCancelled, "seed \(seed)")
            default:
                let next = wheel.nextTick
                #expect((next == nil) == deadlines.isEmpty, "seed \(seed)")
                if let next, let earliest = deadlines.values.min() { #expect(next > present && next <= earliest, "seed \(seed)") }
                present += UInt64(1) << UInt64.random(in: 0...20, using: &random)
                wheel.advance(to: present)
                var last: UInt64 = 0
                while let name = wheel.takeExpired() {
                    let deadline = deadlines.removeValue(forKey: name)
                    try #require(deadline != nil, "a timer fired that was not pending; seed \(seed)")
                    try #require((deadline ?? .max) <= present, "a timer fired early; seed \(seed)")
                    try #require((deadline ?? 0) >= last, "oldest tick first; seed \(seed)")
                    last = deadline ?? last
                    if let token = tokens[name] { spent.append(token) }
                }
                #expect(deadlines.values.allSatisfy { $0 > present }, "a timer is late; seed \(seed)")
            }
            #expect(wheel.count == deadlines.count, "seed \(seed)")
        }
    }

    @Test func `a loop that sleeps until the next tick meets every deadline exactly`() {
        for seed in SeededGenerator.seeds(20) {
            var random = SeededGenerator(seed: seed)
            var wheel = TimerWheel<UInt64>(tick: 1_000)
            for _ in 0..<200 {
                let deadline = 1_001 + UInt64.random(in: 0...1 << UInt64.random(in: 0...25, using: &random), using: &random)
                _ = wheel.schedule(deadline, at: deadline)
            }
            var turns = 0
            while let next = wheel.nextTick {
                wheel.advance(to: next)
                while let deadline = wheel.takeExpired() { #expect(deadline == next, "seed \(seed)") }
                turns += 1
            }
            // A timer is placed again at most once for each level and once for each turn of the last wheel.
            #expect(turns < 200 * 8, "seed \(seed)")
        }
    }

    @Test func `a hundred thousand idle time-outs are pushed back and fire once`() {
        var wheel = TimerWheel<Int>(tick: 0)
        let idle: UInt64 = 15_000
        var tokens = (0..<100_000).map { wheel.schedule($0, at: idle) }
        for tick in stride(from: UInt64(100), through: 10_000, by: 100) {
            wheel.advance(to: tick)
            // A hundredth of the connections hears something.
            for connection in stride(from: Int(tick / 100) % 100, to: 100_000, by: 100) {
                let isCancelled = wheel.cancel(tokens[connection])
                if !isCancelled { Issue.record("connection \(connection) had lost its time-out") }
                tokens[connection] = wheel.schedule(connection, at: tick + idle)
            }
        }
        #expect(wheel.count == 100_000)
        var fired = [Int](repeating: 0, count: 100_000)
        wheel.advance(to: 30_000)
        while let connection = wheel.takeExpired() { fired[connection] += 1 }
        #expect(fired.allSatisfy { $0 == 1 })
        #expect(wheel.count == 0)
    }

    @Test func `a timer cancelled while expired timers are handed out is not handed out`() {
        var wheel = TimerWheel<Int>(tick: 0)
        let tokens = (0..<3).map { wheel.schedule($0, at: 5) }
        wheel.advance(to: 5)
        let first = wheel.takeExpired()
        for (name, token) in tokens.enumerated() where name != first { wheel.cancel(token) }
        let second = wheel.takeExpired()
        #expect(second == nil)
        #expect(wheel.count == 0)
    }
}
