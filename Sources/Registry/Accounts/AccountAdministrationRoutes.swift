import HTTP
import Postgres
import Runtime

/// Organizers' accounts: made, given roles, shut out, by those who have at least as much.
struct AccountAdministrationRoutes: Sendable {
    let accounts: AccountStore
    let sessions: AccountSessionStore
    let administration: AccountAdministration
    let passwords: PasswordHasher
    let idempotency: IdempotencyStore
    let audit: AuditStore
    let authenticator: RegistryAuthenticator

    var all: [Route] { [create, list, read, grant, endGrant, invite, disable] }

    private static let id = Parameter.path("id", .id, "The account")
    private static let write = Access.permission(RegistryPermission.accountsWrite)
    private static let read = Access.permission(RegistryPermission.accountsRead)
    private static let grantProblems = [
        AccountProblem.grantNotAllowed, RegistryProblem.organizationNotFound, AccountProblem.accountNotFound,
    ]

    private var create: Route {
        Route(
            .post, "/v1/accounts", summary: "Makes an organizer's account with its first role", tag: "Accounts", access: Self.write,
            parameters: [IdempotencyStore.parameter], body: .json(AccountBody.self, limitBytes: 8_192),
            responses: [.json(201, NewAccountAnswer.self, "The account, and the code by which its person sets a password")],
            problems: [AccountProblem.accountExists, AccountProblem.passwordInvalid, AccountProblem.passwordsBusy] + Self.grantProblems
                + IdempotencyStore.problems
        ) { request in
            let body = try request.json(AccountBody.self)
            let caller = request.organizer
            if let password = body.password, let fault = PasswordRules.fault(password, accountName: body.name) {
                throw Problem(AccountProblem.passwordInvalid, violations: [fault.violation])
            }
            // Before the transaction: a derivation takes longer than a connection should be kept.
            let hash = try await derived(body.password)
            let response = try await idempotency.once(request) { transaction in
                try await administration.require(body.grant, by: caller, in: transaction)
                guard let account = try await accounts.create(name: body.name, in: transaction) else {
                    throw Problem(AccountProblem.accountExists)
                }
                _ = try await accounts.grant(body.grant, to: account.id, by: caller.subject, in: transaction)
                var invitation: (code: String, expiresAt: Timestamp)?
                if let hash {
                    try await sessions.setPassword(hash, of: account.id, in: transaction)
                } else {
                    invitation = try await sessions.invite(account.id, by: caller.subject, in: transaction)
                }
                try await audit.record(
                    "account.created", subject: "account:\(account.id)", organization: body.organizationId, details: body.grant.words,
                    request, in: transaction)
                guard let details = try await accounts.details(of: account.id, .everything, in: transaction) else {
                    throw PostgresError.decoding("the new account was expected")
                }
                return Response.json(
                    NewAccountAnswer(
                        account: AccountDetailsAnswer(details), invitationCode: invitation?.code,
                        invitationExpiresAt: invitation?.expiresAt.description), status: 201
                ).with("Location", "/v1/accounts/\(account.id)").with("Cache-Control", "no-store")
            }
            return response
        }
    }

    private func derived(_ password: String?) async throws -> PasswordHash? {
        guard let password else { return nil }
        return try await passwords.hash(password)
    }

    private var list: Route {
        Route(
            .get, "/v1/accounts", summary: "Lists accounts with a role in your subtree", tag: "Accounts", access: Self.read,
            parameters: PageCursor.parameters, responses: [.json(200, AccountList.self, "A page")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Account.self)
            let found = try await accounts.list(request.scope(of: RegistryPermission.accountsRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.account.id)
            return .json(AccountList(items: items.map(AccountDetailsAnswer.init), next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/accounts/{id}", summary: "One account with its roles in your subtree", tag: "Accounts", access: Self.read,
            parameters: [Self.id], responses: [.json(200, AccountDetailsAnswer.self, "The account")],
            problems: [AccountProblem.accountNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.accountsRead)
            guard let found = try await accounts.details(of: request.parameter("id"), scope) else {
                throw Problem(AccountProblem.accountNotFound)
            }
            return .json(AccountDetailsAnswer(found))
        }
    }

    private var grant: Route {
        Route(
            .post, "/v1/accounts/{id}/grants", summary: "Gives an account a role within a subtree", tag: "Accounts", access: Self.write,
            parameters: [Self.id, IdempotencyStore.parameter], body: .json(AccountGrantBody.self, limitBytes: 4_096),
            responses: [.json(201, AccountDetailsAnswer.self, "The account with its roles")],
            problems: [AccountProblem.grantExists, AccountProblem.accountDisabled] + Self.grantProblems + IdempotencyStore.problems
        ) { request in
            let grant = try request.json(AccountGrantBody.self).grant
            let caller = request.organizer
            let id = request.parameter("id", as: ID<Account>.self)
            let response = try await idempotency.once(request) { transaction in
                let scope = caller.scope(of: RegistryPermission.accountsWrite)
                guard try await accounts.details(of: id, scope, in: transaction) != nil else {
                    throw Problem(AccountProblem.accountNotFound)
                }
                try await administration.require(grant, by: caller, in: transaction)
                switch try await accounts.grant(grant, to: id, by: caller.subject, in: transaction) {
                case .granted(let grantID):
                    try await audit.record(
                        "account.granted", subject: "account:\(id)", organization: grant.organizationID,
                        details: grant.words.merging(["grant": "\(grantID)"]) { $1 }, request, in: transaction)
                case .exists: throw Problem(AccountProblem.grantExists)
                case .disabled: throw Problem(AccountProblem.accountDisabled)
                case .accountUnknown: throw Problem(AccountProblem.accountNotFound)
                }
                return .json(AccountDetailsAnswer(try await shown(id, scope, in: transaction)), status: 201)
            }
            authenticator.forgetAll()
            return response
        }
    }

    private func shown(_ id: ID<Account>, _ scope: Scope, in querying: any Querying) async throws -> AccountDetails {
        guard let details = try await accounts.details(of: id, scope, in: querying) else { throw Problem(AccountProblem.accountNotFound) }
        return details
    }

    private var endGrant: Route {
        Route(
            .delete, "/v1/accounts/{id}/grants/{grantId}", summary: "Takes a role from an account", tag: "Accounts", access: Self.write,
            parameters: [Self.id, .path("grantId", .id, "The grant")], responses: [.empty(204, "The account has the role no more")],
            problems: [AccountProblem.grantNotFound, AccountProblem.lastOwner, RegistryProblem.databaseUnavailable] + Self.grantProblems
        ) { request in
            let caller = request.organizer
            let id = request.parameter("id", as: ID<Account>.self)
            let grantID = request.parameter("grantId", as: ID<AccountGrant>.self)
            let scope = caller.scope(of: RegistryPermission.accountsWrite)
            try await accounts.database.transaction { (transaction) async throws in
                let held = try await shown(id, scope, in: transaction).grants.first { $0.id == grantID }
                guard let held else { throw Problem(AccountProblem.grantNotFound) }
                try await administration.require(held.grant, by: caller, in: transaction)
                switch try await accounts.endGrant(grantID, of: id, by: caller.subject, in: transaction) {
                case .lastOwner: throw Problem(AccountProblem.lastOwner)
                case .unchanged, .unknown: throw Problem(AccountProblem.grantNotFound)
                case .ended, .disabled: break
                }
                try await audit.record(
                    "account.grant_ended", subject: "account:\(id)", organization: held.grant.organizationID,
                    details: held.grant.words.merging(["grant": "\(grantID)"]) { $1 }, request, in: transaction)
            }
            authenticator.forgetAll()
            return .empty()
        }
    }

    private var invite: Route {
        Route(
            .post, "/v1/accounts/{id}/invitations", summary: "Gives out a code by which the account's person sets a new password, once",
            tag: "Accounts", access: Self.write, parameters: [Self.id, IdempotencyStore.parameter],
            responses: [.json(201, InvitationAnswer.self, "The code, shown this once; the one before is void")],
            problems: [AccountProblem.accountDisabled] + Self.grantProblems + IdempotencyStore.problems
        ) { request in
            let caller = request.organizer
            return try await idempotency.once(request) { transaction in
                let details = try await administration.requireAccount(request.parameter("id"), by: caller, in: transaction)
                guard details.disabledAt == nil else { throw Problem(AccountProblem.accountDisabled) }
                let invitation = try await sessions.invite(details.account.id, by: caller.subject, in: transaction)
                try await audit.record(
                    "account.invited", subject: "account:\(details.account.id)", organization: details.grants.first?.grant.organizationID,
                    request, in: transaction)
                return Response.json(
                    InvitationAnswer(invitationCode: invitation.code, expiresAt: invitation.expiresAt.description), status: 201
                ).with("Cache-Control", "no-store")
            }
        }
    }

    private var disable: Route {
        Route(
            .post, "/v1/accounts/{id}/disable", summary: "Shuts an account out and ends its sessions; again changes nothing",
            tag: "Accounts", access: Self.write, parameters: [Self.id], responses: [.json(200, AccountDetailsAnswer.self, "The account")],
            problems: [AccountProblem.lastOwner, RegistryProblem.databaseUnavailable] + Self.grantProblems
        ) { request in
            let caller = request.organizer
            let id = request.parameter("id", as: ID<Account>.self)
            let details = try await accounts.database.transaction { (transaction) async throws in
                let before = try await administration.requireAccount(id, by: caller, in: transaction)
                switch try await accounts.disable(id, by: caller.subject, in: transaction) {
                case .lastOwner: throw Problem(AccountProblem.lastOwner)
                case .unknown: throw Problem(AccountProblem.accountNotFound)
                case .unchanged: break
                case .disabled, .ended:
                    try await audit.record(
                        "account.disabled", subject: "account:\(id)", organization: before.grants.first?.grant.organizationID, request,
                        in: transaction)
                }
                return try await shown(id, caller.scope(of: RegistryPermission.accountsWrite), in: transaction)
            }
            authenticator.forgetAll()
            return .json(AccountDetailsAnswer(details))
        }
    }
}
