import HTTP
import MemberCode
import Postgres
import Runtime

/// Joining, for whoever scanned a code: no account, no session, an application and its secret.
struct JoinRoutes: Sendable {
    let joins: JoinStore
    let codes: JoinCodeStore
    let applications: ApplicationStore
    let members: MemberStore
    let outbox: OutboxStore
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let secrets: JoinSecrets
    let limiter: SubmissionLimiter
    let issuer: MemberCodeIssuer
    let clock: Clock

    /// Of the card in an answer: half a day, so that it is of use without the app; reading the application again gives the next one.
    private static let cardSeconds: UInt16 = 43_200
    private static let code = Parameter.path("code", .string(1...40), "The short code, or the text of the QR")
    private static let tag = "Joining"
    private static let secret = Parameter.header(
        "Authorization", .string(1...200), "Bearer and the application's secret (wsa_…); without it there is nothing to show: 404")

    var all: [Route] { [door, apply, read, resubmit] }

    private var door: Route {
        Route(
            .get, "/v1/join/{code}", summary: "Which organization a join code leads to, and what it asks", tag: Self.tag, access: .anyone,
            parameters: [Self.code], responses: [.json(200, JoinDoorAnswer.self, "The organization")],
            problems: [JoinProblem.codeUnknown, JoinProblem.tooMany, RegistryProblem.databaseUnavailable]
        ) { request in
            try limit(request)
            guard let code = JoinCode(request.parameter("code", as: String.self)), let door = try await codes.door(code) else {
                throw refusal(JoinProblem.codeUnknown, request)
            }
            return .json(JoinDoorAnswer(door, code))
        }
    }

    private var apply: Route {
        Route(
            .post, "/v1/join/{code}/applications", summary: "Asks to become a member of the code's organization", tag: Self.tag,
            access: .anyone, parameters: [Self.code, IdempotencyStore.parameter], body: .json(JoinForm.self, limitBytes: 4_096),
            responses: [.json(201, OwnApplicationAnswer.self, "The application, its secret, and a card that opens doors at once")],
            problems: [
                JoinProblem.codeUnknown, JoinProblem.codeEnded, JoinProblem.organizationClosed, JoinProblem.formInvalid,
                JoinProblem.personExists, JoinProblem.tooMany,
            ] + IdempotencyStore.problems
        ) { request in
            try limit(request)
            let form = try request.json(JoinForm.self)
            guard let code = JoinCode(request.parameter("code", as: String.self)) else { throw refusal(JoinProblem.codeUnknown, request) }
            let person = try form.person(today: .inChina(clock))
            let made = secrets.make(code, idempotencyKey: request.optionalParameter("Idempotency-Key"), body: request.bytes)
            let wanted = JoinRequest(
                code: code, person: person, workerKind: form.workerKind, employmentForm: form.employmentForm,
                consents: Set(form.consents), secretDigest: made.secret.digest, requestDigest: made.requestDigest,
                fingerprint: made.fingerprint)
            switch try await joins.join(wanted) {
            case .accepted(let receipt), .repeated(let receipt): return firstAnswer(receipt, made.secret)
            case .conflict: throw Problem(RegistryProblem.idempotencyKeyReused)
            case .codeUnknown: throw refusal(JoinProblem.codeUnknown, request)
            case .codeEnded: throw Problem(JoinProblem.codeEnded)
            case .organizationClosed: throw Problem(JoinProblem.organizationClosed)
            case .exists(let known):
                guard let receipt = try await comeBack(known, wanted, request) else { throw refusal(JoinProblem.personExists, request) }
                return firstAnswer(receipt, made.secret)
            }
        }
    }

    /// Who had left and gives the registered name comes back; everybody else is told the same as of any person who exists.
    private func comeBack(_ known: ID<Member>, _ wanted: JoinRequest, _ request: Request) async throws -> JoinOutcome.Receipt? {
        try await applications.database.inTransaction { transaction in
            guard let application = try await applications.comeBack(wanted, known, by: "member:\(known)", in: transaction) else {
                return nil
            }
            try await MemberEvent.applied.emit(
                MemberEvent.Payload(memberId: known, organizationId: application.organizationID, applicationId: application.id),
                to: outbox, in: transaction)
            try await audit(application, request, in: transaction)
            return application.receipt
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/join-application", summary: "The application of whoever shows its secret, with a fresh card", tag: Self.tag,
            access: .anyone, parameters: [Self.secret], responses: [.json(200, OwnApplicationAnswer.self, "The application")],
            problems: [JoinProblem.secretUnknown, JoinProblem.tooMany, RegistryProblem.databaseUnavailable]
        ) { request in
            try limit(request)
            guard let secret = Self.secret(request), let application = try await applications.application(secretDigest: secret.digest)
            else { throw refusal(JoinProblem.secretUnknown, request) }
            return try await answer(application, status: 200)
        }
    }

    private var resubmit: Route {
        Route(
            .put, "/v1/join-application", summary: "Sends a rejected application again, with corrected data", tag: Self.tag,
            access: .anyone, parameters: [Self.secret], body: .json(JoinForm.self, limitBytes: 4_096),
            responses: [.json(200, OwnApplicationAnswer.self, "The application, waiting again")],
            problems: [
                JoinProblem.secretUnknown, JoinProblem.formInvalid, JoinProblem.personExists, JoinProblem.organizationClosed,
                JoinProblem.applicationDecided, JoinProblem.tooMany, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            try limit(request)
            guard let secret = Self.secret(request) else { throw refusal(JoinProblem.secretUnknown, request) }
            let form = try request.json(JoinForm.self)
            let person = try form.person(today: .inChina(clock))
            let outcome = try await applications.database.inTransaction { transaction in
                let outcome = try await applications.resubmit(
                    secretDigest: secret.digest, form, person, by: "anyone", in: transaction)
                if case .submitted(let application) = outcome {
                    try await MemberEvent.applied.emit(
                        MemberEvent.Payload(
                            memberId: application.memberID, organizationId: application.organizationID, applicationId: application.id),
                        to: outbox, in: transaction)
                    try await audit(application, request, in: transaction)
                }
                return outcome
            }
            switch outcome {
            case .submitted(let application): return try await answer(application, status: 200)
            case .notFound: throw refusal(JoinProblem.secretUnknown, request)
            case .notAllowed: throw Problem(JoinProblem.applicationDecided)
            case .exists: throw refusal(JoinProblem.personExists, request)
            case .organizationClosed: throw Problem(JoinProblem.organizationClosed)
            }
        }
    }

    // MARK: Parts

    private static func secret(_ request: Request) -> BearerToken? {
        guard let field = request.headers["Authorization"], field.prefix(7).lowercased() == "bearer ",
            let token = BearerToken(String(field.dropFirst(7))), token.kind == .application
        else { return nil }
        return token
    }

    private func limit(_ request: Request) throws(Problem) {
        guard let seconds = limiter.take(request.clientAddress) else { return }
        throw Problem(JoinProblem.tooMany, retryAfterSeconds: max(1, seconds))
    }

    private func refusal(_ type: ProblemType, _ request: Request) -> Problem {
        limiter.noteRefusal(request.clientAddress)
        return Problem(type)
    }

    private func audit(_ application: MemberApplication, _ request: Request, in querying: any Querying) async throws(PostgresError) {
        try await audit.record(
            "application.submitted", subject: "application:\(application.id)", organization: application.organizationID,
            details: ["member": "member:\(application.memberID)", "state": application.state.rawValue], actor: "applicant",
            requestID: request.requestID, in: querying)
    }

    /// What a submission is answered with: all of it follows from what was decided then and from the secret, so that a repeat gets the same
    /// bytes.
    private func firstAnswer(_ receipt: JoinOutcome.Receipt, _ secret: BearerToken) -> Response {
        let card = issuer.issue(
            memberID: receipt.memberID.rawValue, validitySeconds: Self.cardSeconds, nowMicroseconds: receipt.submittedAt.microseconds,
            salt: secret.digest.prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
        return Response.json(OwnApplicationAnswer(receipt, secret: secret.text, card: MemberCodeAnswer(card)), status: 201).with(
            "Cache-Control", "no-store")
    }

    private func answer(_ application: MemberApplication, status: Int) async throws -> Response {
        let memberStatus = try await members.status(of: application.memberID)
        return try answer(application.receipt, status: status, holdsCard: memberStatus?.holdsCard ?? false)
    }

    /// With the card's picture: who applied has no session, and a page that draws no codes of its own.
    private func answer(_ receipt: JoinOutcome.Receipt, status: Int, holdsCard: Bool) throws -> Response {
        var card: MemberCodeAnswer?
        if holdsCard {
            let issued = issuer.issue(
                memberID: receipt.memberID.rawValue, validitySeconds: Self.cardSeconds, nowMicroseconds: clock.nowMicroseconds)
            card = MemberCodeAnswer(issued, picture: try QRCode(issued.text))
        }
        return Response.json(OwnApplicationAnswer(receipt, secret: nil, card: card), status: status)
            .with("Cache-Control", "no-store")
    }
}

extension MemberApplication {
    var receipt: JoinOutcome.Receipt {
        JoinOutcome.Receipt(
            applicationID: id, organizationID: organizationID, memberID: memberID, state: state, submittedAt: submittedAt,
            rejectReason: rejectReason)
    }
}
