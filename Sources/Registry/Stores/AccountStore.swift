package import Postgres
package import Runtime

/// Accounts and their tokens.
package struct AccountStore: Sendable {
    let database: Database

    /// A bearer token for the owner called `name`, whose account is made if it is not there, and opened again if it was disabled: whoever
    /// has the machine may. The token is shown this once.
    package func createOwner(name: String) async throws(PostgresError) -> String {
        let token = BearerToken.random(.account)
        _ = try await database.query(
            """
            with owner as (
                insert into account (name) values (\(name))
                on conflict on constraint account_name_is_unique do update
                set disabled_at = null, disabled_by = null
                returning account_id
            ),
            granted as (
                insert into account_grant (account_id, role, may_unmask, granted_by)
                select account_id, 'owner', true, 'command:owner.create' from owner
                on conflict do nothing
            )
            insert into account_token (token_sha256, account_id) select \(token.digest), account_id from owner
            """)
        return token.text
    }

    package func account(_ id: ID<Account>) async throws(PostgresError) -> Account? {
        let result = try await database.query("select account_id, name, created_at from account where account_id = \(id)")
        return try result.first.map { row throws(PostgresError) in
            Account(id: try row.decode("account_id"), name: try row.decode("name"), createdAt: try row.decode("created_at"))
        }
    }

    /// Who shows a token with this digest; nil when it is unknown, revoked or the account is disabled.
    func principal(
        tokenDigest: [UInt8], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> OrganizerPrincipal? {
        let result = try await (querying ?? database).query(
            """
            with seen as (
                update account_token set seen_at = now()
                where token_sha256 = \(tokenDigest) and revoked_at is null and (seen_at is null or seen_at < now() - interval '1 hour')
            )
            select account.account_id, token.session_id, account_grant.role, account_grant.organization_id, account_grant.may_unmask
            from account_token token
            join account on account.account_id = token.account_id
            left join account_grant on account_grant.account_id = account.account_id and account_grant.ended_at is null
            where token.token_sha256 = \(tokenDigest) and token.revoked_at is null and account.disabled_at is null
                and (token.expires_at is null or token.expires_at > now())
            order by account_grant.grant_id
            """)
        guard let first = result.first else { return nil }
        var grants: [AccountGrant] = []
        for row in result {
            guard let name = try row.decode("role", as: String?.self) else { continue }
            guard let role = AccountRole(rawValue: name) else { throw .decoding("an unknown role") }
            grants.append(
                AccountGrant(role: role, organizationID: try row.decode("organization_id"), mayUnmask: try row.decode("may_unmask")))
        }
        return OrganizerPrincipal(accountID: try first.decode("account_id"), grants: grants, sessionID: try first.decode("session_id"))
    }

    /// Ends a token. The caller then makes the authenticator forget.
    /// - Returns: whether it was in force.
    package func revoke(token: String) async throws(PostgresError) -> Bool {
        guard let token = BearerToken(token) else { return false }
        let result = try await database.query(
            "update account_token set revoked_at = now() where token_sha256 = \(token.digest) and revoked_at is null")
        return result.affectedRows == 1
    }
}
