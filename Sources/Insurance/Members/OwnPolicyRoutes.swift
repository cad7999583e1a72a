import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// What a member does with policies: looks, says yes or no, prints the certificate; and what everybody may ask of a certificate.
struct OwnPolicyRoutes: Sendable {
    let own: OwnPolicyStore
    let decision: PolicyDecision
    let members: MemberStore
    let idempotency: IdempotencyStore
    let codes: PolicyCode
    let limiter: SubmissionLimiter

    static let tag = "Me"
    static let id = Parameter.path("id", .id, "The policy")
    private static let listMax = 200

    var all: [Route] { [list, read, accept, refuse, certificate, check] }

    private var list: Route {
        Route(
            .get, "/v1/me/policies", summary: "Your policies, each with its state in plain words and what you can do next", tag: Self.tag,
            access: .permission(RegistryPermission.me), responses: [.json(200, OwnPolicyList.self, "The newest first")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            let found = try await own.policies(of: numbers, limit: Self.listMax)
            return Response.json(OwnPolicyList(items: found.map { OwnPolicyAnswer($0, request.language) }))
                .with("Cache-Control", "no-store").with("Content-Language", request.language.rawValue)
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/me/policies/{id}", summary: "A policy of yours, with its whole number", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id], responses: [.json(200, OwnPolicyAnswer.self, "The policy")],
            problems: [InsuranceProblem.policyUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            try await own.database.inTransaction { try await answer(request, in: $0) }
        }
    }

    private func answer(_ request: Request, in querying: any Querying) async throws -> Response {
        let found = try await found(request, in: querying)
        let named = try await decision.beneficiaries.find(of: found.policy, in: querying)
        return Response.json(OwnPolicyAnswer(found, request.language, isWhole: true, beneficiary: named))
            .with("Cache-Control", "no-store").with("Content-Language", request.language.rawValue)
            .with("ETag", EntityTag.of(version: found.policy.version))
    }

    private func found(_ request: Request, in querying: (any Querying)? = nil) async throws -> OwnPolicy {
        let numbers = try await members.numbers(of: request.member.memberID, in: querying)
        guard let found = try await own.policies(of: numbers, only: request.parameter("id"), limit: 1, in: querying).first else {
            throw Problem(InsuranceProblem.policyUnknown)
        }
        return found
    }

    // MARK: Yes or no

    private var accept: Route {
        Route(
            .post, "/v1/me/policies/{id}/accept", summary: "Accepts an issued policy; accepted once more nothing changes", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(AcceptPolicyBody.self, limitBytes: 4_096), responses: [.json(200, OwnPolicyAnswer.self, "The policy as it is now")],
            problems: [
                InsuranceProblem.policyUnknown, InsuranceProblem.invalid, InsuranceProblem.wrongState, MemberPolicyProblem.withInsurer,
                MemberPolicyProblem.notIssued, MemberPolicyProblem.noAcceptance, MemberPolicyProblem.tooLate,
                MemberPolicyProblem.alreadyAccepted, MemberPolicyProblem.over, MemberPolicyProblem.beneficiaryRequired,
                MemberPolicyProblem.beneficiaryStatutory,
            ] + IdempotencyStore.problems
        ) { request in
            let named = try request.json(AcceptPolicyBody.self).beneficiary?.checked()
            return try await idempotency.once(request) { querying in
                try await decision.accept(request.parameter("id"), naming: named, by: request.member, in: querying)
                return try await answer(request, in: querying)
            }
        }
    }

    private var refuse: Route {
        Route(
            .post, "/v1/me/policies/{id}/refuse", summary: "Gives a policy up before it covers: its place goes to the next", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id, IdempotencyStore.parameter],
            body: .json(RefusePolicyBody.self, limitBytes: 1_024), responses: [.json(200, OwnPolicyAnswer.self, "The policy as it is now")],
            problems: [
                InsuranceProblem.policyUnknown, InsuranceProblem.wrongState, MemberPolicyProblem.withInsurer, MemberPolicyProblem.tooLate,
                MemberPolicyProblem.notRefusable, MemberPolicyProblem.over,
            ] + IdempotencyStore.problems
        ) { request in
            let reason = try request.json(RefusePolicyBody.self).reason ?? .other
            return try await idempotency.once(request) { querying in
                try await decision.refuse(request.parameter("id"), reason: reason.rawValue, by: request.member, in: querying)
                return try await answer(request, in: querying)
            }
        }
    }

    // MARK: The certificate

    private var certificate: Route {
        Route(
            .get, "/v1/me/policies/{id}/certificate",
            summary: "The certificate of a policy that covers: a page of A4 that prints by itself", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [Self.id],
            responses: [.bytes(200, ["text/html"], "In Chinese and English, with a QR by which anybody can check it")],
            problems: [InsuranceProblem.policyUnknown, MemberPolicyProblem.noCertificate, RegistryProblem.databaseUnavailable]
        ) { request in
            let found = try await found(request)
            guard found.coversNow else { throw Problem(MemberPolicyProblem.noCertificate) }
            let person = try await members.member(request.member.memberID)?.person
            let page = PolicyCertificate(own: found, name: person?.name.text ?? "", code: codes.text(found.policy.reference))
            return Response.text(try page.html(), contentType: "text/html; charset=utf-8").with("Cache-Control", "no-store")
                .asDocument()
        }
    }

    private var check: Route {
        Route(
            .get, "/v1/policies/verify", summary: "Whether the policy of a certificate covers today, for whoever holds the paper",
            tag: "Public", access: .anyone,
            parameters: [.query("code", .string(1...PolicyCode.lengthMax), "What the certificate's QR says", required: true)],
            responses: [.json(200, PolicyCheckAnswer.self, "What may be known of it")],
            problems: [MemberPolicyProblem.tooManyChecks, RegistryProblem.databaseUnavailable]
        ) { request in
            if let seconds = limiter.take(request.clientAddress) {
                throw Problem(MemberPolicyProblem.tooManyChecks, retryAfterSeconds: max(1, seconds))
            }
            guard let reference = codes.read(request.parameter("code")), let found = try await own.policy(reference) else {
                limiter.noteRefusal(request.clientAddress)
                return Response.json(PolicyCheckAnswer.forged).with("Cache-Control", "no-store")
            }
            let name = try await members.member(found.policy.memberID)?.person?.name.masked
            let isChinese = request.language == .zh
            return Response.json(
                PolicyCheckAnswer(
                    valid: found.coversNow, state: PolicyCheckAnswer.State(found),
                    product: isChinese ? found.productName : found.productNameEn ?? found.productName, name: name,
                    number: found.maskedNumber, coverFrom: found.policy.coverFrom.description, coverTo: found.lastDay.description)
            ).with("Cache-Control", "no-store")
        }
    }
}
