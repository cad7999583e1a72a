import Crypto
import HTTP
import Postgres
import Runtime

/// One-time codes of phones: asked for, drawn, tried, used.
struct SignInCodeStore: Sendable {
    let database: Database
    let clock: Clock
    private let key: HMACKey

    init(database: Database, clock: Clock, keys: Keys) {
        self.database = database
        self.clock = clock
        key = HMACKey(HKDF.derive(secret: keys.blindIndexSecret, info: Array("waystation sign-in code".utf8), count: 32))
    }

    /// The database's clock, moved as this process's is.
    private var now: SQL { "(clock_timestamp() + \(clock.offsetMicroseconds) * interval '1 microsecond')" }

    /// Notes that somebody wants a code for a number. Whether anybody has the number makes no difference here.
    func request(phoneIndex: [UInt8], language: Language, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into sign_in_code (phone_index, language, requested_at, expires_at)
            select \(phoneIndex), \(language.rawValue), present, present + \(SignInCode.validSeconds) * interval '1 second'
            from (select \(fragment: now) as present) clock
            """)
    }

    /// A number for which a code is wanted.
    struct Wanted: Sendable {
        let id: Int64
        let phoneIndex: [UInt8]
        let language: Language
    }

    /// The oldest requests without a code, locked; those that another server has locked are passed over.
    func wanted(limit: Int, in querying: any Querying) async throws(PostgresError) -> [Wanted] {
        let result = try await querying.query(
            """
            select code_id, phone_index, language from sign_in_code
            where drawn_at is null and expires_at > \(fragment: now)
            order by code_id limit \(limit)
            for update skip locked
            """)
        var wanted: [Wanted] = []
        for row in result {
            guard let language = Language(rawValue: try row.decode(2)) else { throw .decoding("an unknown language") }
            wanted.append(Wanted(id: try row.decode(0), phoneIndex: try row.decode(1), language: language))
        }
        return wanted
    }

    /// Makes `code` the one that is asked for; nil, where nobody has the number, one that nobody can give.
    func draw(_ code: SignInCode?, for wanted: Wanted, in querying: any Querying) async throws(PostgresError) {
        let digest = code?.digest(key, phoneIndex: wanted.phoneIndex) ?? SecureRandom.bytes(32)
        _ = try await querying.query(
            """
            update sign_in_code
            set drawn_at = present, code_digest = \(digest), expires_at = present + \(SignInCode.validSeconds) * interval '1 second'
            from (select \(fragment: now) as present) clock
            where code_id = \(wanted.id)
            """)
    }

    /// Gives `code` for a number: one try.
    /// - Returns: the right code's row, locked; nil when the code is wrong, used, over, tried too often or was never asked for.
    func `try`(_ code: SignInCode, phoneIndex: [UInt8], in querying: any Querying) async throws(PostgresError) -> Int64? {
        let result = try await querying.query(
            """
            select code_id from accounts_sign_in_code_try(
                \(phoneIndex), \(code.digest(key, phoneIndex: phoneIndex)), \(Int32(SignInCode.triesMax)), \(clock.offsetMicroseconds))
            where is_right
            """)
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// Ends a code that was right.
    func use(_ id: Int64, in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            "update sign_in_code set used_at = \(fragment: now) where code_id = \(id) and used_at is null")
    }

    /// Deletes codes that were over a day ago, at most `limit`.
    /// - Returns: how many.
    func forget(limit: Int) async throws(PostgresError) -> Int {
        let result = try await database.query(
            """
            delete from sign_in_code
            where code_id in (
                select code_id from sign_in_code
                where expires_at < \(fragment: now) - interval '1 day'
                order by expires_at limit \(limit)
                for update skip locked
            )
            """)
        return result.affectedRows
    }
}
