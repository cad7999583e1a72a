import Crypto
import FoundationEssentials
package import HTTP
package import Postgres

/// Gives the first answer to everyone who repeats a request with the same `Idempotency-Key`.
///
/// The key's row and the answer are written in the transaction of the effect: there is never one without the other. A second request
/// with the key waits for the first one's end. The rule, as published: a key belongs to one principal; the same key with another method,
/// path or body is refused; refusals and failures are not kept, so the request can be repeated; answers are kept for 72 hours at least.
/// Answers are sealed, for some hold a secret that is shown once.
package struct IdempotencyStore: Sendable {
    let database: Database
    let sealer: Sealer
    /// What fingerprints are keyed with: a body may hold little that a thief of the database could not guess.
    private let fingerprintKey: HMACKey

    init(database: Database, keys: Keys) {
        self.database = database
        sealer = Sealer(keys)
        fingerprintKey = HMACKey(
            HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation idempotency fingerprint".utf8), count: 32))
    }

    static let answerColumn = SealedColumn(table: "idempotency_key", column: "answer")

    /// The header parameter of every route that creates.
    package static let parameter = Parameter.header(
        "Idempotency-Key", .string(1...255), "Repeating the request with the same key gives the first answer")

    /// The problems of every route that creates.
    package static let problems = [RegistryProblem.idempotencyKeyReused, RegistryProblem.databaseUnavailable]

    private struct Answer: Codable {
        let status: Int
        let contentType: String?
        let headers: [[String]]
        let body: Data
    }

    /// Runs `body` in a transaction and keeps its answer, or gives the answer that is kept.
    /// - Parameter body: makes the effect through the transaction it is given, and a response with a body of bytes. What it throws undoes
    ///   everything and becomes the answer. It may be run again after a deadlock.
    package func once(
        _ request: Request, _ body: @Sendable (any Querying) async throws -> Response
    ) async throws -> Response {
        try await database.inTransaction { transaction in
            guard let key = request.optionalParameter("Idempotency-Key", as: String.self) else { return try await body(transaction) }
            let principal = request.principal?.subject ?? "anyone"
            let fingerprint = fingerprint(request)
            if let kept = try await claim(key, of: principal, fingerprint, in: transaction) { return kept }
            let response = try await body(transaction)
            if response.status < 300 {
                try await keep(response, key, of: principal, in: transaction)
            } else {
                // A refusal that was answered, not thrown: its effect is committed, but it is not kept as an answer.
                _ = try await transaction.query("delete from idempotency_key where principal = \(principal) and key = \(key)")
            }
            return response
        }
    }

    /// Enters the key, waiting for another request that has entered it and not ended yet.
    /// - Returns: the answer kept; nil when the key is new.
    private func claim(
        _ key: String, of principal: String, _ fingerprint: [UInt8], in querying: any Querying
    ) async throws -> Response? {
        let entered = try await querying.query(
            """
            insert into idempotency_key (principal, key, fingerprint) values (\(principal), \(key), \(fingerprint))
            on conflict on constraint idempotency_key_pkey do nothing
            """)
        if entered.affectedRows == 1 { return nil }
        let result = try await querying.query(
            "select fingerprint, answer_sealed from idempotency_key where principal = \(principal) and key = \(key)")
        guard let row = result.first else { throw PostgresError.decoding("the idempotency key was expected") }
        guard try row.decode("fingerprint", as: [UInt8].self) == fingerprint else { throw Problem(RegistryProblem.idempotencyKeyReused) }
        guard let sealed = try row.decode("answer_sealed", as: [UInt8]?.self) else {
            throw PostgresError.decoding("an idempotency key without its answer")
        }
        let answer = try JSON.decode(Answer.self, from: sealer.open(sealed, in: Self.answerColumn, row: Self.row(principal, key)))
        var response = Response.bytes(Array(answer.body), contentType: answer.contentType ?? "", status: answer.status)
        response.contentType = answer.contentType
        response.headers = answer.headers.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil }
        return response
    }

    private func keep(_ response: Response, _ key: String, of principal: String, in querying: any Querying) async throws {
        guard let bytes = response.bytes else { preconditionFailure("an answer to be repeated has a body of bytes") }
        let answer = Answer(
            status: response.status, contentType: response.contentType, headers: response.headers.map { [$0.0, $0.1] }, body: Data(bytes))
        let sealed = sealer.seal(try JSON.encode(answer), in: Self.answerColumn, row: Self.row(principal, key))
        _ = try await querying.query(
            "update idempotency_key set answer_sealed = \(sealed) where principal = \(principal) and key = \(key)")
    }

    private func fingerprint(_ request: Request) -> [UInt8] {
        fingerprintKey.authenticate(Array("\(request.method.rawValue) \(request.path)\n".utf8) + request.bytes)
    }

    /// The envelope is bound to a number made of the row's key, which is text.
    static func row(_ principal: String, _ key: String) -> Int64 {
        SHA256.hash(Array("\(principal)\n\(key)".utf8)).prefix(8).reduce(0) { $0 << 8 | Int64($1) }
    }
}
