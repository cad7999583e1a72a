import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// Batches: made, announced, run, reviewed, closed and read by those who give policies.
struct BatchRoutes: Sendable {
    let life: InsuranceBatchLife
    let queue: GiftQueue
    let numbers: PolicyNumberStore
    let idempotency: IdempotencyStore

    static let id = Parameter.path("id", .id, "The batch")
    private typealias P = RegistryPermission

    var all: [Route] { [create, list, read, change, announce, run, review, close, cancel] }

    private static let heldProblems = [
        InsuranceProblem.batchUnknown, InsuranceProblem.changed, InsuranceProblem.wrongState,
    ]

    private var create: Route {
        Route(
            .post, "/v1/insurance-batches", summary: "Makes a batch of policies, as a draft", tag: ProductRoutes.tag,
            access: .permission(P.insuranceWrite), parameters: [IdempotencyStore.parameter],
            body: .json(BatchBody.self, limitBytes: 262_144),
            responses: [.json(201, BatchAnswer.self, "The draft; nothing is given before it is announced and run")],
            problems: [
                InsuranceProblem.invalid, RulesProblem.invalid, InsuranceProblem.organizationUnknown, InsuranceProblem.productUnknown,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(BatchBody.self)
            let facts = try body.facts()
            let scope = request.scope(of: P.insuranceWrite)
            return try await idempotency.once(request) { querying in
                guard try await life.products.product(body.productId, within: scope, in: querying) != nil else {
                    throw Problem(InsuranceProblem.productUnknown)
                }
                let actor = ProgramLife.Actor(request)
                guard
                    let made = try await life.batches.create(
                        facts, of: body.productId, for: body.organizationId, within: scope, by: actor.subject, in: querying)
                else { throw Problem(InsuranceProblem.organizationUnknown) }
                try await life.told("created", made, by: actor, in: querying)
                return Self.answer(made, status: 201).with("Location", "/v1/insurance-batches/\(made.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/insurance-batches", summary: "Lists batches in the order of their numbers", tag: ProductRoutes.tag,
            access: .permission(P.insuranceRead),
            parameters: PageCursor.parameters + [
                .query("state", .oneOf(InsuranceBatch.State.allCases.map(\.rawValue)), "In this state only")
            ],
            responses: [.json(200, BatchList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: InsuranceBatch.self)
            let state: String? = request.optionalParameter("state")
            let found = try await life.batches.list(
                within: request.scope(of: P.insuranceRead), state: state.flatMap(InsuranceBatch.State.init(rawValue:)), after: after,
                limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(BatchList(items: items.map(BatchAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/insurance-batches/{id}", summary: "One batch, with where its policies are", tag: ProductRoutes.tag,
            access: .permission(P.insuranceRead), parameters: [Self.id],
            responses: [.json(200, BatchAnswer.self, "The batch; its ETag names the version")],
            problems: [InsuranceProblem.batchUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let found = try await life.batches.find(request.parameter("id"), within: request.scope(of: P.insuranceRead)) else {
                throw Problem(InsuranceProblem.batchUnknown)
            }
            return Self.answer(found)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/insurance-batches/{id}", summary: "Replaces what a draft says", tag: ProductRoutes.tag,
            access: .permission(P.insuranceWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(BatchBody.self, limitBytes: 262_144), responses: [.json(200, BatchAnswer.self, "As it is now")],
            problems: Self.heldProblems + [
                InsuranceProblem.invalid, RulesProblem.invalid, InsuranceProblem.organizationUnknown, InsuranceProblem.productUnknown,
                InsuranceFileProblem.beyondSize, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(BatchBody.self)
            let facts = try body.facts()
            return try await idempotency.once(request) { querying in
                let (batch, product) = try await life.hold(
                    request.parameter("id"), in: [.draft], within: request.scope(of: P.insuranceWrite), version: request.versionToChange,
                    in: querying)
                // Whose it is does not change: scopes hang on it. Nor the product, whose conditions were looked at.
                guard body.organizationId == batch.organizationID else { throw Problem(InsuranceProblem.organizationUnknown) }
                guard body.productId == product.id else { throw Problem(InsuranceProblem.productUnknown) }
                // Each number that the insurer gave beforehand is one policy's.
                guard try await numbers.free(of: batch.id, in: querying) <= Int64(facts.size) else {
                    throw Problem(InsuranceFileProblem.beyondSize)
                }
                try await life.batches.change(batch.id, to: facts, in: querying)
                return Self.answer(try await life.told("changed", batch, by: ProgramLife.Actor(request), in: querying))
            }
        }
    }

    private var announce: Route {
        step(
            "announce",
            "Freezes the batch's rules and publishes their hash and the commitment to the lottery; mutual aid is open from then on",
            problems: [InsuranceProblem.invalid]
        ) { request, querying in
            try await life.announce(
                request.parameter("id"), within: request.scope(of: P.insuranceWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private var close: Route {
        step("close", "Ends the giving: what comes free stays free, policies go on") { request, querying in
            try await life.close(
                request.parameter("id"), within: request.scope(of: P.insuranceWrite), version: request.versionToChange,
                by: ProgramLife.Actor(request), in: querying)
        }
    }

    private func step(
        _ name: String, _ summary: String, problems: [ProblemType] = [],
        _ take: @escaping @Sendable (Request, any Querying) async throws -> InsuranceBatch
    ) -> Route {
        Route(
            .post, "/v1/insurance-batches/{id}/\(name)", summary: summary, tag: ProductRoutes.tag, access: .permission(P.insuranceWrite),
            parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            responses: [.json(200, BatchAnswer.self, "As it is now")],
            problems: Self.heldProblems + problems + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in Self.answer(try await take(request, querying)) }
        }
    }

    private var run: Route {
        Route(
            .post, "/v1/insurance-batches/{id}/runs",
            summary: "Asks for the giving: everybody whom the rules let in is looked for, the lottery draws, policies are reserved",
            tag: ProductRoutes.tag, access: .permission(P.insuranceWrite), parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(202, GiftRunAnswer.self, "The job that does it")],
            problems: [InsuranceProblem.batchUnknown, InsuranceProblem.wrongState, InsuranceProblem.underWay] + IdempotencyStore.problems
        ) { request in
            try await idempotency.once(request) { querying in
                let job = try await queue.ask(
                    request.parameter("id"), within: request.scope(of: P.insuranceWrite), by: ProgramLife.Actor(request), in: querying)
                return Response.json(GiftRunAnswer(job: job), status: 202).with("Location", "/v1/jobs/\(job)")
            }
        }
    }

    private var review: Route {
        Route(
            .post, "/v1/insurance-batches/{id}/review",
            summary: "Confirms a run that another made, or gives everything back for another run", tag: ProductRoutes.tag,
            access: .permission(P.insuranceReview), parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(BatchReviewBody.self, limitBytes: 4_096), responses: [.json(200, BatchAnswer.self, "As it is now")],
            problems: Self.heldProblems + [InsuranceProblem.ownRun, InsuranceProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(BatchReviewBody.self)
            if !body.confirm, body.reason == nil {
                throw InsuranceProblem.invalid([
                    Violation("request.missing_field", pointer: "/reason", zh: "请说明原因", en: "Say why it is not confirmed")
                ])
            }
            return try await idempotency.once(request) { querying in
                Self.answer(
                    try await life.review(
                        request.parameter("id"), isConfirmed: body.confirm, reason: body.reason,
                        within: request.scope(of: P.insuranceReview), version: request.versionToChange, by: ProgramLife.Actor(request),
                        in: querying))
            }
        }
    }

    private var cancel: Route {
        Route(
            .post, "/v1/insurance-batches/{id}/cancel", summary: "Ends a batch out of which nobody has anything", tag: ProductRoutes.tag,
            access: .permission(P.insuranceWrite), parameters: [Self.id, EntityTag.ifMatch, IdempotencyStore.parameter],
            body: .json(BatchReasonBody.self, limitBytes: 4_096), responses: [.json(200, BatchAnswer.self, "As it is now")],
            problems: Self.heldProblems + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(BatchReasonBody.self).reason
            return try await idempotency.once(request) { querying in
                Self.answer(
                    try await life.cancel(
                        request.parameter("id"), reason: reason, within: request.scope(of: P.insuranceWrite),
                        version: request.versionToChange, by: ProgramLife.Actor(request), in: querying))
            }
        }
    }

    private static func answer(_ batch: InsuranceBatch, status: Int = 200) -> Response {
        Response.json(BatchAnswer(batch), status: status).with("ETag", EntityTag.of(version: batch.version))
    }
}
