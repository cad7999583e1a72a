import Crypto
package import Postgres
package import Registry
package import Runtime
import Synchronization

/// Events in monthly partitions: made ahead, written into files, dropped once they stand in one.
package struct EventArchiveStore: Sendable {
    private let database: Database
    private let audit: AuditStore
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, audit: AuditStore, clock: Clock) {
        self.database = database
        self.audit = audit
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    // MARK: Partitions

    /// How many events lie in the default partition, counted up to 100,000.
    package func strayCount() async throws(PostgresError) -> Int {
        try await database.query("select count(*) from (select from access_event_default limit 100000) stray").single.decode(0)
    }

    /// The months that have a partition, the oldest first.
    package func months() async throws(PostgresError) -> [EventMonth] {
        var months: [EventMonth] = []
        for row in try await database.query(
            """
            select replace(right(child.relname, 7), '_', '-')
            from pg_inherits
            join pg_class child on child.oid = pg_inherits.inhrelid
            where pg_inherits.inhparent = 'access_event'::regclass
                and child.relname ~ '^access_event_[0-9]{4}_[0-9]{2}$'
            order by 1
            """)
        {
            guard let month = EventMonth(try row.decode(0, as: String.self)) else { throw .decoding("a partition of no month") }
            months.append(month)
        }
        return months
    }

    // MARK: Export

    /// What a file of a month holds.
    package struct Digest: Equatable, Sendable {
        package let events: Int64
        /// SHA-256 of the file's bytes.
        package let sha256: [UInt8]
    }

    package enum ExportError: Error, Equatable, Sendable {
        /// There is no partition of it.
        case noSuchMonth
        /// It goes on: its events are not all there yet.
        case monthNotOver
    }

    /// Writes the events of a month as CSV, ordered by station and request id; the same events give the same bytes.
    ///
    /// It is noted as exported only when `take` has taken all: call `finish` after the file is safe on the disk.
    package func export(_ month: EventMonth, _ take: @Sendable ([UInt8]) async throws -> Void) async throws -> Digest {
        guard try await months().contains(month) else { throw ExportError.noSuchMonth }
        guard try await isOver(month) else { throw ExportError.monthNotOver }
        return try await database.transaction { transaction in try await Self.copy(month, in: transaction, take) }
    }

    /// Notes that a month stands in a file, in place of an earlier export of it.
    /// - Parameter actor: as the audit names it: `command:events.export`.
    package func finish(
        _ month: EventMonth, _ digest: Digest, by actor: String
    ) async throws(TransactionError<PostgresError>) {
        try await database.transaction { (transaction) async throws(PostgresError) in
            _ = try await transaction.query(
                """
                insert into access_event_export as export (month, events, sha256)
                values (\(month.first), \(digest.events), \(digest.sha256))
                on conflict (month) do update
                set events = excluded.events, sha256 = excluded.sha256, exported_at = clock_timestamp(), verified_before = null
                where export.dropped_at is null
                """)
            try await audit.record(
                "events.exported", subject: "month:\(month)", organization: nil,
                details: ["events": "\(digest.events)", "sha256": Hex.encode(digest.sha256)], actor: actor, in: transaction)
        }
    }

    private func isOver(_ month: EventMonth) async throws(PostgresError) -> Bool {
        try await database.query(
            """
            select \(month.first) + interval '1 month'
                <= (clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone 'UTC'
            """
        ).single.decode(0)
    }

    /// Of one moment, whatever is written meanwhile. Times are UTC, in the database's own form.
    private static func copy(
        _ month: EventMonth, in transaction: Transaction, _ take: @Sendable ([UInt8]) async throws -> Void
    ) async throws -> Digest {
        _ = try await transaction.query("set transaction isolation level repeatable read, read only")
        _ = try await transaction.query("set local timezone = 'UTC'")
        _ = try await transaction.query("set local datestyle = 'ISO'")
        let seen = Seen()
        try await transaction.copyOut(
            """
            select
                event.station_id, event.access_point_id, event.device_id, event.member_id, event.code_sequence, event.occurred_at,
                event.recorded_at, event.request_id, event.open, event.direction, event.reasons, event.soft_reasons,
                event.credential_kind, event.credential_id, event.decided_by, event.relay_milliseconds, event.people_inside,
                event.inside_change, event.dwell_seconds, event.worker_kind, event.member_organization_id,
                annulment.annulled_at, annulment.reason as annulled_for
            from \(month.partition) event
            left join access_annulment annulment
                on annulment.station_id = event.station_id and annulment.request_id = event.request_id
            order by event.station_id, event.request_id
            """, options: "format csv, header"
        ) { piece in
            seen.add(piece)
            try await take(piece)
        }
        return seen.digest()
    }

    /// What went by: no field holds a line's end.
    private final class Seen: Sendable {
        private struct State: ~Copyable {
            var hash: SHA256? = SHA256()
            var lines: Int64 = 0
        }

        private let state = Mutex(State())

        func add(_ piece: [UInt8]) {
            state.withLock { state in
                state.hash?.update(piece)
                state.lines += Int64(piece.count { $0 == 0x0A })
            }
        }

        /// Without the header's line; taken once, at the end.
        func digest() -> Digest {
            state.withLock { state in
                guard let hash = state.hash.take() else { preconditionFailure("a digest is taken once") }
                return Digest(events: state.lines - 1, sha256: hash.finish())
            }
        }
    }

    // MARK: Dropping

    package enum Retirement: Sendable {
        /// Its events are gone, they stand in a file.
        case dropped
        case notExported
        /// The partition is not what was exported: export it again.
        case changedSince
        /// Something else needs the table or the feed is behind: later.
        case later
    }

    /// The months with a partition of which `months` whole ones have passed since.
    package func monthsToRetire(keeping months: Int32) async throws(PostgresError) -> [EventMonth] {
        let limit = try await database.query(
            """
            select (date_trunc('month', (clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond') at time zone 'UTC')
                - \(months) * interval '1 month')::date
            """
        ).single.decode(0, as: CalendarDate.self)
        return try await self.months().filter { $0.first < limit }
    }

    /// Verifies a month's export, keeps its figures and drops its partition. Cut at any point, it goes on when called again.
    package func retire(_ month: EventMonth) async throws -> Retirement {
        guard let digest = try await exported(month) else { return .notExported }
        if try await !isVerified(month) {
            // Read before the copy: whatever the copy may have missed or more than seen is of this or a later transaction.
            let before = try await database.query(
                "select registry_settled_before(pg_current_snapshot())::text"
            ).single.decode(0, as: String.self)
            let found = try await database.transaction { transaction in try await Self.copy(month, in: transaction) { _ in } }
            guard found == digest else { return .changedSince }
            guard try await keepFigures(of: month) else { return .later }
            _ = try await database.query(
                """
                update access_event_export set verified_before = \(before)::text::xid8
                where month = \(month.first) and dropped_at is null and sha256 = \(digest.sha256)
                """)
        }
        return try await drop(month)
    }

    /// - Returns: false while the feed has not counted all of it.
    private func keepFigures(of month: EventMonth) async throws(TransactionError<PostgresError>) -> Bool {
        try await database.transaction { (transaction) async throws(PostgresError) in
            try await transaction.query("select stations_keep_figures(\(month.first))").single.decode(0)
        }
    }

    private func drop(_ month: EventMonth) async throws(TransactionError<PostgresError>) -> Retirement {
        do throws(TransactionError<PostgresError>) {
            return try await database.transaction { (transaction) async throws(PostgresError) in
                let answer = try await transaction.query("select stations_drop_partition(\(month.first), \(clockOffsetMicroseconds))")
                guard try answer.single.decode(0, as: Bool.self) else { return .later }
                try await audit.record(
                    "events.dropped", subject: "month:\(month)", organization: nil, actor: "job:stations.retention", in: transaction)
                return .dropped
            }
        } catch {
            // lock_not_available
            guard case .database(.server(let server)) = error, server.sqlState == "55P03" else { throw error }
            return .later
        }
    }

    private func exported(_ month: EventMonth) async throws(PostgresError) -> Digest? {
        guard
            let row = try await database.query("select events, sha256 from access_event_export where month = \(month.first)").first
        else { return nil }
        return Digest(events: try row.decode(0), sha256: try row.decode(1))
    }

    private func isVerified(_ month: EventMonth) async throws(PostgresError) -> Bool {
        try await !database.query(
            "select from access_event_export where month = \(month.first) and verified_before is not null"
        ).isEmpty
    }
}
