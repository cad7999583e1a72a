package import Crypto
package import Postgres
package import Runtime

/// What other features keep of a person in words of their own: sealed by the person's data key, so that it is forgotten with the person.
extension MemberStore {
    /// - Parameters:
    ///   - column: where it is to stand.
    ///   - row: the number of its row there.
    package func seal(
        _ text: String, of id: ID<Member>, in column: SealedColumn, row: Int64, querying: any Querying
    ) async throws(PostgresError) -> [UInt8] {
        guard let wrapped = try await dataKey(of: id, in: querying) else { throw .decoding("a member without a data key") }
        do throws(CryptoError) {
            return try vault.seal(text, in: column, row: row, memberID: id.rawValue, wrappedKey: wrapped)
        } catch {
            throw .decoding("a data key that this key file does not open")
        }
    }

    /// Nil once the person is forgotten.
    package func open(
        _ sealed: [UInt8], of id: ID<Member>, in column: SealedColumn, row: Int64, querying: any Querying
    ) async throws(PostgresError) -> String? {
        guard let wrapped = try await dataKey(of: id, in: querying) else { return nil }
        do throws(CryptoError) {
            return try vault.open(sealed, in: column, row: row, memberID: id.rawValue, wrappedKey: wrapped)
        } catch {
            throw .decoding("personal data that does not open with this key file")
        }
    }

    private func dataKey(of id: ID<Member>, in querying: any Querying) async throws(PostgresError) -> [UInt8]? {
        try await querying.query("select wrapped_key from member_data_key where member_id = \(id)").first
            .map { row throws(PostgresError) in try row.decode(0) }
    }
}
