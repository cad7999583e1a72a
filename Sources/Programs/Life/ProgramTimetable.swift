import Postgres
import Registry
package import Runtime
package import Scheduler

/// Tidies up after the clock: opens, closes, shares out, publishes and ends programs whose time has come.
///
/// Nothing hangs on when it runs: applications are taken by the database's clock. What is refused is tried again.
package struct ProgramTimetable: Sendable {
    let life: ProgramLife
    let log: Log
    /// Queues a sharing out of a closed program whose hour has come.
    let run: @Sendable (ID<UnionProgram>) async throws -> Void
    /// Publishes a reviewed run.
    let publish: @Sendable (ID<UnionProgram>) async throws -> Void

    static let actor = ProgramLife.Actor(subject: "job:programs.timetable")
    private static let batch = 100

    package init(
        _ life: ProgramLife, log: Log, run: @escaping @Sendable (ID<UnionProgram>) async throws -> Void,
        publish: @escaping @Sendable (ID<UnionProgram>) async throws -> Void
    ) {
        self.life = life
        self.log = log
        self.run = run
        self.publish = publish
    }

    package var job: Job { Job("programs.timetable", every: .seconds(2)) { try await self.runOnce() } }

    /// One look; a program that fails does not keep the others from their steps.
    package func runOnce() async throws -> JobResult {
        var steps = 0
        var last: Int64 = 0
        while true {
            let due = try await life.programs.due(after: last, limit: Self.batch)
            for (id, what) in due where await hasTaken(what, id) { steps += 1 }
            guard due.count == Self.batch, let end = due.last?.id.rawValue else { break }
            last = end
        }
        // A program may have two steps behind it, as after a night without a server.
        return steps > 0 ? .more : .idle
    }

    /// - Returns: whether the program is a step further; a run and a publication are only set off here.
    private func hasTaken(_ what: ProgramStore.Due, _ id: ID<UnionProgram>) async -> Bool {
        do {
            try await take(what, id)
            return what != .run && what != .publish
        } catch {
            log.warning(
                "program.step_failed",
                ["program": .integer(id.rawValue), "step": .text(what.rawValue), "error": .text(String(describing: type(of: error)))])
            return false
        }
    }

    private var database: Database { life.programs.database }

    private func take(_ what: ProgramStore.Due, _ id: ID<UnionProgram>) async throws {
        switch what {
        case .open: _ = try await database.inTransaction { try await life.open(id, by: Self.actor, in: $0) }
        case .close: _ = try await database.inTransaction { try await life.close(id, by: Self.actor, in: $0) }
        case .run: try await run(id)
        case .publish: try await publish(id)
        case .returnPlaces: _ = try await database.inTransaction { try await life.returnPlaces(of: id, by: Self.actor, in: $0) }
        case .end: _ = try await database.inTransaction { try await life.end(id, by: Self.actor, in: $0) }
        }
    }
}
