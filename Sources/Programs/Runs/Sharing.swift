package import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// Runs, awards and ticks, as the face of programs puts them together.
package struct Sharing: Sendable {
    package let awards: AwardStore
    package let runs: RunStore
    package let maker: RunMaker
    package let review: RunReview
    package let queue: RunQueue
    package let simulation: RunSimulation
    package let ticks: TickMaker
    package let files: AuditFileMaker
    package let routes: [Route]

    package init(_ life: ProgramLife, database: Database, registry: Registry, clock: Clock) {
        let (awards, runs) = (AwardStore(database, clock: clock), RunStore(database, clock: clock))
        let maker = RunMaker(life, runs: runs)
        self.awards = awards
        self.runs = runs
        self.maker = maker
        review = RunReview(life, runs: runs)
        queue = RunQueue(maker)
        simulation = RunSimulation(maker)
        ticks = TickMaker(programs: life.programs, runs: runs, awards: awards)
        files = AuditFileMaker(maker)
        routes =
            AwardRoutes(programs: life.programs, awards: awards, idempotency: registry.idempotency, audit: registry.audit).all
            + RunRoutes(
                life: life, runs: runs, queue: queue, review: review, simulation: simulation, files: files,
                idempotency: registry.idempotency
            ).all
            + SeatRoutes(
                life: life, awards: awards, seats: SeatStore(database: database, clockOffsetMicroseconds: clock.offsetMicroseconds),
                idempotency: registry.idempotency
            ).all
    }

    /// Makes a run in this process, for the command line.
    package func make(
        _ id: ID<UnionProgram>, by actor: ProgramLife.Actor, progress: @escaping @Sendable (RunMaker.Progress) throws -> Void = { _ in }
    ) async throws -> (number: Int32, computed: RunMaker.Computed) {
        if try await queue.requests(of: id).contains(where: { !$0.state.isOver }) { throw Problem(RunProblem.underWay) }
        return try await maker.make(id, by: actor, progress: progress)
    }

    package var handlers: [QueuedJobHandler] { [queue.handler] }

    package var jobs: [Job] {
        let (ticks, awards) = (ticks, awards)
        return [
            Job("programs.tick", every: .seconds(10)) {
                try await ticks.runOnce()
                return .idle
            },
            Job("programs.follow_members", every: .seconds(60)) {
                try await awards.followMembers() == AwardStore.batchMax ? .more : .idle
            },
        ]
    }

    /// What the timetable does with a closed program whose hour has come: asks for a run, once.
    package func runByTimetable(_ id: ID<UnionProgram>) async throws {
        try await runs.database.inTransaction { transaction in
            guard try await runs.run(of: id, in: transaction) == nil,
                try await !queue.requests(of: id, in: transaction).contains(where: { $0.requestedBy == ProgramTimetable.actor.subject }),
                try await runs.applicantCount(of: id, in: transaction) > 0
            else { return }
            _ = try await queue.ask(id, by: ProgramTimetable.actor, in: transaction)
        }
    }

    /// What the timetable does with a reviewed program whose results are due.
    package func publishByTimetable(_ id: ID<UnionProgram>) async throws {
        _ = try await runs.database.inTransaction { try await review.publish(id, by: ProgramTimetable.actor, in: $0) }
    }
}
