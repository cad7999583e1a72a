package import Postgres
package import Runtime

extension AccountStore {
    /// An account without any grant; nil when the name is taken.
    package func create(name: String, in querying: any Querying) async throws(PostgresError) -> Account? {
        let result = try await querying.query(
            """
            insert into account (name) values (\(name))
            on conflict on constraint account_name_is_unique do nothing
            returning account_id, name, created_at
            """)
        return try result.first.map { row throws(PostgresError) in
            Account(id: try row.decode("account_id"), name: try row.decode("name"), createdAt: try row.decode("created_at"))
        }
    }

    package enum GrantOutcome: Sendable {
        case granted(ID<AccountGrant>)
        /// The account has this role there already.
        case exists
        case disabled
        case accountUnknown
    }

    /// Gives a role. The caller then makes the authenticator forget.
    /// - Parameter subject: who gives it, as in the logs.
    package func grant(
        _ grant: AccountGrant, to id: ID<Account>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> GrantOutcome {
        let account = try await querying.query(
            "select disabled_at is null from account where account_id = \(id) for no key update")
        guard let row = account.first else { return .accountUnknown }
        guard try row.decode(0, as: Bool.self) else { return .disabled }
        let result = try await querying.query(
            """
            insert into account_grant (account_id, role, organization_id, may_unmask, granted_by)
            values (\(id), \(grant.role.rawValue), \(grant.organizationID), \(grant.mayUnmask), \(subject))
            on conflict (account_id, role, organization_id) where ended_at is null do nothing
            returning grant_id, pg_notify(\(DeviceStore.accessChannel), '')
            """)
        guard let granted = result.first else { return .exists }
        return .granted(try granted.decode(0))
    }

    package enum EndOutcome: String, Sendable {
        case ended, disabled, unchanged, unknown
        case lastOwner = "last_owner"
    }

    /// Takes a role. The caller then makes the authenticator forget.
    package func endGrant(
        _ grantID: ID<AccountGrant>, of id: ID<Account>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> EndOutcome {
        try await end("select accounts_grant_end(\(id), \(grantID), \(subject)), pg_notify(\(DeviceStore.accessChannel), '')", in: querying)
    }

    /// Shuts an account out, with all its tokens. The caller then makes the authenticator forget.
    package func disable(_ id: ID<Account>, by subject: String, in querying: any Querying) async throws(PostgresError) -> EndOutcome {
        try await end("select accounts_disable(\(id), \(subject)), pg_notify(\(DeviceStore.accessChannel), '')", in: querying)
    }

    private func end(_ statement: SQL, in querying: any Querying) async throws(PostgresError) -> EndOutcome {
        let result = try await querying.query(statement)
        guard let row = result.first, let outcome = EndOutcome(rawValue: try row.decode(0)) else { throw .decoding("an unknown outcome") }
        return outcome
    }

    // MARK: Reading

    private static func isVisible(_ scope: Scope) -> SQL {
        if scope == .everything { return "true" }
        return """
            exists (
                select from account_grant visible
                where visible.account_id = account.account_id and visible.ended_at is null
                    and \(fragment: scope.condition("visible.organization_id"))
            )
            """
    }

    /// Accounts with a grant within `scope`, by id, from the one after `after` on, at most `limit`.
    package func list(_ scope: Scope, after: ID<Account>?, limit: Int) async throws(PostgresError) -> [AccountDetails] {
        try await details(
            """
            account.account_id > \(after?.rawValue ?? 0) and \(fragment: Self.isVisible(scope))
            order by account.account_id limit \(limit)
            """, scope, in: database)
    }

    /// The account, if it has a grant within `scope`.
    package func details(
        of id: ID<Account>, _ scope: Scope, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> AccountDetails? {
        try await details(
            "account.account_id = \(id) and \(fragment: Self.isVisible(scope))", scope, in: querying ?? database
        ).first
    }

    private func details(_ condition: SQL, _ scope: Scope, in querying: any Querying) async throws(PostgresError) -> [AccountDetails] {
        let result = try await querying.query(
            """
            select account.account_id, account.name, account.created_at, account.disabled_at,
                exists (select from account_password password where password.account_id = account.account_id) as has_password
            from account
            where \(fragment: condition)
            """)
        var ids: [Int64] = []
        for row in result { ids.append(try row.decode("account_id")) }
        let grants = try await self.grants(of: ids, scope, in: querying)
        var details: [AccountDetails] = []
        for row in result {
            let id: ID<Account> = try row.decode("account_id")
            details.append(
                AccountDetails(
                    account: Account(id: id, name: try row.decode("name"), createdAt: try row.decode("created_at")),
                    hasPassword: try row.decode("has_password"), disabledAt: try row.decode("disabled_at"), grants: grants[id] ?? []))
        }
        return details
    }

    private func grants(
        of ids: [Int64], _ scope: Scope, in querying: any Querying
    ) async throws(PostgresError) -> [ID<Account>: [AccountDetails.GrantInForce]] {
        let result = try await querying.query(
            """
            select grant_id, account_id, role, organization_id, may_unmask, granted_by, granted_at
            from account_grant
            where account_id = any(\(ids)) and ended_at is null and \(fragment: scope.condition("account_grant.organization_id"))
            order by grant_id
            """)
        var grants: [ID<Account>: [AccountDetails.GrantInForce]] = [:]
        for row in result {
            guard let role = AccountRole(rawValue: try row.decode("role")) else { throw .decoding("an unknown role") }
            let grant = AccountGrant(role: role, organizationID: try row.decode("organization_id"), mayUnmask: try row.decode("may_unmask"))
            grants[try row.decode("account_id"), default: []].append(
                AccountDetails.GrantInForce(
                    id: try row.decode("grant_id"), grant: grant, grantedBy: try row.decode("granted_by"),
                    grantedAt: try row.decode("granted_at")))
        }
        return grants
    }
}
