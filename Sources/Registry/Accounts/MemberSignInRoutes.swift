import HTTP
import Postgres
import Runtime

/// Members sign in with their phone.
struct MemberSignInRoutes: Sendable {
    let members: MemberStore
    let codes: SignInCodeStore
    let sessions: MemberSessionStore
    let attempts: AttemptStore
    let limits: AttemptLimits
    let idempotency: IdempotencyStore

    var all: [Route] { [requestCode, signIn] }

    private var requestCode: Route {
        Route(
            .post, "/v1/member-sessions/codes",
            summary: "Sends a one-time code to a phone; the answer is the same whether or not a member has the number", tag: "Me",
            access: .anyone, parameters: [IdempotencyStore.parameter], body: .json(SignInCodeBody.self, limitBytes: 1_024),
            responses: [.json(202, SignInCodeAnswer.self, "A code is on its way, if a member has the number")],
            problems: [AccountProblem.phoneInvalid, AccountProblem.tooManyAttempts] + IdempotencyStore.problems
        ) { request in
            let phone = try request.json(SignInCodeBody.self).number()
            let index = members.vault.index(of: phone)
            return try await idempotency.once(request) { transaction in
                let attempts =
                    limits.attempts(limits.codesOfNumber, of: index)
                    + limits.attempts(limits.codesOfNumberAtAddress, of: index, from: request)
                    + limits.attempts(limits.codesOfAddress, from: request)
                    + limits.attempts(limits.codesOverall, of: [])
                if let seconds = try await self.attempts.take(attempts, in: transaction) {
                    throw AccountProblem.tooMany(retryAfterSeconds: seconds)
                }
                try await codes.request(phoneIndex: index, language: request.language, in: transaction)
                return .json(SignInCodeAnswer(), status: 202)
            }
        }
    }

    private var signIn: Route {
        Route(
            .post, "/v1/member-sessions", summary: "Trades a one-time code for a session", tag: "Me", access: .anyone,
            parameters: [IdempotencyStore.parameter], body: .json(MemberSessionBody.self, limitBytes: 2_048),
            responses: [
                .json(201, MemberSessionTokenAnswer.self, "The session and its token, shown this once"), PageSessionAnswer.response,
            ],
            problems: [
                AccountProblem.phoneInvalid, AccountProblem.signInRefused, AccountProblem.nationalIDEndNeeded,
                AccountProblem.tooManyAttempts,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(MemberSessionBody.self)
            let phone = try SignInCodeBody(phone: body.phone).number()
            // Refusals are answered, not thrown: the try that was counted stays counted.
            let response = try await idempotency.once(request) { transaction in
                let taken = limits.attempts(limits.memberSignInsOfAddress, from: request)
                if let seconds = try await attempts.take(taken, in: transaction) {
                    return .problem(AccountProblem.tooMany(retryAfterSeconds: seconds))
                }
                let index = members.vault.index(of: phone)
                guard let code = SignInCode(body.code), let id = try await codes.try(code, phoneIndex: index, in: transaction) else {
                    return .problem(Problem(AccountProblem.signInRefused))
                }
                let candidates = try await members.members(phoneIndex: index, in: transaction)
                let end = body.nationalIdEnd?.uppercased()
                let meant = candidates.filter { candidate in
                    end.map { candidate.person?.nationalID.text.hasSuffix($0) == true } ?? true
                }
                guard meant.count < 2 else { return .problem(Problem(AccountProblem.nationalIDEndNeeded)) }
                guard let member = meant.first else { return .problem(Problem(AccountProblem.signInRefused)) }
                try await codes.use(id, in: transaction)
                try await attempts.giveBack(taken, in: transaction)
                let session = try await sessions.create(member.id, deviceName: body.deviceName, in: transaction)
                try await sessions.endBeyondLimit(of: member.id, in: transaction)
                return Response.json(
                    MemberSessionTokenAnswer(
                        id: session.id, memberId: member.id, token: session.token, expiresInSeconds: Int(MemberSessionStore.lifetimeSeconds)
                    ), status: 201
                ).with("Cache-Control", "no-store")
            }
            return try PageSession.worker.open(
                MemberSessionTokenAnswer.self, of: response, asCookie: body.cookie, lifetimeSeconds: MemberSessionStore.lifetimeSeconds,
                request)
        }
    }
}

struct SignInCodeBody: Codable, Sendable, APIType {
    let phone: String

    static let schema = Schema.object(
        "SignInCodeBody", "A phone that wants a code", [.required("phone", .string(1...40), "A mainland mobile number")])

    func number() throws(Problem) -> PhoneNumber {
        do throws(MemberFault) {
            return try PhoneNumber(phone)
        } catch {
            throw Problem(
                AccountProblem.phoneInvalid,
                violations: [Violation(error.code, pointer: "/phone", zh: error.reason.zh, en: error.reason.en)])
        }
    }
}

struct SignInCodeAnswer: Codable, Sendable, APIType {
    var expiresInSeconds = Int(SignInCode.validSeconds)
    var nextCodeInSeconds = 60

    static let schema = Schema.object(
        "SignInCode", "What becomes of the wish for a code",
        [
            .required("expiresInSeconds", .integer(1...3_600), "How long the code holds"),
            .required("nextCodeInSeconds", .integer(1...3_600), "When another one can be asked for"),
        ])
}

struct MemberSessionBody: Codable, Sendable, APIType {
    let phone: String
    let code: String
    let deviceName: String?
    let nationalIdEnd: String?
    let cookie: Bool?

    static let schema = Schema.object(
        "MemberSessionBody", "A code that came by message",
        [
            .required("phone", .string(1...40), "The number it was sent to"), .required("code", .string(1...20), "Six digits"),
            .optional("deviceName", .string(1...100), "For the list of sessions: 张三的手机"),
            .optional("nationalIdEnd", .string(4...4), "The last 4 characters of the national id, where a family shares a phone"),
            PageSessionAnswer.field,
        ])
}

struct MemberSessionTokenAnswer: Codable, Sendable, APIType {
    let id: ID<MemberSession>
    let memberId: ID<Member>
    let token: String
    let expiresInSeconds: Int

    static let schema = Schema.object(
        "MemberSessionToken", "A session and its token",
        [
            .required("id", .id), .required("memberId", .id), .required("token", .string(47...47), "The bearer token, shown this once"),
            .required("expiresInSeconds", .integer(1...Int64.max)),
        ])
}
