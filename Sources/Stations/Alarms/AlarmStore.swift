package import HTTP
package import Postgres
package import Registry
package import Runtime

/// Heartbeats and alarms.
package struct AlarmStore: Sendable {
    private let database: Database
    private let audit: AuditStore
    private let outbox: OutboxStore
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, registry: Registry, clock: Clock) {
        self.database = database
        audit = registry.audit
        outbox = registry.outbox
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Keeps a device's heartbeat in place of its last one.
    /// - Returns: when it was received; nil when the device does not serve the access point, and nothing was kept.
    package func heard(
        _ heartbeat: Heartbeat, occurredAt: Timestamp, from device: ID<Device>, at accessPoint: ID<AccessPoint>
    ) async throws(PostgresError) -> Timestamp? {
        try await database.query(
            """
            insert into device_heartbeat as heartbeat (
                access_point_id, device_id, received_at, occurred_at, software_version, journal_length, refusal_list_age_seconds,
                door_state, door_state_since)
            select
                access_point_id, device_id, clock.now, \(occurredAt), \(heartbeat.softwareVersion), \(heartbeat.journalLength),
                \(heartbeat.refusalListAgeSeconds), \(heartbeat.doorState.rawValue), clock.now
            from device_access_point
            cross join (select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as now) clock
            where device_id = \(device) and access_point_id = \(accessPoint)
            on conflict (access_point_id, device_id) do update set
                received_at = excluded.received_at, occurred_at = excluded.occurred_at,
                software_version = excluded.software_version, journal_length = excluded.journal_length,
                refusal_list_age_seconds = excluded.refusal_list_age_seconds, door_state = excluded.door_state,
                door_state_since = case when heartbeat.door_state = excluded.door_state then heartbeat.door_state_since
                    else excluded.door_state_since end
            returning received_at
            """
        ).first?.decode(0)
    }

    /// Raises and closes alarms by what is the case now, and tells of them.
    /// - Returns: how many were raised or closed.
    @discardableResult
    package func evaluate() async throws(TransactionError<PostgresError>) -> Int {
        try await database.transaction { (transaction) async throws(PostgresError) in
            let changes = try await transaction.query(
                """
                select change, alarm_id, kind, station_id, access_point_id, organization_id
                from stations_evaluate_alarms(\(clockOffsetMicroseconds))
                """)
            for row in changes {
                let news = AlarmNews(
                    alarmId: try row.decode(1), kind: try row.decode(2), stationId: try row.decode(3), accessPointId: try row.decode(4))
                let organization: ID<Organization> = try row.decode(5)
                try await emit(try row.decode(0), news, organization, in: transaction)
            }
            return changes.count
        }
    }

    /// How many are open, by kind.
    package func openCounts() async throws(PostgresError) -> [AlarmKind: Int] {
        var counts: [AlarmKind: Int] = [:]
        for row in try await database.query("select kind, count(*) from alarm where closed_at is null group by kind") {
            counts[try row.decodeOption(0)] = try row.decode(1)
        }
        return counts
    }

    /// Which alarms a list shows.
    package struct Filter: Sendable {
        package var isOpen: Bool?
        package var station: ID<Station>?

        package init(isOpen: Bool? = nil, station: ID<Station>? = nil) {
            self.isOpen = isOpen
            self.station = station
        }
    }

    /// The newest first, from the one before `cursor`.
    package func list(
        _ filter: Filter, scope: Scope, before cursor: ID<Alarm>?, limit: Int
    ) async throws(PostgresError) -> [Alarm] {
        let rows = try await database.query(
            """
            select \(raw: Self.columns)
            from alarm
            join station on station.station_id = alarm.station_id
            where alarm.alarm_id < \(cursor ?? ID(Int64.max))
                and (alarm.closed_at is null) = coalesce(\(filter.isOpen), alarm.closed_at is null)
                and alarm.station_id = coalesce(\(filter.station), alarm.station_id)
                and \(fragment: scope.condition("station.organization_id"))
            order by alarm.alarm_id desc
            limit \(limit)
            """)
        var alarms: [Alarm] = []
        for row in rows { alarms.append(try Self.alarm(row)) }
        return alarms
    }

    /// What people do with an alarm.
    package enum Handling: String, Sendable {
        case acknowledge
        case close
    }

    package enum HandlingError: Error, Sendable {
        /// There is none, or it lies outside of the scope.
        case unknown
        case closedBefore
    }

    /// Notes who is on it, or that it is over. Acknowledging what is acknowledged changes nothing: the first one stays.
    /// - Throws: `HandlingError` or the database's.
    package func handle(_ id: ID<Alarm>, _ handling: Handling, note: String?, _ request: Request, scope: Scope) async throws -> Alarm {
        try await database.transaction { transaction in
            let locked = try await transaction.query(
                """
                select \(raw: Self.columns), station.organization_id
                from alarm
                join station on station.station_id = alarm.station_id
                where alarm.alarm_id = \(id) and \(fragment: scope.condition("station.organization_id"))
                for update of alarm
                """)
            guard let row = locked.first else { throw HandlingError.unknown }
            let alarm = try Self.alarm(row)
            guard alarm.state != .closed else { throw HandlingError.closedBefore }
            if handling == .acknowledge, alarm.state == .acknowledged { return alarm }
            let actor = request.principal?.subject ?? "anyone"
            let changed = try await transaction.query(Self.statement(handling, id, by: actor, note: note, clockOffsetMicroseconds))
            let change = handling == .acknowledge ? "acknowledged" : "closed"
            let organization: ID<Organization> = try row.decode(Self.columnCount)
            let news = AlarmNews(
                alarmId: id, kind: alarm.kind.rawValue, stationId: alarm.stationId, accessPointId: alarm.accessPointId)
            try await emit(change, news, organization, in: transaction)
            try await audit.record(
                "alarm.\(change)", subject: "alarm:\(id)", organization: organization, details: ["kind": alarm.kind.rawValue], request,
                in: transaction)
            return try Self.alarm(changed.single)
        }
    }

    private static func statement(_ handling: Handling, _ id: ID<Alarm>, by actor: String, note: String?, _ offset: Int64) -> SQL {
        switch handling {
        case .acknowledge:
            """
            update alarm
            set acknowledged_at = clock_timestamp() + \(offset) * interval '1 microsecond', acknowledged_by = \(actor),
                acknowledge_note = \(note)
            where alarm_id = \(id)
            returning \(raw: columns)
            """
        case .close:
            """
            update alarm
            set closed_at = clock_timestamp() + \(offset) * interval '1 microsecond', closed_by = \(actor), close_note = \(note)
            where alarm_id = \(id)
            returning \(raw: columns)
            """
        }
    }

    private func emit(
        _ change: String, _ news: AlarmNews, _ organization: ID<Organization>, in querying: any Querying
    ) async throws(PostgresError) {
        try await outbox.emit(
            "alarm.\(change)", subject: "alarm:\(news.alarmId)", organization: organization, data: news, in: querying)
    }

    private static let columnCount = 13
    private static let columns = """
        alarm.alarm_id, alarm.kind, alarm.station_id, alarm.access_point_id, alarm.raised_at, alarm.cause::text, alarm.cause_lasts,
        alarm.acknowledged_at, alarm.acknowledged_by, alarm.acknowledge_note, alarm.closed_at, alarm.closed_by, alarm.close_note
        """

    private static func alarm(_ row: Row) throws(PostgresError) -> Alarm {
        let acknowledgedAt = try row.decode(7, as: Timestamp?.self)
        let closedAt = try row.decode(10, as: Timestamp?.self)
        let cause: [String: AlarmNumber]
        do {
            cause = try JSON.decode([String: AlarmNumber].self, from: Array(try row.decode(5, as: String.self).utf8))
        } catch {
            throw .decoding("a cause that is no object")
        }
        return Alarm(
            id: try row.decode(0), kind: try row.decodeOption(1), stationId: try row.decode(2), accessPointId: try row.decode(3),
            raisedAt: try row.decode(4, as: Timestamp.self).description,
            state: closedAt != nil ? .closed : acknowledgedAt != nil ? .acknowledged : .raised, causeLasts: try row.decode(6),
            cause: cause, acknowledgedAt: acknowledgedAt?.description, acknowledgedBy: try row.decode(8),
            acknowledgeNote: try row.decode(9), closedAt: closedAt?.description, closedBy: try row.decode(11), closeNote: try row.decode(12)
        )
    }
}
