import Allocation
import AllocationFiles
import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

/// Sharing out: runs, their review and publication, and simulations beforehand.
struct RunRoutes: Sendable {
    let life: ProgramLife
    let runs: RunStore
    let queue: RunQueue
    let review: RunReview
    let simulation: RunSimulation
    let files: AuditFileMaker
    let idempotency: IdempotencyStore

    private static let tag = "Runs"
    private typealias P = RegistryPermission
    private static let number = Parameter.path("number", .integer(1...Int64(Int32.max)), "The run's")

    var all: [Route] { [ask, asked, list, read, decide, publish, giveBeacon, simulate, sheet, auditFile] }

    // MARK: Making

    private var ask: Route {
        Route(
            .post, "/v1/programs/{id}/runs", summary: "Asks for a run of a closed program; it may be repeated until it is published",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [ProgramRoutes.id, IdempotencyStore.parameter],
            responses: [.json(202, RunRequestAnswer.self, "Queued; its Location tells how far it is")],
            problems: [
                ProgramProblem.notFound, ProgramProblem.wrongState, RunProblem.underWay, RunProblem.noApplicants, RunProblem.beaconAwaited,
            ] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let id: ID<UnionProgram> = request.parameter("id")
                let job = try await queue.ask(
                    id, scope: request.scope(of: P.programsWrite), by: ProgramLife.Actor(request), in: querying)
                guard let found = try await queue.queue.find(job, in: querying) else { throw Problem(RunProblem.notFound) }
                return Response.json(RunRequestAnswer(found), status: 202).with("Location", "/v1/programs/\(id)/run-requests/\(job)")
            }
        }
    }

    private var asked: Route {
        Route(
            .get, "/v1/programs/{id}/run-requests/{requestId}", summary: "How far a run is that was asked for", tag: Self.tag,
            access: .permission(P.programsRead),
            parameters: [ProgramRoutes.id, .path("requestId", .id, "As the answer of asking named it")],
            responses: [.json(200, RunRequestAnswer.self, "The request")],
            problems: [ProgramProblem.notFound, RunProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request, P.programsRead)
            guard let job = try await queue.request(request.parameter("requestId"), of: program.id) else {
                throw Problem(RunProblem.notFound)
            }
            return .json(RunRequestAnswer(job))
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/programs/{id}/runs", summary: "Lists the runs of a program", tag: Self.tag, access: .permission(P.programsRead),
            parameters: [ProgramRoutes.id], responses: [.json(200, RunList.self, "The newest first")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request, P.programsRead)
            return .json(RunList(items: try await runs.runs(of: program.id, before: nil, limit: 100).map(RunAnswer.init)))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/programs/{id}/runs/{number}", summary: "One run in figures", tag: Self.tag, access: .permission(P.programsRead),
            parameters: [ProgramRoutes.id, Self.number], responses: [.json(200, RunAnswer.self, "The run")],
            problems: [ProgramProblem.notFound, RunProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await found(request, P.programsRead)
            guard let run = try await runs.run(Self.number(request), of: program.id) else { throw Problem(RunProblem.notFound) }
            return .json(RunAnswer(run))
        }
    }

    private static func number(_ request: Request) -> Int32 { Int32(truncatingIfNeeded: request.parameter("number", as: Int.self)) }

    // MARK: After it is made

    private var decide: Route {
        Route(
            .post, "/v1/programs/{id}/runs/{number}/review", summary: "Accepts or rejects a run that another organizer made", tag: Self.tag,
            access: .permission(P.programsReview), parameters: [ProgramRoutes.id, Self.number, IdempotencyStore.parameter],
            body: .json(RunReviewBody.self, limitBytes: 4_096), responses: [.json(200, RunAnswer.self, "The run as it is now")],
            problems: [ProgramProblem.notFound, ProgramProblem.wrongState, RunProblem.notFound, RunProblem.ownRun, RunProblem.decided]
                + IdempotencyStore.problems
        ) { request in
            let body = try request.json(RunReviewBody.self)
            return try await idempotency.once(request) { querying in
                .json(
                    RunAnswer(
                        try await review.review(
                            Self.number(request), of: request.parameter("id"), isAccepted: body.decision == .accept, note: body.note,
                            scope: request.scope(of: P.programsReview), by: ProgramLife.Actor(request), in: querying)))
            }
        }
    }

    private var publish: Route {
        Route(
            .post, "/v1/programs/{id}/publish",
            summary: "Publishes the reviewed run: everybody sees their result, winners hold their places",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [ProgramRoutes.id, IdempotencyStore.parameter],
            responses: [.json(200, RunAnswer.self, "The published run")],
            problems: [ProgramProblem.notFound, ProgramProblem.wrongState, RunProblem.notReviewed] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                .json(
                    RunAnswer(
                        try await review.publish(
                            request.parameter("id"), scope: request.scope(of: P.programsWrite), by: ProgramLife.Actor(request), in: querying
                        )))
            }
        }
    }

    private var giveBeacon: Route {
        Route(
            .post, "/v1/programs/{id}/beacon", summary: "Gives the public number that the lottery waits for, once, after closing",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [ProgramRoutes.id, IdempotencyStore.parameter],
            body: .json(BeaconBody.self, limitBytes: 4_096), responses: [.json(200, ProgramAnswer.self, "The program as it is now")],
            problems: [ProgramProblem.notFound, RunProblem.beaconRefused] + IdempotencyStore.problems
        ) { request in
            let beacon = Hex.decode(try request.json(BeaconBody.self).beacon) ?? []
            return try await idempotency.once(request) { querying in
                let program = try await life.hold(request.parameter("id"), scope: request.scope(of: P.programsWrite), in: querying)
                guard try await runs.giveBeacon(beacon, to: program.id, in: querying) else { throw Problem(RunProblem.beaconRefused) }
                let subject = request.principal?.subject ?? "anyone"
                let details = ["beacon": Hex.encode(beacon)]
                try await life.programs.note(
                    "beacon_given", on: program.id, from: program.state, to: program.state, details: details, by: subject, in: querying)
                try await life.audit.record(
                    "program.beacon_given", subject: "program:\(program.id)", organization: program.organizationID, details: details,
                    request, in: querying)
                return ProgramRoutes.answer(try await life.hold(program.id, in: querying))
            }
        }
    }

    // MARK: Beforehand

    private var simulate: Route {
        Route(
            .post, "/v1/programs/{id}/simulations",
            summary: "Shows what would come out, with floors, quotas and capacities side by side; writes nothing",
            tag: Self.tag, access: .permission(P.programsWrite), parameters: [ProgramRoutes.id],
            body: .json(SimulationBody.self, limitBytes: 65_536), responses: [.json(200, SimulationAnswer.self, "What would come out")],
            problems: [
                ProgramProblem.notFound, RunProblem.noApplicants, RunProblem.cannotRun, RunProblem.groupUnknown,
                RunProblem.sessionUnknown, RunProblem.simulationTooWide, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(SimulationBody.self)
            let scope = request.scope(of: P.programsWrite)
            let program = try await found(request, P.programsWrite)
            var other: UnionProgram?
            if let id = body.applicantsOf {
                guard let found = try await life.programs.find(id, scope: scope) else { throw Problem(ProgramProblem.notFound) }
                other = found
            }
            let trial = try await simulation.trial(program, applicantsOf: other)
            let variants = try RunSimulation.variants(of: trial, body)
            let columns = try await onThread(name: "programs.simulate") { () -> Result<[SimulationAnswer.Column], any Error> in
                Result {
                    try variants.map { variant in
                        func figures(_ kind: Floor.Kind) throws -> SimulationFigures {
                            let allocation = try RunSimulation.allocation(trial, variant.program, kind, sessions: variant.sessions)
                            let placed = allocation.outcome.placed
                            return SimulationFigures(
                                placed: placed, waiting: allocation.lineup.count - placed, figures: trial.figures(allocation))
                        }
                        return SimulationAnswer.Column(
                            floors: variant.floors, quota: variant.quota, capacities: variant.capacities, strict: try figures(.strict),
                            fair: variant.program.mode == .local ? nil : try figures(.fair))
                    }
                }
            }.get().get()
            return .json(SimulationAnswer(applicants: trial.applicants, isOwnDraw: trial.isOwnDraw, columns: columns))
        }
    }

    // MARK: In public

    private var sheet: Route {
        Route(
            .get, "/v1/public/programs/{id}", summary: "A program and its run sheet, without anything of a person", tag: Self.tag,
            access: .anyone, parameters: [ProgramRoutes.id], responses: [.json(200, PublicProgramAnswer.self, "The program")],
            problems: [ProgramProblem.notFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await announced(request)
            var sheet: PublicProgramAnswer.Sheet?
            if let run = try await runs.published(of: program.id) {
                sheet = PublicProgramAnswer.Sheet(
                    number: run.number, applicants: run.applicants, excluded: run.excluded, placed: run.placed, waiting: run.waiting,
                    figures: run.figures,
                    sessions: try await runs.sessions(of: run, in: runs.database).map {
                        PublicProgramAnswer.SheetSession(number: $0.number, title: $0.title, capacity: $0.capacity, taken: $0.taken)
                    }, auditHash: run.auditHash.map { Hex.encode($0) }, publishedAt: run.publishedAt?.description)
            }
            return .json(PublicProgramAnswer(program: ProgramAnswer(program), beacon: program.beacon.map { Hex.encode($0) }, run: sheet))
        }
    }

    private var auditFile: Route {
        Route(
            .get, "/v1/public/programs/{id}/audit-file",
            summary: "Everything the published result follows from; waystation verify checks it",
            tag: Self.tag, access: .anyone, parameters: [ProgramRoutes.id],
            responses: [.text(200, "The audit file; its ETag is the digest in its last line")],
            problems: [ProgramProblem.notFound, RunProblem.notPublished, RunProblem.fileBusy, RegistryProblem.databaseUnavailable]
        ) { request in
            let program = try await announced(request)
            guard let run = try await runs.published(of: program.id) else { throw Problem(RunProblem.notPublished) }
            let bytes = try await files.bytes(of: run, program)
            let response = Response.stream(contentType: "text/plain; charset=utf-8") { writer in
                for start in stride(from: 0, to: bytes.count, by: 65_536) {
                    try await writer.write(Array(bytes[start..<min(start + 65_536, bytes.count)]))
                }
            }
            return run.auditHash.map { response.with("ETag", "\"\(Hex.encode($0))\"") } ?? response
        }
    }

    private func announced(_ request: Request) async throws -> UnionProgram {
        guard let program = try await life.programs.find(request.parameter("id")), program.announcedAt != nil else {
            throw Problem(ProgramProblem.notFound)
        }
        return program
    }

    private func found(_ request: Request, _ permission: Permission) async throws -> UnionProgram {
        guard let program = try await life.programs.find(request.parameter("id"), scope: request.scope(of: permission)) else {
            throw Problem(ProgramProblem.notFound)
        }
        return program
    }
}
