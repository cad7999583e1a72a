import HTTP
package import Postgres
package import Programs
package import Registry
package import Runtime
package import Scheduler

/// Runs that were asked for: queued in the transaction of the request, made by whichever server has time, once.
package struct GiftQueue: Sendable {
    let run: GiftRun
    let queue: QueuedJobStore

    package static let kind = "insurance.run"

    init(_ run: GiftRun) {
        self.run = run
        queue = QueuedJobStore(run.batches.database, clockOffsetMicroseconds: run.batches.clockOffsetMicroseconds)
    }

    static func subject(_ id: ID<InsuranceBatch>) -> String { "insurance_batch:\(id)" }

    /// Asks for a run, unless one is under way.
    /// - Returns: the job.
    package func ask(
        _ id: ID<InsuranceBatch>, within scope: Scope = .everything, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> Int64 {
        let (batch, _) = try await run.life.hold(id, in: [.announced], within: scope, in: querying)
        guard batch.facts.kind == .gift else { throw Problem(InsuranceProblem.wrongState) }
        let before = try await requests(of: id, in: querying)
        if before.contains(where: { !$0.state.isOver }) { throw Problem(InsuranceProblem.underWay) }
        let job = try await queue.enqueue(
            Self.kind, subject: Self.subject(id), key: "after:\(before.first?.id ?? 0)", by: actor.subject, in: querying)
        try await run.life.audit.record(
            "insurance_batch.run_asked", subject: Self.subject(id), organization: batch.organizationID, details: ["job": String(job)],
            actor: actor.subject, requestID: actor.requestID, in: querying)
        return job
    }

    /// Runs of the batch that were asked for, the newest first.
    package func requests(of id: ID<InsuranceBatch>, in querying: (any Querying)? = nil) async throws(PostgresError) -> [QueuedJob] {
        try await queue.list(QueuedJobStore.Filter(kind: Self.kind, subject: Self.subject(id)), in: querying)
    }

    /// Makes a run: computed first, then written in the transaction that ends the job. It happens once, whatever dies meanwhile.
    package var handler: QueuedJobHandler {
        QueuedJobHandler(Self.kind, attemptsMax: 3) { lease in
            guard let id = lease.subject.split(separator: ":").last.flatMap({ Int64($0) }).map({ ID<InsuranceBatch>($0) }) else {
                throw JobRefusal("insurance.batch_unknown")
            }
            do {
                let job = try await queue.find(lease.id)
                let actor = ProgramLife.Actor(subject: job?.requestedBy ?? "job:\(Self.kind)")
                let computed = try await run.compute(id) { phase, done, total in
                    try lease.note(Int64(done), of: Int64(total), phase: phase.rawValue)
                }
                try await lease.progress(0, of: Int64(computed.draw.given.count), phase: GiftRun.Phase.writing.rawValue)
                try await lease.complete { transaction in try await run.write(computed, by: actor, in: transaction) }
            } catch let problem as Problem {
                // It would be refused again.
                throw JobRefusal(problem.type.code)
            }
        }
    }
}
