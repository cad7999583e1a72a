package import FoundationEssentials
package import Postgres
package import Runtime

/// What was scanned, for reading.
extension AccessStore {
    /// The events of a station, the newest request ids first, from the one before `cursor`. A filter that few meet reads the station's
    /// events by their key until the page is full.
    package func events(
        of station: ID<Station>, _ filter: AccessEventFilter = AccessEventFilter(), before cursor: UUID?, limit: Int
    ) async throws(PostgresError) -> [AccessEvent] {
        let rows = try await database.query(Self.eventsStatement(of: station, filter, before: cursor, limit: limit))
        var events: [AccessEvent] = []
        for row in rows {
            events.append(
                AccessEvent(
                    requestId: try row.decode(0, as: UUID.self).lowercased, accessPointId: try row.decode(1), deviceId: try row.decode(2),
                    memberId: try row.decode(3), direction: try row.decodeOption(4),
                    occurredAt: try row.decode(5, as: Timestamp.self).description,
                    recordedAt: try row.decode(6, as: Timestamp.self).description, open: try row.decode(7), reasons: try row.decode(8),
                    peopleInside: try row.decode(9), credentialKind: try row.decodeOption(10), decidedBy: try row.decodeOption(11),
                    dwellSeconds: try row.decode(12), softReasons: try row.decode(13)))
        }
        return events
    }

    static func eventsStatement(
        of station: ID<Station>, _ filter: AccessEventFilter = AccessEventFilter(), before cursor: UUID?, limit: Int
    ) -> SQL {
        // Without a cursor it starts at the greatest id there can be, which is shown too.
        let last = cursor ?? UUID(uuid: (255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255))
        return """
            select
                access_event.request_id, access_event.access_point_id, access_event.device_id, access_event.member_id,
                access_event.direction, access_event.occurred_at, access_event.recorded_at, access_event.open, access_event.reasons,
                access_event.people_inside, access_event.credential_kind, access_event.decided_by, access_event.dwell_seconds,
                access_event.soft_reasons
            from access_event
            join station on station.station_id = \(station)
            where access_event.station_id = \(station) and access_event.request_id <= \(last)
                and (access_event.request_id < \(last) or \(cursor == nil)) and \(fragment: condition(filter))
            order by access_event.request_id desc
            limit \(limit)
            """
    }

    /// Over `access_event` and its `station`.
    private static func condition(_ filter: AccessEventFilter) -> SQL {
        var condition: SQL = "true"
        func add(_ one: SQL) { condition = "\(fragment: condition) and \(fragment: one)" }
        if let from = filter.from { add("access_event.occurred_at >= \(from)::timestamp at time zone station.time_zone") }
        if let to = filter.to { add("access_event.occurred_at < (\(to)::date + 1)::timestamp at time zone station.time_zone") }
        if let hour = filter.hour { add("extract(hour from access_event.occurred_at at time zone station.time_zone) = \(hour)") }
        if let weekday = filter.weekday { add("extract(isodow from access_event.occurred_at at time zone station.time_zone) = \(weekday)") }
        switch filter.result {
        case nil: break
        case .entered:
            add(
                """
                access_event.open and access_event.direction = 'in'
                and not exists (
                    select from access_annulment
                    where access_annulment.station_id = access_event.station_id
                        and access_annulment.request_id = access_event.request_id)
                """)
        case .left: add("access_event.open and access_event.direction = 'out'")
        case .refused: add("not access_event.open")
        }
        return condition
    }
}
