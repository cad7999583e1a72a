import Postgres
import Programs
import Runtime
import Scheduler

/// Draws the seats of what has closed: one draw a transaction, in the order in which they closed, so that of two the same is the first
/// everywhere.
struct DrawJobs: Sendable {
    let maker: DrawMaker

    private static let atOnce = 20
    private static let actor = ProgramLife.Actor(subject: "job:schools")

    var all: [Job] { [Job("schools.draws", every: .seconds(5)) { fence in try await draw(fence) ? .more : .idle }] }

    private func draw(_ fence: JobFence) async throws -> Bool {
        let due = try await maker.draws.due(limit: Self.atOnce)
        for id in due {
            try await maker.draws.database.inTransaction { transaction in
                try await fence.hold(in: transaction)
                _ = try await maker.make(id, by: Self.actor, in: transaction)
            }
        }
        return due.count == Self.atOnce
    }
}
