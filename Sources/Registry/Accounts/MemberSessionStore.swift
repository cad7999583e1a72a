package import Postgres
package import Runtime

/// Members' sessions.
package struct MemberSessionStore: Sendable {
    let database: Database

    /// A session of the member, whose token is shown this once.
    /// - Parameter lifetimeSeconds: until it ends by itself.
    package func create(
        _ member: ID<Member>, deviceName: String? = nil, lifetimeSeconds: Int64, in querying: (any Querying)? = nil
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

    /// Who shows a token with this digest; nil when its session is unknown, over or ended.
    func principal(tokenDigest: [UInt8]) async throws(PostgresError) -> MemberPrincipal? {
        let result = try await database.query(
            """
            select member_id, session_id from member_session
            where token_sha256 = \(tokenDigest) and ended_at is null and expires_at > now()
            """)
        return try result.first.map { row throws(PostgresError) in
            MemberPrincipal(memberID: try row.decode(0), sessionID: try row.decode(1))
        }
    }
}
