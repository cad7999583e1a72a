import HTTP
import Postgres
import Runtime

/// Organizers sign in by name and password, set their password, and see and end their sessions.
struct AccountSessionRoutes: Sendable {
    let accounts: AccountStore
    let sessions: AccountSessionStore
    let passwords: PasswordHasher
    let passwordAttempts: PasswordAttempts
    let attempts: AttemptStore
    let limits: AttemptLimits
    let idempotency: IdempotencyStore
    let audit: AuditStore
    let authenticator: RegistryAuthenticator

    var all: [Route] { [signIn, acceptInvitation, changePassword, list, end] }

    private static let signInProblems = [
        AccountProblem.signInRefused, AccountProblem.tooManyAttempts, AccountProblem.passwordsBusy,
    ]

    private var signIn: Route {
        Route(
            .post, "/v1/account-sessions", summary: "Trades an organizer's name and password for a session", tag: "Accounts",
            access: .anyone, parameters: [IdempotencyStore.parameter], body: .json(AccountSessionBody.self, limitBytes: 4_096),
            responses: [
                .json(201, AccountSessionTokenAnswer.self, "The session and its token, shown this once"), PageSessionAnswer.response,
            ],
            problems: Self.signInProblems + IdempotencyStore.problems
        ) { request in
            let body = try request.json(AccountSessionBody.self)
            let taken = try await take(passwordOf: body.name, request)
            let login = try await sessions.login(name: body.name)
            // An unknown name costs the same statements and the same derivation.
            guard try await verifies(body.password, login?.hash, taken), let login else { throw Problem(AccountProblem.signInRefused) }
            let response = try await idempotency.once(request) { transaction in
                // The password may have been changed while it was checked.
                guard try await sessions.login(login.accountID, in: transaction)?.hash == login.hash else {
                    throw Problem(AccountProblem.signInRefused)
                }
                try await passwordAttempts.succeed(taken, in: transaction)
                return try await open(login.accountID, madeBy: .password, body.deviceName, in: transaction)
            }
            return try inCookie(response, body.cookie, request)
        }
    }

    private var acceptInvitation: Route {
        Route(
            .post, "/v1/account-passwords", summary: "Trades an invitation's code for a password of your own and a session",
            tag: "Accounts", access: .anyone, parameters: [IdempotencyStore.parameter],
            body: .json(AcceptedInvitationBody.self, limitBytes: 4_096),
            responses: [
                .json(201, AccountSessionTokenAnswer.self, "The session and its token, shown this once"), PageSessionAnswer.response,
            ],
            problems: [AccountProblem.passwordInvalid] + Self.signInProblems + IdempotencyStore.problems
        ) { request in
            let body = try request.json(AcceptedInvitationBody.self)
            if let seconds = try await attempts.take(
                limits.attempts(limits.invitationsOfAddress, from: request), in: attempts.database)
            {
                throw AccountProblem.tooMany(retryAfterSeconds: seconds)
            }
            let name = try await sessions.invited(code: body.invitationCode)
            if let fault = PasswordRules.fault(body.password, accountName: name ?? "") {
                throw Problem(AccountProblem.passwordInvalid, violations: [fault.violation])
            }
            let hash = try await passwords.hash(body.password)
            let response = try await idempotency.once(request) { transaction in
                guard let id = try await sessions.accept(code: body.invitationCode, in: transaction) else {
                    throw Problem(AccountProblem.signInRefused)
                }
                try await sessions.setPassword(hash, of: id, in: transaction)
                try await sessions.endSignedIn(of: id, but: nil, in: transaction)
                try await audit.record(
                    "account.password_set", subject: "account:\(id)", organization: nil, actor: "account:\(id)",
                    requestID: request.requestID, in: transaction)
                return try await open(id, madeBy: .invitation, body.deviceName, in: transaction)
            }
            authenticator.forgetAll()
            return try inCookie(response, body.cookie, request)
        }
    }

    private var changePassword: Route {
        Route(
            .put, "/v1/account/password", summary: "Changes your password and signs out everywhere else", tag: "Accounts",
            access: .permission(RegistryPermission.account), body: .json(PasswordBody.self, limitBytes: 4_096),
            responses: [.empty(204, "It is changed")],
            problems: [AccountProblem.passwordInvalid, RegistryProblem.databaseUnavailable] + Self.signInProblems
        ) { request in
            let body = try request.json(PasswordBody.self)
            let caller = request.organizer
            guard let account = try await accounts.account(caller.accountID) else { throw Problem(HTTPProblem.tokenInvalid) }
            let before = try await sessions.login(name: account.name)?.hash
            var taken: PasswordAttempts.Taken?
            if let before {
                // Whoever finds an open session must not find the password by it.
                let counted = try await take(passwordOf: account.name, request)
                guard try await verifies(body.currentPassword ?? "", before, counted) else { throw Problem(AccountProblem.signInRefused) }
                taken = counted
            }
            if let fault = PasswordRules.fault(body.password, accountName: account.name) {
                throw Problem(AccountProblem.passwordInvalid, violations: [fault.violation])
            }
            let hash = try await passwords.hash(body.password)
            try await sessions.database.transaction { [taken] (transaction) async throws in
                guard let login = try await sessions.login(account.id, in: transaction), login.hash == before else {
                    throw Problem(AccountProblem.signInRefused)
                }
                if let taken { try await passwordAttempts.succeed(taken, in: transaction) }
                try await sessions.setPassword(hash, of: account.id, in: transaction)
                try await sessions.endSignedIn(of: account.id, but: caller.sessionID, in: transaction)
                try await audit.record(
                    "account.password_set", subject: caller.subject, organization: nil, request, in: transaction)
            }
            authenticator.forgetAll()
            return .empty()
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/account/sessions", summary: "Where you are signed in, the newest first", tag: "Accounts",
            access: .permission(RegistryPermission.account),
            responses: [.json(200, SessionList.self, "Sessions in force")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let caller = request.organizer
            let found = try await sessions.list(of: caller.accountID)
            return .json(SessionList(items: found.map { SessionAnswer($0, isThis: $0.id == caller.sessionID) }))
        }
    }

    private var end: Route {
        Route(
            .delete, "/v1/account/sessions/{id}", summary: "Signs out: this session or another of yours", tag: "Accounts",
            access: .permission(RegistryPermission.account), parameters: [.path("id", .id, "The session")],
            responses: [.empty(204, "It is over")],
            problems: [AccountProblem.sessionNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let ended = try await sessions.end(request.parameter("id"), of: request.organizer.accountID)
            authenticator.forgetAll()
            guard ended else { throw Problem(AccountProblem.sessionNotFound) }
            return .empty()
        }
    }

    // MARK: Parts

    private func take(passwordOf name: String, _ request: Request) async throws -> PasswordAttempts.Taken {
        switch try await passwordAttempts.take(name: name, address: request.clientAddress?.subscriber.bytes ?? []) {
        case .taken(let taken): return taken
        case .wait(let seconds): throw AccountProblem.tooMany(retryAfterSeconds: seconds)
        }
    }

    private func verifies(_ password: String, _ hash: PasswordHash?, _ taken: PasswordAttempts.Taken) async throws -> Bool {
        do throws(PasswordHasher.Busy) {
            return try await passwords.verifies(password, hash)
        } catch {
            // It was not looked at, so it is no attempt.
            try await passwordAttempts.giveBack(taken)
            throw error
        }
    }

    private func inCookie(_ response: Response, _ asCookie: Bool?, _ request: Request) throws -> Response {
        try PageSession.desk.open(
            AccountSessionTokenAnswer.self, of: response, asCookie: asCookie, lifetimeSeconds: AccountSessionStore.lifetimeSeconds, request)
    }

    private func open(
        _ id: ID<Account>, madeBy: AccountSession.Maker, _ deviceName: String?, in querying: any Querying
    ) async throws -> Response {
        let session = try await sessions.create(id, madeBy: madeBy, deviceName: deviceName, in: querying)
        return Response.json(
            AccountSessionTokenAnswer(
                id: session.id, accountId: id, token: session.token, expiresInSeconds: Int(AccountSessionStore.lifetimeSeconds)),
            status: 201
        ).with("Cache-Control", "no-store")
    }
}

struct AccountSessionBody: Codable, Sendable, APIType {
    let name: String
    let password: String
    let deviceName: String?
    let cookie: Bool?

    static let schema = Schema.object(
        "AccountSessionBody", "An organizer who signs in",
        [
            .required("name", .string(1...100)), .required("password", .anySigns(1...512)),
            .optional("deviceName", .string(1...100), "For the list of sessions"), PageSessionAnswer.field,
        ])
}

struct AcceptedInvitationBody: Codable, Sendable, APIType {
    let invitationCode: String
    let password: String
    let deviceName: String?
    let cookie: Bool?

    static let schema = Schema.object(
        "AcceptedInvitationBody", "An organizer who was invited",
        [
            .required("invitationCode", .string(1...40)),
            .required("password", .anySigns(1...512), "8 characters or more, none of the commonest"),
            .optional("deviceName", .string(1...100), "For the list of sessions"), PageSessionAnswer.field,
        ])
}

struct PasswordBody: Codable, Sendable, APIType {
    let currentPassword: String?
    let password: String

    static let schema = Schema.object(
        "PasswordBody", "A new password",
        [
            .optional("currentPassword", .anySigns(1...512), "Needed where there is one"),
            .required("password", .anySigns(1...512), "8 characters or more, none of the commonest"),
        ])
}

struct AccountSessionTokenAnswer: Codable, Sendable, APIType {
    let id: ID<AccountSession>
    let accountId: ID<Account>
    let token: String
    let expiresInSeconds: Int

    static let schema = Schema.object(
        "AccountSessionToken", "A session and its token",
        [
            .required("id", .id), .required("accountId", .id), .required("token", .string(47...47), "The bearer token, shown this once"),
            .required("expiresInSeconds", .integer(1...Int64.max)),
        ])
}

extension SessionAnswer {
    init(_ session: AccountSession, isThis: Bool) {
        id = session.id.rawValue
        deviceName = session.deviceName
        self.isThis = isThis
        madeBy = session.madeBy.rawValue
        createdAt = session.createdAt.description
        seenAt = session.seenAt?.description
        expiresAt = session.expiresAt?.description
    }
}
