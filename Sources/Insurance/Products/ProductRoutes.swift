import HTTP
import Postgres
import Registry
import Runtime

/// Insurers and products: made, changed and read by those who give policies.
struct ProductRoutes: Sendable {
    let products: InsuranceProductStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    static let tag = "Insurance"
    private static let insurer = Parameter.path("id", .id, "The insurer")
    private static let product = Parameter.path("id", .id, "The product")
    private typealias P = RegistryPermission

    var all: [Route] { [createInsurer, insurers, readInsurer, changeInsurer, create, list, read, change] }

    private var createInsurer: Route {
        Route(
            .post, "/v1/insurers", summary: "Adds an insurer, with how its files are written", tag: Self.tag,
            access: .permission(P.insuranceWrite), parameters: [IdempotencyStore.parameter],
            body: .json(InsurerBody.self, limitBytes: 16_384), responses: [.json(201, InsurerAnswer.self, "The insurer")],
            problems: [InsuranceProblem.invalid, InsuranceProblem.organizationUnknown] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(InsurerBody.self)
            try Self.check(body.facts)
            return try await idempotency.once(request) { querying in
                guard
                    let made = try await products.create(
                        body.facts, of: body.organizationId, within: request.scope(of: P.insuranceWrite),
                        by: request.principal?.subject ?? "anyone", in: querying)
                else { throw Problem(InsuranceProblem.organizationUnknown) }
                try await audit.record(
                    "insurer.created", subject: "insurer:\(made.id)", organization: made.organizationID, request, in: querying)
                return Self.answer(made, status: 201).with("Location", "/v1/insurers/\(made.id)")
            }
        }
    }

    private static func check(_ facts: InsurerFacts) throws {
        let faults = facts.form.faults(at: "/fileForm")
        guard faults.isEmpty else { throw InsuranceProblem.invalid(faults) }
    }

    private var insurers: Route {
        Route(
            .get, "/v1/insurers", summary: "Lists insurers in the order of their numbers", tag: Self.tag,
            access: .permission(P.insuranceRead),
            parameters: PageCursor.parameters, responses: [.json(200, InsurerList.self, "A page")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Insurer.self)
            let found = try await products.insurers(within: request.scope(of: P.insuranceRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(InsurerList(items: items.map(InsurerAnswer.init), next: next))
        }
    }

    private var readInsurer: Route {
        Route(
            .get, "/v1/insurers/{id}", summary: "One insurer", tag: Self.tag, access: .permission(P.insuranceRead),
            parameters: [Self.insurer], responses: [.json(200, InsurerAnswer.self, "The insurer; its ETag names the version")],
            problems: [InsuranceProblem.insurerUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let found = try await products.insurer(request.parameter("id"), within: request.scope(of: P.insuranceRead)) else {
                throw Problem(InsuranceProblem.insurerUnknown)
            }
            return Self.answer(found)
        }
    }

    private var changeInsurer: Route {
        Route(
            .put, "/v1/insurers/{id}", summary: "Replaces what is said of an insurer; files that were written stay as they are",
            tag: Self.tag, access: .permission(P.insuranceWrite), parameters: [Self.insurer, EntityTag.ifMatch],
            body: .json(InsurerBody.self, limitBytes: 16_384), responses: [.json(200, InsurerAnswer.self, "As it is now")],
            problems: [
                InsuranceProblem.insurerUnknown, InsuranceProblem.changed, InsuranceProblem.invalid, InsuranceProblem.organizationUnknown,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(InsurerBody.self)
            try Self.check(body.facts)
            return try await idempotency.once(request) { querying in
                guard
                    let before = try await products.insurer(
                        request.parameter("id"), within: request.scope(of: P.insuranceWrite), isHeld: true, in: querying)
                else { throw Problem(InsuranceProblem.insurerUnknown) }
                if let version = request.versionToChange, version != before.version { throw Problem(InsuranceProblem.changed) }
                // Whose it is does not change: scopes hang on it.
                guard body.organizationId == before.organizationID else { throw Problem(InsuranceProblem.organizationUnknown) }
                let after = try await products.change(before.id, to: body.facts, in: querying)
                try await audit.record(
                    "insurer.changed", subject: "insurer:\(before.id)", organization: before.organizationID, request, in: querying)
                return Self.answer(after)
            }
        }
    }

    private var create: Route {
        Route(
            .post, "/v1/insurance-products", summary: "Adds a product of an insurer", tag: Self.tag, access: .permission(P.insuranceWrite),
            parameters: [IdempotencyStore.parameter], body: .json(ProductBody.self, limitBytes: 32_768),
            responses: [.json(201, ProductAnswer.self, "The product")],
            problems: [InsuranceProblem.invalid, InsuranceProblem.insurerUnknown] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(ProductBody.self)
            let facts = try body.facts()
            return try await idempotency.once(request) { querying in
                guard
                    let made = try await products.create(
                        facts, of: body.insurerId, within: request.scope(of: P.insuranceWrite),
                        by: request.principal?.subject ?? "anyone", in: querying)
                else { throw Problem(InsuranceProblem.insurerUnknown) }
                try await note("created", made, request, in: querying)
                return Self.answer(made, status: 201).with("Location", "/v1/insurance-products/\(made.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/insurance-products", summary: "Lists products in the order of their numbers", tag: Self.tag,
            access: .permission(P.insuranceRead),
            parameters: PageCursor.parameters + [.query("insurer", .id, "Of this insurer only")],
            responses: [.json(200, ProductList.self, "A page")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: InsuranceProduct.self)
            let found = try await products.products(
                within: request.scope(of: P.insuranceRead), of: request.optionalParameter("insurer"), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(ProductList(items: items.map(ProductAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/insurance-products/{id}", summary: "One product", tag: Self.tag, access: .permission(P.insuranceRead),
            parameters: [Self.product], responses: [.json(200, ProductAnswer.self, "The product; its ETag names the version")],
            problems: [InsuranceProblem.productUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let found = try await products.product(request.parameter("id"), within: request.scope(of: P.insuranceRead)) else {
                throw Problem(InsuranceProblem.productUnknown)
            }
            return Self.answer(found)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/insurance-products/{id}", summary: "Replaces what a product says, until a batch of it was announced", tag: Self.tag,
            access: .permission(P.insuranceWrite), parameters: [Self.product, EntityTag.ifMatch],
            body: .json(ProductBody.self, limitBytes: 32_768), responses: [.json(200, ProductAnswer.self, "As it is now")],
            problems: [
                InsuranceProblem.productUnknown, InsuranceProblem.changed, InsuranceProblem.invalid, InsuranceProblem.insurerUnknown,
                InsuranceProblem.frozen, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(ProductBody.self)
            let facts = try body.facts()
            return try await idempotency.once(request) { querying in
                let scope = request.scope(of: P.insuranceWrite)
                guard let before = try await products.product(request.parameter("id"), within: scope, isHeld: true, in: querying) else {
                    throw Problem(InsuranceProblem.productUnknown)
                }
                if let version = request.versionToChange, version != before.version { throw Problem(InsuranceProblem.changed) }
                guard body.insurerId == before.insurerID else { throw Problem(InsuranceProblem.insurerUnknown) }
                guard let after = try await products.change(before.id, to: facts, in: querying) else {
                    throw Problem(InsuranceProblem.frozen)
                }
                try await note("changed", after, request, in: querying)
                return Self.answer(after)
            }
        }
    }

    private func note(
        _ step: String, _ product: InsuranceProduct, _ request: Request, in querying: any Querying
    ) async throws {
        try await audit.record(
            "insurance_product.\(step)", subject: "insurance_product:\(product.id)", organization: product.organizationID, request,
            in: querying)
    }

    private static func answer(_ insurer: Insurer, status: Int = 200) -> Response {
        Response.json(InsurerAnswer(insurer), status: status).with("ETag", EntityTag.of(version: insurer.version))
    }

    private static func answer(_ product: InsuranceProduct, status: Int = 200) -> Response {
        Response.json(ProductAnswer(product), status: status).with("ETag", EntityTag.of(version: product.version))
    }
}
