package import Postgres
package import Runtime

extension AccountStore {
    /// Who holds these sessions now: one statement for streams that stay open long after their token was checked. A session that ended,
    /// expired or whose account was disabled is missing.
    package func inForce(_ sessions: [ID<AccountSession>]) async throws(PostgresError) -> [ID<AccountSession>: OrganizerPrincipal] {
        let rows = try await database.query(
            """
            select token.session_id, account.account_id, account_grant.role, account_grant.organization_id, account_grant.may_unmask
            from account_token token
            join account on account.account_id = token.account_id
            left join account_grant on account_grant.account_id = account.account_id and account_grant.ended_at is null
            where token.session_id = any (\(sessions)) and token.revoked_at is null and account.disabled_at is null
                and (token.expires_at is null or token.expires_at > now())
            order by account_grant.grant_id
            """)
        var accounts: [ID<AccountSession>: ID<Account>] = [:]
        var grants: [ID<AccountSession>: [AccountGrant]] = [:]
        for row in rows {
            let session: ID<AccountSession> = try row.decode(0)
            accounts[session] = try row.decode(1)
            guard let name = try row.decode(2, as: String?.self) else { continue }
            guard let role = AccountRole(rawValue: name) else { throw .decoding("an unknown role") }
            grants[session, default: []].append(
                AccountGrant(role: role, organizationID: try row.decode(3), mayUnmask: try row.decode(4)))
        }
        return accounts.reduce(into: [:]) { found, entry in
            found[entry.key] = OrganizerPrincipal(accountID: entry.value, grants: grants[entry.key] ?? [], sessionID: entry.key)
        }
    }
}
