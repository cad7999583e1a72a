import HTTP
package import Postgres
package import Registry
package import Runtime

/// What happens to a run once it is made: looked at by somebody else, published, and told.
package struct RunReview: Sendable {
    let life: ProgramLife
    let runs: RunStore

    package init(_ life: ProgramLife, runs: RunStore) {
        self.life = life
        self.runs = runs
    }

    /// - Parameter note: what the reviewer says; of a rejection, why.
    package func review(
        _ number: Int32, of id: ID<UnionProgram>, isAccepted: Bool, note: String?, scope: Scope = .everything, by actor: ProgramLife.Actor,
        in querying: any Querying
    ) async throws -> ProgramRun {
        let program = try await life.hold(id, scope: scope, in: querying)
        guard let run = try await runs.run(number, of: id, in: querying) else { throw Problem(RunProblem.notFound) }
        guard run.state == .made else { throw Problem(RunProblem.decided) }
        guard run.madeBy != actor.subject else { throw Problem(RunProblem.ownRun) }
        guard program.state.after(.review) != nil else { throw ProgramLife.wrongState(program.state, .review) }
        try await runs.review(run, isAccepted: isAccepted, note: note, by: actor.subject, in: querying)
        let details = ["run": String(number), "decision": isAccepted ? "accepted" : "rejected"]
        if isAccepted {
            _ = try await life.told(program, .review, details: details, reason: note, by: actor, in: querying)
        } else {
            try await life.programs.note(
                "review", on: id, from: program.state, to: program.state, details: details, reason: note, by: actor.subject, in: querying)
            try await life.audit.record(
                "program.run_rejected", subject: "program:\(id)", organization: program.organizationID, details: details,
                actor: actor.subject, requestID: actor.requestID, in: querying)
        }
        guard let after = try await runs.run(number, of: id, in: querying) else { throw Problem(RunProblem.notFound) }
        return after
    }

    /// Publishes the run that was reviewed: winners hold their places from here on.
    package func publish(
        _ id: ID<UnionProgram>, scope: Scope = .everything, by actor: ProgramLife.Actor, in querying: any Querying
    ) async throws -> ProgramRun {
        let program = try await life.hold(id, scope: scope, in: querying)
        if [.closed, .run].contains(program.state) { throw Problem(RunProblem.notReviewed) }
        guard program.state.after(.publish) != nil else { throw ProgramLife.wrongState(program.state, .publish) }
        guard let run = try await runs.run(of: id, in: querying), run.state == .reviewed else { throw Problem(RunProblem.notReviewed) }
        let publication = try await runs.publish(run, by: actor.subject, in: querying)
        _ = try await life.told(
            program, .publish,
            details: ["run": String(run.number), "held": String(publication.held), "dropped": String(publication.dropped)], by: actor,
            in: querying)
        guard let after = try await runs.run(run.number, of: id, in: querying) else { throw Problem(RunProblem.notFound) }
        return after
    }
}
