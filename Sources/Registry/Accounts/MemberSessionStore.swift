package import Postgres
package import Runtime

/// A member's session on one phone: a row of its own, ended by itself.
package struct MemberSession: Sendable {
    package let id: ID<MemberSession>
    /// As the member's phone called itself.
    package let deviceName: String?
    package let createdAt: Timestamp
    /// To the hour.
    package let seenAt: Timestamp
    package let expiresAt: Timestamp
}

/// Members' sessions.
package struct MemberSessionStore: Sendable {
    let database: Database

    /// How long a session lasts that nobody ends: 90 days.
    package static let lifetimeSeconds: Int64 = 90 * 86_400
    /// Sessions of a member in force at once; the oldest end for a new one.
    package static let countMax = 10

    /// A session of the member, whose token is shown this once.
    /// - Parameter lifetimeSeconds: until it ends by itself.
    package func create(
        _ member: ID<Member>, deviceName: String? = nil, lifetimeSeconds: Int64 = MemberSessionStore.lifetimeSeconds,
        in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> (id: ID<MemberSession>, token: String) {
        let token = BearerToken.random(.member)
        let result = try await (querying ?? database).query(
            """
            insert into member_session (member_id, token_sha256, device_name, expires_at)
            values (\(member), \(token.digest), \(deviceName), now() + \(lifetimeSeconds) * interval '1 second')
            returning session_id
            """)
        guard let row = result.first else { throw .decoding("a session was expected") }
        return (try row.decode(0), token.text)
    }

    /// Ends the oldest sessions in force beyond `countMax`. Servers hear of it by the notice, at the latest in 30 s.
    func endBeyondLimit(of member: ID<Member>, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            with beyond as materialized (
                select session_id from member_session
                where member_id = \(member) and ended_at is null and expires_at > now()
                order by session_id desc offset \(Self.countMax)
            )
            update member_session set ended_at = now()
            where session_id in (select session_id from beyond) and ended_at is null
            returning pg_notify(\(DeviceStore.accessChannel), '')
            """)
    }

    /// A member's sessions in force, the newest first.
    package func list(of member: ID<Member>) async throws(PostgresError) -> [MemberSession] {
        let result = try await database.query(
            """
            select session_id, device_name, created_at, seen_at, expires_at from member_session
            where member_id = \(member) and ended_at is null and expires_at > now()
            order by session_id desc limit 100
            """)
        var sessions: [MemberSession] = []
        for row in result {
            sessions.append(
                MemberSession(
                    id: try row.decode(0), deviceName: try row.decode(1), createdAt: try row.decode(2), seenAt: try row.decode(3),
                    expiresAt: try row.decode(4)))
        }
        return sessions
    }

    /// Ends one of the member's sessions. The caller then makes the authenticator forget.
    /// - Returns: whether there was such a one in force.
    package func end(
        _ id: ID<MemberSession>, of member: ID<Member>, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Bool {
        let result = try await (querying ?? database).query(
            """
            update member_session set ended_at = now()
            where session_id = \(id) and member_id = \(member) and ended_at is null and expires_at > now()
            returning pg_notify(\(DeviceStore.accessChannel), '')
            """)
        return !result.isEmpty
    }

    /// Ends the member's sessions, but `kept`. The caller then makes the authenticator forget.
    /// - Returns: how many.
    @discardableResult
    package func endAll(
        of member: ID<Member>, but kept: ID<MemberSession>? = nil, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Int {
        let result = try await (querying ?? database).query(
            """
            update member_session set ended_at = now()
            where member_id = \(member) and session_id is distinct from \(kept) and ended_at is null
            returning pg_notify(\(DeviceStore.accessChannel), '')
            """)
        return result.count
    }

    /// Who shows tokens with these digests, in their order; nil where a session is unknown, over or ended. Notes the hour in which they
    /// were seen, but those that another statement is just noting.
    func principals(
        tokenDigests: [[UInt8]], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [MemberPrincipal?] {
        let result = try await (querying ?? database).query(
            """
            with unseen as materialized (
                select session_id from member_session
                where token_sha256 = any(\(tokenDigests)) and ended_at is null and expires_at > now()
                    and seen_at < now() - interval '1 hour'
                for no key update skip locked
            ),
            seen as (
                update member_session set seen_at = now() where session_id = any(array(select session_id from unseen))
            )
            select token_sha256, member_id, session_id from member_session
            where token_sha256 = any(\(tokenDigests)) and ended_at is null and expires_at > now()
            """)
        var found: [[UInt8]: MemberPrincipal] = [:]
        for row in result { found[try row.decode(0)] = MemberPrincipal(memberID: try row.decode(1), sessionID: try row.decode(2)) }
        return tokenDigests.map { found[$0] }
    }
}
