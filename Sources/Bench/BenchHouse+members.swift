import Crypto
import Postgres

extension BenchHouse {
    /// Members who are all alike, numbered from 1, of the organization 1, each with a session.
    /// - Returns: their sessions' tokens.
    func prepareMembers(_ count: Int) async throws -> [String] {
        _ = try await database.query(
            """
            insert into member (organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select 1, 'active', 'courier', 'platform', 'female', date '1980-01-01' + n % 5000, false, false
            from generate_series(1, \(Int32(count))) n
            """)
        let tokens = (0..<count).map { _ in "wsm_" + Base64URL.encode(SecureRandom.bytes(32)) }
        for start in stride(from: 0, to: tokens.count, by: 20_000) {
            let piece = tokens[start..<min(start + 20_000, tokens.count)]
            _ = try await database.query(
                """
                insert into member_session (token_sha256, member_id, expires_at)
                select token, \(Int64(start)) + n, now() + interval '1 day'
                from unnest(\(piece.map { SHA256.hash(Array($0.utf8)) })) with ordinality as made (token, n)
                """)
        }
        _ = try await database.query("analyze")
        return tokens
    }
}
