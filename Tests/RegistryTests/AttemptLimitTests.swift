import Crypto
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct AttemptLimitTests {
    /// Limits as a rule over the moments of attempts, to hold the function against.
    private struct Model {
        var moments: [AttemptLimit: [Int]] = [:]

        mutating func take(_ limits: [AttemptLimit], at now: Int) -> Int? {
            var wait = 0
            for limit in limits {
                let recent = moments[limit, default: []].filter { $0 > now - limit.seconds }
                if recent.count >= limit.count { wait = max(wait, recent[recent.count - limit.count] + limit.seconds - now) }
            }
            if wait > 0 { return wait }
            for limit in limits { moments[limit, default: []].append(now) }
            return nil
        }
    }

    /// When the test began, which is second 0.
    private let began = Clock().nowMicroseconds

    /// A clock that stands where it is put, however long the test has run.
    private func store(_ database: Database, atSeconds seconds: Int) -> AttemptStore {
        let passed = Clock().nowMicroseconds - began
        return AttemptStore(database: database, clock: Clock(offsetMicroseconds: Int64(seconds) * 1_000_000 - passed))
    }

    @Test(arguments: SeededGenerator.seeds(4))
    func `never more than a limit allows within any time of its length`(seed: UInt64) async throws {
        try await withDatabase { database in
            var generator = SeededGenerator(seed: seed)
            var model = Model()
            var now = 0
            // Whole minutes apart, and half a minute from every limit, so that it makes no difference how long a statement takes.
            let limits = [AttemptLimit("a", 2, within: 630), AttemptLimit("b", 5, within: 3_630), AttemptLimit("c", 7, within: 86_430)]
            for _ in 0..<120 {
                now += 60 * Int.random(in: 1...(generator.chance(10) ? 600 : 12), using: &generator)
                let asked = limits.filter { _ in generator.chance(70) }
                if asked.isEmpty { continue }
                let attempts = asked.map { Attempt(limit: $0, subject: [UInt8](repeating: 7, count: 32)) }
                let wait = try await store(database, atSeconds: now).take(attempts, in: database)
                let expected = model.take(asked, at: now)
                #expect((wait == nil) == (expected == nil), "seed \(seed) at \(now)")
                if let wait, let expected { #expect(abs(wait - expected) < 30, "seed \(seed) at \(now)") }
            }
            for (limit, moments) in model.moments {
                for moment in moments { #expect(moments.count { (moment..<moment + limit.seconds).contains($0) } <= limit.count) }
            }
        }
    }

    @Test func `attempts at one moment are counted one by one, in whatever order they name their limits`() async throws {
        try await withDatabase { database in
            let attempts = AttemptStore(database: database, clock: Clock())
            let limits = [
                AttemptLimit("a", 7, within: 3_600), AttemptLimit("b", 9, within: 3_600), AttemptLimit("c", 1_000, within: 3_600),
            ]
            let taken = await withTaskGroup(of: Bool.self) { group in
                for number in 0..<40 {
                    let asked = (number.isMultiple(of: 2) ? limits : limits.reversed()).map {
                        Attempt(limit: $0, subject: [UInt8](repeating: 1, count: 32))
                    }
                    group.addTask {
                        do { return try await attempts.take(asked, in: database) == nil } catch {
                            Issue.record("\(error)")
                            return false
                        }
                    }
                }
                return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
            }
            #expect(taken == 7)
            let counts: [Int] = try await database.query("select cardinality(taken_at) from attempt_limit order by kind").map {
                try $0.decode(0)
            }
            #expect(counts == [7, 7, 7], "all or none are counted")
        }
    }

    @Test func `what is given back was none, and what counts no more is forgotten`() async throws {
        try await withDatabase { database in
            let attempt = [Attempt(limit: AttemptLimit("a", 1, within: 60), subject: [UInt8](repeating: 1, count: 32))]
            let attempts = AttemptStore(database: database, clock: Clock())
            #expect(try await attempts.take(attempt, in: database) == nil)
            let wait = try #require(try await attempts.take(attempt, in: database))
            #expect(wait > 50)
            try await attempts.giveBack(attempt, in: database)
            try await attempts.giveBack(attempt, in: database)
            #expect(try await attempts.take(attempt, in: database) == nil)
            #expect(try await attempts.forget(limit: 10) == 0)
            let later = AttemptStore(database: database, clock: Clock(offsetMicroseconds: 61_000_000))
            #expect(try await later.forget(limit: 10) == 1)
        }
    }

    @Test func `an attempt is kept without saying whose it is`() throws {
        let keys = Keys.random()
        let limits = AttemptLimits(keys)
        let phone = Array("13812345678".utf8)
        let subject = try #require(limits.attempts(limits.codesOfNumber, of: phone).first?.subject)
        #expect(subject.count == 32 && subject != SHA256.hash(phone))
        #expect(AttemptLimits(Keys.random()).attempts(limits.codesOfNumber, of: phone).first?.subject != subject)
    }
}
