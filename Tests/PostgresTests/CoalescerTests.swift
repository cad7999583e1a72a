import Postgres
import Synchronization
import TestSupport
import Testing

struct CoalescerTests {
    @Test func `calls that arrive together travel together and each gets its own outcome`() async throws {
        let figures = CoalescerFigures("doubling")
        let coalescer = Coalescer<Int, Int>(figures, loop: TestLoops.all[0], batchMax: 64) { batch in
            await Task.yield()
            return batch.map { $0 * 2 }
        }
        let outcomes = try await TestLoops.run {
            try await withThrowingTaskGroup(of: (Int, Int).self) { group in
                for number in 0..<1_000 {
                    group.addTask(executorPreference: TestLoops.all[0]) { (number, try await coalescer.submit(number)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(outcomes.count == 1_000 && outcomes.allSatisfy { $0.1 == $0.0 * 2 })
        #expect(figures.requests.load(ordering: .relaxed) == 1_000)
        #expect(figures.batches.load(ordering: .relaxed) < 200, "batches of one would be a thousand")
        #expect(figures.largestBatch.load(ordering: .relaxed) <= 64)
    }

    @Test func `a poisoned request fails alone`() async throws {
        let figures = CoalescerFigures("poisoned")
        let coalescer = Coalescer<Int, Int>(figures, loop: TestLoops.all[0]) { (batch) async throws(PostgresError) in
            if batch.contains(13) { throw .decoding("poison") }
            return batch
        }
        let failed = try await TestLoops.run {
            await withTaskGroup(of: Int?.self) { group in
                for number in 0..<50 {
                    group.addTask(executorPreference: TestLoops.all[0]) {
                        do throws(PostgresError) { return try await coalescer.submit(number) == number ? nil : -1 } catch { return number }
                    }
                }
                return await group.reduce(into: [Int]()) { if let number = $1 { $0.append(number) } }
            }
        }
        #expect(failed == [13])
        #expect(figures.failures.load(ordering: .relaxed) >= 1)
    }

    @Test func `never more batches in flight than allowed`() async throws {
        let now = Atomic<Int>(0)
        let most = Atomic<Int>(0)
        let coalescer = Coalescer<Int, Int>(CoalescerFigures("bounded"), loop: TestLoops.all[0], batchMax: 3, inFlight: 2) { batch in
            _ = most.max(now.add(1, ordering: .relaxed).newValue, ordering: .relaxed)
            for _ in 0..<20 { await Task.yield() }
            now.subtract(1, ordering: .relaxed)
            return batch
        }
        try await TestLoops.run {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<200 { group.addTask(executorPreference: TestLoops.all[0]) { _ = try await coalescer.submit(number) } }
                try await group.waitForAll()
            }
        }
        #expect(most.load(ordering: .relaxed) == 2)
    }

    @Test func `an outage is told to every member of the batch and nothing is tried again`() async throws {
        let calls = Atomic<Int>(0)
        let coalescer = Coalescer<Int, Int>(CoalescerFigures("outage"), loop: TestLoops.all[0]) { (_) async throws(PostgresError) in
            calls.add(1, ordering: .relaxed)
            throw .unavailable
        }
        let refused = try await TestLoops.run {
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<10 {
                    group.addTask(executorPreference: TestLoops.all[0]) {
                        do throws(PostgresError) {
                            _ = try await coalescer.submit(number)
                            return false
                        } catch {
                            return error.isOutage
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
        #expect(refused == 10)
        #expect(calls.load(ordering: .relaxed) <= 10)
    }

    @Test func `after a lost connection the batch is not tried against a database that hangs, one deadline a call`() async throws {
        let calls = Atomic<Int>(0)
        let coalescer = Coalescer<Int, Int>(CoalescerFigures("hanging"), loop: TestLoops.all[0]) { (_) async throws(PostgresError) in
            throw calls.add(1, ordering: .relaxed).newValue == 1 ? .connectionLost : .timedOut
        }
        let unknown = try await outcomes(of: coalescer, calls: 10) { if case .connectionLost = $0 { true } else { false } }
        #expect(unknown == 9, "what was sent stays unknown")
        #expect(calls.load(ordering: .relaxed) == 2)
    }

    @Test func `who waited longer than anybody stands at a door is refused, and nothing is sent`() async throws {
        let figures = CoalescerFigures("stale")
        let calls = Atomic<Int>(0)
        let coalescer = Coalescer<Int, Int>(figures, loop: TestLoops.all[0], patience: .seconds(-1)) { batch in
            calls.add(1, ordering: .relaxed)
            return batch
        }
        let refused = try await outcomes(of: coalescer, calls: 10) { if case .unavailable = $0 { true } else { false } }
        #expect(refused == 10)
        #expect(calls.load(ordering: .relaxed) == 0)
        #expect(figures.refused.load(ordering: .relaxed) == 10)
    }

    /// How many of `calls` at once fail in the way that `isExpected` says.
    private func outcomes(
        of coalescer: Coalescer<Int, Int>, calls: Int, _ isExpected: @escaping @Sendable (PostgresError) -> Bool
    ) async throws -> Int {
        try await TestLoops.run {
            await withTaskGroup(of: Bool.self) { group in
                for number in 0..<calls {
                    group.addTask(executorPreference: TestLoops.all[0]) {
                        do throws(PostgresError) {
                            _ = try await coalescer.submit(number)
                            return false
                        } catch {
                            return isExpected(error)
                        }
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
        }
    }
}
