import FoundationEssentials
import Postgres
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Stations

/// Scans on two loops, and so on different connections, at the same time.
@Suite struct AdmitRaceTests {
    /// Each batch at once with the others, on the loops in turn.
    private func race(_ scene: StationScene, _ batches: [[AccessScan]]) async throws -> [[Admission]] {
        let access = scene.access
        let tasks = batches.enumerated().map { index, batch in
            Task(executorPreference: TestLoops.all[index % TestLoops.all.count]) { try await access.admit(batch: batch) }
        }
        var answers: [[Admission]] = []
        for task in tasks { answers.append(try await task.value) }
        return answers
    }

    @Test func `the same code at one door from several connections at once opens it once`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 40)
            for member in scene.members {
                let code = scene.code(member)
                let answers = try await race(scene, (0..<4).map { _ in [scene.scan(code, at: scene.front)] })
                #expect(answers.flatMap(\.self).count { $0.isOpen } == 1)
            }
            #expect(try await scene.eventCount == 160)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `the same request from several connections at once leaves one event and one answer`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 20)
            for member in scene.members {
                for scan in [scene.scan(scene.code(member), at: scene.front), scene.scan("no member's", at: scene.back)] {
                    let answers = try await race(scene, (0..<4).map { _ in [scan] }).flatMap(\.self)
                    #expect(Set(answers.map(\.decision)).count == 1)
                    #expect(answers.count { $0.isRepeat } == 3)
                }
            }
            #expect(try await scene.eventCount == 40)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `one request id for different scans at once leaves one event, the others conflict`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 20)
            for index in scene.members.indices {
                let id = StationScene.requestID()
                let scans = (0..<4).map { scene.scan(scene.code(scene.members[(index + $0) % 20]), at: scene.front, requestID: id) }
                let answers = try await race(scene, scans.map { [$0] }).flatMap(\.self)
                #expect(answers.count { $0.isConflict } == 3)
            }
            #expect(try await scene.eventCount == 20)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `crowds at the same stations neither deadlock nor miscount`() async throws {
        let seed = SeededGenerator.seeds(1)[0]
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, stations: 3, members: 30)
            let doors = scene.doors.flatMap(\.self)
            for _ in 0..<12 {
                let batches = (0..<6).map { _ in
                    (0..<40).compactMap { _ -> AccessScan? in
                        guard let door = doors.randomElement(using: &random), let member = scene.members.randomElement(using: &random)
                        else { return nil }
                        return scene.scan(scene.code(member), at: door, random.chance(50) ? .inward : .outward)
                    }
                }
                _ = try await race(scene, batches)
            }
            #expect(try await scene.eventCount == 12 * 6 * 40, "seed \(seed)")
            #expect(try await scene.stationsOutOfBalance == 0, "seed \(seed)")
            let deadlocks = try await database.query("select deadlocks from pg_stat_database where datname = current_database()")
            #expect(try deadlocks.single.decode(0, as: Int.self) == 0, "seed \(seed)")
        }
    }

    @Test func `scans that wait beside each other share a batch`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, members: 100)
            let scans = scene.members.map { scene.scan(scene.code($0), at: scene.front) }
            let access = scene.access
            let answers = try await TestLoops.run {
                try await withThrowingTaskGroup(of: Bool.self) { group in
                    for scan in scans { group.addTask { try await access.admit(scan).isOpen } }
                    return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
                }
            }
            #expect(answers == 100)
            #expect(access.figures.batches.load(ordering: .relaxed) < 100)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }
}
