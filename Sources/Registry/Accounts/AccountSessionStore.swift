import Crypto
package import Postgres
package import Runtime

/// How organizers get in: passwords, invitations, sessions.
package struct AccountSessionStore: Sendable {
    let database: Database
    let codeKey: HMACKey

    /// How long a session of a signed-in organizer lasts: 12 hours.
    static let lifetimeSeconds: Int64 = 12 * 3_600
    /// How long an invitation holds: 7 days.
    static let invitationSeconds: Int64 = 7 * 86_400

    // MARK: Passwords

    /// An account by its name, with what its password was derived to.
    struct Login: Sendable {
        let accountID: ID<Account>
        let hash: PasswordHash?
    }

    /// Nil for a name that nobody has, and for an account that is disabled.
    func login(name: String) async throws(PostgresError) -> Login? {
        try await login("account.name = \(name)", in: database)
    }

    /// The account's own; locked with its row, so that the password stays what it is until the transaction ends.
    func login(_ id: ID<Account>, in querying: any Querying) async throws(PostgresError) -> Login? {
        try await login("account.account_id = \(id) for no key update of account", in: querying)
    }

    private func login(_ condition: SQL, in querying: any Querying) async throws(PostgresError) -> Login? {
        let result = try await querying.query(
            """
            select account.account_id, salt, derived_key, cost_n, block_size_r, parallelism_p
            from account
            left join account_password password on password.account_id = account.account_id
            where account.disabled_at is null and \(fragment: condition)
            """)
        guard let row = result.first else { return nil }
        var hash: PasswordHash?
        if let salt = try row.decode("salt", as: [UInt8]?.self) {
            hash = PasswordHash(
                salt: salt, costN: try row.decode("cost_n"), blockSizeR: try row.decode("block_size_r"),
                parallelismP: try row.decode("parallelism_p"), derived: try row.decode("derived_key"))
        }
        return Login(accountID: try row.decode("account_id"), hash: hash)
    }

    func setPassword(_ hash: PasswordHash, of id: ID<Account>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into account_password (account_id, salt, derived_key, cost_n, block_size_r, parallelism_p)
            values (\(id), \(hash.salt), \(hash.derived), \(Int32(hash.costN)), \(Int32(hash.blockSizeR)), \(Int32(hash.parallelismP)))
            on conflict on constraint account_password_pkey do update
            set salt = excluded.salt, derived_key = excluded.derived_key, cost_n = excluded.cost_n,
                block_size_r = excluded.block_size_r, parallelism_p = excluded.parallelism_p, changed_at = now()
            """)
    }

    // MARK: Invitations

    /// A code by which the account's person sets a password, once; one that was given out before ends.
    func invite(
        _ id: ID<Account>, by subject: String, in querying: any Querying
    ) async throws(PostgresError) -> (code: String, expiresAt: Timestamp) {
        let code = PairingCode.random()
        let result = try await querying.query(
            """
            insert into account_invitation (account_id, code_digest, created_by, expires_at)
            values (\(id), \(code.digest(codeKey, of: "account invitation")), \(subject),
                now() + \(Self.invitationSeconds) * interval '1 second')
            on conflict on constraint account_invitation_pkey do update
            set code_digest = excluded.code_digest, created_by = excluded.created_by, created_at = now(), expires_at = excluded.expires_at
            returning expires_at
            """)
        guard let row = result.first else { throw .decoding("the invitation was expected") }
        return (code.text, try row.decode(0))
    }

    /// The account that the code invites, by its name.
    func invited(code: String) async throws(PostgresError) -> String? {
        guard let code = PairingCode(code) else { return nil }
        let result = try await database.query(
            """
            select account.name
            from account_invitation
            join account on account.account_id = account_invitation.account_id
            where code_digest = \(code.digest(codeKey, of: "account invitation")) and expires_at > now() and account.disabled_at is null
            """)
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// Ends the invitation: of several who give one code at once, one gets the account.
    func accept(code: String, in querying: any Querying) async throws(PostgresError) -> ID<Account>? {
        guard let code = PairingCode(code) else { return nil }
        let result = try await querying.query(
            """
            delete from account_invitation
            using account
            where account.account_id = account_invitation.account_id and account.disabled_at is null
                and code_digest = \(code.digest(codeKey, of: "account invitation")) and expires_at > now()
            returning account_invitation.account_id
            """)
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    // MARK: Sessions

    /// A token of the account, shown this once.
    func create(
        _ id: ID<Account>, madeBy: AccountSession.Maker, deviceName: String?, in querying: any Querying
    ) async throws(PostgresError) -> (id: ID<AccountSession>, token: String) {
        let token = BearerToken.random(.account)
        let result = try await querying.query(
            """
            insert into account_token (token_sha256, account_id, made_by, device_name, expires_at)
            values (\(token.digest), \(id), \(madeBy.rawValue), \(deviceName), now() + \(Self.lifetimeSeconds) * interval '1 second')
            returning session_id
            """)
        guard let row = result.first else { throw .decoding("a session was expected") }
        return (try row.decode(0), token.text)
    }

    /// A token alone, as the command line and tests want it.
    package func token(of id: ID<Account>, in querying: any Querying) async throws(PostgresError) -> String {
        try await create(id, madeBy: .command, deviceName: nil, in: querying).token
    }

    private static let inForce = "revoked_at is null and (expires_at is null or expires_at > now())"

    /// The account's sessions in force, the newest first.
    package func list(of id: ID<Account>) async throws(PostgresError) -> [AccountSession] {
        let result = try await database.query(
            """
            select session_id, made_by, device_name, created_at, seen_at, expires_at
            from account_token
            where account_id = \(id) and \(raw: Self.inForce)
            order by session_id desc limit 200
            """)
        var sessions: [AccountSession] = []
        for row in result {
            guard let maker = AccountSession.Maker(rawValue: try row.decode("made_by")) else { throw .decoding("an unknown maker") }
            sessions.append(
                AccountSession(
                    id: try row.decode("session_id"), madeBy: maker, deviceName: try row.decode("device_name"),
                    createdAt: try row.decode("created_at"), seenAt: try row.decode("seen_at"), expiresAt: try row.decode("expires_at")))
        }
        return sessions
    }

    /// Ends one of the account's sessions. The caller then makes the authenticator forget.
    /// - Returns: whether there was such a one in force.
    package func end(
        _ session: ID<AccountSession>, of id: ID<Account>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Bool {
        let result = try await (querying ?? database).query(
            """
            update account_token set revoked_at = now()
            where session_id = \(session) and account_id = \(id) and \(raw: Self.inForce)
            returning pg_notify(\(DeviceStore.accessChannel), '')
            """)
        return !result.isEmpty
    }

    /// Ends what passwords and invitations opened, but `kept`; tokens of the command line stay. The caller then makes the authenticator
    /// forget.
    func endSignedIn(of id: ID<Account>, but kept: ID<AccountSession>?, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            update account_token set revoked_at = now()
            where account_id = \(id) and session_id is distinct from \(kept) and made_by <> 'command' and revoked_at is null
            returning pg_notify(\(DeviceStore.accessChannel), '')
            """)
    }
}
