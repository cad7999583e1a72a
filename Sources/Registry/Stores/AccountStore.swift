package import Postgres
package import Runtime

/// Accounts and their tokens.
package struct AccountStore: Sendable {
    let database: Database

    /// A bearer token for the owner called `name`, whose account is made if it is not there. The token is shown this once.
    package func createOwner(name: String) async throws(PostgresError) -> String {
        let token = BearerToken.random(.account)
        _ = try await database.query(
            """
            with owner as (
                insert into account (role, name) values (\(AccountRole.owner.rawValue), \(name))
                on conflict on constraint account_name_is_unique do update set name = excluded.name
                returning account_id
            )
            insert into account_token (token_sha256, account_id) select \(token.digest), account_id from owner
            """)
        return token.text
    }

    package func account(_ id: ID<Account>) async throws(PostgresError) -> Account? {
        let result = try await database.query("select account_id, role, name, created_at from account where account_id = \(id)")
        guard let row = result.first else { return nil }
        guard let role = AccountRole(rawValue: try row.decode("role")) else { throw .decoding("an unknown role") }
        return Account(
            id: try row.decode("account_id"), role: role, name: try row.decode("name"), createdAt: try row.decode("created_at"))
    }

    /// Who shows a token with this digest; nil when it is unknown, revoked or the account is disabled.
    func principal(tokenDigest: [UInt8]) async throws(PostgresError) -> OrganizerPrincipal? {
        let result = try await database.query(
            """
            select account.account_id, account.role
            from account_token token
            join account on account.account_id = token.account_id
            where token.token_sha256 = \(tokenDigest) and token.revoked_at is null and account.disabled_at is null
            """)
        guard let row = result.first else { return nil }
        guard let role = AccountRole(rawValue: try row.decode("role")) else { throw .decoding("an unknown role") }
        return OrganizerPrincipal(accountID: try row.decode("account_id"), role: role)
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
