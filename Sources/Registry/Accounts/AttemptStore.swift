import HTTP
import Postgres
import Runtime

/// Counts attempts and tells when there were too many.
struct AttemptStore: Sendable {
    let database: Database
    let clock: Clock

    /// Counts one attempt against all of these limits, or none when one of them has no room.
    /// - Returns: nil when counted, else the seconds until there is room.
    func take(_ attempts: [Attempt], in querying: any Querying) async throws(PostgresError) -> Int? {
        let result = try await querying.query(
            """
            select accounts_attempts_take(
                \(attempts.map(\.limit.kind)), \(attempts.map(\.subject)), \(attempts.map { Int32($0.limit.count) }),
                \(attempts.map { Int32($0.limit.seconds) }), \(clock.offsetMicroseconds))
            """)
        guard let row = result.first else { throw .decoding("an answer about the limits was expected") }
        let seconds: Int = try row.decode(0)
        return seconds == 0 ? nil : seconds
    }

    /// Takes back one attempt of each, which was none to be counted after all: it succeeded.
    func giveBack(_ attempts: [Attempt], in querying: any Querying) async throws(PostgresError) {
        _ = try await querying.query(
            """
            with back as materialized (
                select attempt_limit.kind, attempt_limit.subject
                from attempt_limit
                join unnest(\(attempts.map(\.limit.kind)), \(attempts.map(\.subject))) as given (kind, subject) using (kind, subject)
                where cardinality(attempt_limit.taken_at) > 0
                order by attempt_limit.kind, attempt_limit.subject
                for update of attempt_limit
            )
            update attempt_limit
            set taken_at = trim_array(attempt_limit.taken_at, 1)
            from back
            where attempt_limit.kind = back.kind and attempt_limit.subject = back.subject and cardinality(attempt_limit.taken_at) > 0
            """)
    }

    /// Whether a right password came from there within so many days.
    func isOrigin(_ subject: [UInt8], days: Int) async throws(PostgresError) -> Bool {
        let result = try await database.query(
            """
            select from password_origin
            where subject = \(subject)
                and succeeded_at > clock_timestamp() + \(clock.offsetMicroseconds) * interval '1 microsecond' - \(days) * interval '1 day'
            """)
        return !result.isEmpty
    }

    /// Remembers where a right password came from, and of the name's origins the `limit` latest. The caller holds the account's row, so
    /// that two who sign in at once do not wait for each other here.
    func remember(
        _ subject: [UInt8], ofName nameSubject: [UInt8], atMost limit: Int, in querying: any Querying
    ) async throws(PostgresError) {
        _ = try await querying.query(
            """
            insert into password_origin (subject, name_subject, succeeded_at)
            values (\(subject), \(nameSubject), clock_timestamp() + \(clock.offsetMicroseconds) * interval '1 microsecond')
            on conflict on constraint password_origin_pkey do update
            set succeeded_at = excluded.succeeded_at
            """)
        _ = try await querying.query(
            """
            delete from password_origin
            where subject in (
                select subject from password_origin
                where name_subject = \(nameSubject)
                order by succeeded_at desc, subject
                offset \(limit))
            """)
    }

    /// Deletes what counts no more, at most `limit` rows of each table.
    /// - Returns: how many.
    func forget(limit: Int) async throws(PostgresError) -> Int {
        let origins = try await database.query(
            """
            delete from password_origin
            where subject in (
                select subject from password_origin
                where succeeded_at < clock_timestamp() + \(clock.offsetMicroseconds) * interval '1 microsecond'
                    - \(PasswordAttempts.originDays) * interval '1 day'
                order by succeeded_at
                limit \(limit)
                for update skip locked
            )
            """)
        let result = try await database.query(
            """
            delete from attempt_limit
            where (kind, subject) in (
                select kind, subject from attempt_limit
                where forgotten_at < clock_timestamp() + \(clock.offsetMicroseconds) * interval '1 microsecond'
                order by forgotten_at
                limit \(limit)
                for update skip locked
            )
            """)
        return max(origins.affectedRows, result.affectedRows)
    }
}
