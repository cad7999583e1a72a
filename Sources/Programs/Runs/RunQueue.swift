import HTTP
package import Postgres
package import Registry
package import Runtime
package import Scheduler

/// Runs that were asked for: queued in the transaction of the request, made by whichever server has time, once.
package struct RunQueue: Sendable {
    let maker: RunMaker
    let queue: QueuedJobStore

    package static let kind = "programs.run"

    package init(_ maker: RunMaker) {
        self.maker = maker
        queue = QueuedJobStore(maker.runs.database, clockOffsetMicroseconds: maker.runs.clockOffsetMicroseconds)
    }

    static func subject(_ id: ID<UnionProgram>) -> String { "program:\(id)" }

    /// Asks for a run, unless one is under way.
    /// - Returns: the job.
    package func ask(
        _ id: ID<UnionProgram>, scope: Scope = .everything, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> Int64 {
        // Under the program's lock, which is held to the end: of two that ask at once the second finds what the first has committed.
        let program = try await maker.life.hold(id, scope: scope, in: querying)
        try maker.check(program)
        let before = try await requests(of: id, in: querying)
        if before.contains(where: { !$0.state.isOver }) { throw Problem(RunProblem.underWay) }
        guard try await maker.runs.applicantCount(of: id, in: querying) > 0 else { throw Problem(RunProblem.noApplicants) }
        let job = try await queue.enqueue(
            Self.kind, subject: Self.subject(id), key: "after:\(before.first?.id ?? 0)", by: actor.subject, in: querying)
        try await maker.life.audit.record(
            "program.run_asked", subject: Self.subject(id), organization: program.organizationID, details: ["job": String(job)],
            actor: actor.subject, requestID: actor.requestID, in: querying)
        return job
    }

    /// Runs of the program that were asked for, the newest first.
    func requests(of id: ID<UnionProgram>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [QueuedJob] {
        try await queue.list(QueuedJobStore.Filter(kind: Self.kind, subject: Self.subject(id)), in: querying)
    }

    /// The run that was asked for; nil when the job is another's.
    func request(_ job: Int64, of id: ID<UnionProgram>) async throws(PostgresError) -> QueuedJob? {
        guard let found = try await queue.find(job), found.kind == Self.kind, found.subject == Self.subject(id) else { return nil }
        return found
    }

    /// Makes a run: computed first, then written together with the job's end.
    package var handler: QueuedJobHandler {
        QueuedJobHandler(Self.kind, attemptsMax: 3) { lease in
            guard let id = lease.subject.split(separator: ":").last.flatMap({ Int64($0) }).map({ ID<UnionProgram>($0) }) else {
                throw JobRefusal("program.not_found")
            }
            do {
                let job = try await queue.find(lease.id)
                let actor = ProgramLife.Actor(subject: job?.requestedBy ?? "job:\(Self.kind)")
                let computed = try await maker.compute(id) { progress in
                    try lease.note(Int64(progress.done), of: Int64(progress.total), phase: progress.phase.rawValue)
                }
                try await lease.progress(0, of: Int64(computed.applicants), phase: RunMaker.Progress.Phase.writing.rawValue)
                try await lease.complete { transaction in _ = try await maker.write(computed, by: actor, in: transaction) }
            } catch let problem as Problem {
                // It would be refused again.
                throw JobRefusal(problem.type.code)
            }
        }
    }
}
