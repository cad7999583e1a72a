package import HTTP
import Postgres
import Runtime

/// Who may give, take and shut out what: nobody more than they have, nor outside their subtree.
struct AccountAdministration: Sendable {
    let accounts: AccountStore
    let organizations: OrganizationStore

    /// Lets a request go on that gives or takes `grant`.
    /// - Throws: `registry.organization_not_found` for an organization that the caller does not reach, `registry.grant_not_allowed` for
    ///   more than the caller has.
    func require(_ grant: AccountGrant, by caller: OrganizerPrincipal, in querying: any Querying) async throws {
        if let id = grant.organizationID {
            try await organizations.require(id, caller.scope(of: RegistryPermission.accountsWrite), in: querying)
        }
        guard try await reaches(grant, caller, in: querying) else { throw Problem(AccountProblem.grantNotAllowed) }
    }

    /// The account, if the caller may administer it: may give every role that it has in force, wherever it has it.
    func requireAccount(_ id: ID<Account>, by caller: OrganizerPrincipal, in querying: any Querying) async throws -> AccountDetails {
        let scope = caller.scope(of: RegistryPermission.accountsWrite)
        guard try await accounts.details(of: id, scope, in: querying) != nil,
            let whole = try await accounts.details(of: id, .everything, in: querying)
        else { throw Problem(AccountProblem.accountNotFound) }
        for held in whole.grants {
            guard try await reaches(held.grant, caller, in: querying) else { throw Problem(AccountProblem.grantNotAllowed) }
        }
        return whole
    }

    private func reaches(_ grant: AccountGrant, _ caller: OrganizerPrincipal, in querying: any Querying) async throws -> Bool {
        var scopes = [caller.scope(toGive: grant.role)]
        if grant.mayUnmask { scopes.append(caller.scope(of: RegistryPermission.membersUnmask)) }
        for scope in scopes where scope != .everything {
            guard let id = grant.organizationID, try await organizations.isInside(id, scope, in: querying) else { return false }
        }
        return true
    }
}

extension Request {
    /// The organizer who calls a route that needs a permission of accounts.
    package var organizer: OrganizerPrincipal {
        guard let organizer = principal as? OrganizerPrincipal else { preconditionFailure("only organizers have permissions of accounts") }
        return organizer
    }
}
