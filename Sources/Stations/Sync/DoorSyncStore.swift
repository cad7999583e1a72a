package import Crypto
import MemberCode
package import Postgres
package import Registry
package import Runtime

/// What controllers are given: every statement about it.
package struct DoorSyncStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64
    private let publicKeys: [DoorSync.PublicKey]

    /// How old the list of refusals may be before it is compared again: 10 seconds, for controllers ask once a minute.
    static let comparedSeconds = 10

    /// - Parameter keys: their public halves are given to controllers.
    package init(_ database: Database, keys: Keys, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
        publicKeys = keys.memberCodePublicKeys.sorted { $0.key < $1.key }.map {
            DoorSync.PublicKey(id: $0.key, key: Base64URL.encode($0.value.bytes))
        }
    }

    /// Everything for one controller, of one moment.
    /// - Parameters:
    ///   - version: of the refusals that it holds; nil, or one that this database does not know, gets the whole list.
    ///   - maxAgeSeconds: how old the comparison of the list may be.
    /// - Returns: nil when the device does not serve that access point.
    package func sync(
        _ device: ID<Device>, _ accessPoint: ID<AccessPoint>, since version: Int64?, maxAgeSeconds: Int = comparedSeconds
    ) async throws(PostgresError) -> DoorSync? {
        _ = try await database.query("select stations_refusals_compare(\(maxAgeSeconds) * interval '1 second')")
        // One statement, so one moment: a list, its version and its digest always belong together.
        let rows = try await database.query(Self.statement(device, accessPoint, version ?? -1, clockOffsetMicroseconds))
        guard let first = rows.first else { return nil }
        var refusals = DoorSync.Refusals(
            version: try first.decode("list_version"), digest: Self.hex(UInt64(bitPattern: try first.decode("digest", as: Int64.self))),
            isFull: try first.decode("is_full"))
        for row in rows {
            guard let kind = try row.decode("kind", as: String?.self) else { continue }
            let ids = NumberSet(try row.decode("subject_ids", as: [Int64].self))
            let text = Base64URL.encode(ids.bytes)
            switch (kind, try row.decode("is_refused", as: Bool.self)) {
            case ("member", true): refusals.members = text
            case ("member", false): refusals.membersCleared = text
            case ("provisional", true): refusals.provisional = text
            case ("provisional", false): refusals.provisionalCleared = text
            case ("card", true): refusals.cards = text
            case ("card", false): refusals.cardsCleared = text
            case ("pin_card", true): refusals.pinCards = text
            case ("pin_card", false): refusals.pinCardsCleared = text
            default: throw .decoding("a kind of refusal unknown to this version")
            }
        }
        return DoorSync(
            serverTime: try first.decode("instant", as: Timestamp.self).description, accessPointId: accessPoint,
            policyVersion: try first.decode("policy_version"), policy: try Self.policy(first), publicKeys: publicKeys, refusals: refusals)
    }

    static func statement(_ device: ID<Device>, _ accessPoint: ID<AccessPoint>, _ version: Int64, _ clockOffsetMicroseconds: Int64) -> SQL {
        """
        with asked as materialized (
            select
                clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant,
                access_refusal_list.version as list_version, access_refusal_list.digest,
                \(version) not between 0 and access_refusal_list.version as is_full,
                access_point.version as policy_version, access_point.is_open, access_point.directions <> 'out' as serves_entries,
                access_point.relay_milliseconds, access_point.admits_provisional, access_point.offline_limit_hours,
                access_point.when_offline_too_long,
                num_nonnulls(access_point.organization_ids, access_point.sexes, access_point.worker_kinds,
                    access_point.employment_forms, access_point.hardship_post) > 0 as asks_for_attributes,
                access_point.hours::text[] as door_hours, access_point.exception_days::text[] as door_days,
                access_point.exception_hours::text[] as door_day_hours,
                station.hours::text[] as station_hours, station.exception_days::text[] as station_days,
                station.exception_hours::text[] as station_day_hours,
                station.status, station.closed_until, station.door_state, station.time_zone
            from device_access_point
            join device on device.device_id = device_access_point.device_id and device.revoked_at is null
            join access_point on access_point.access_point_id = device_access_point.access_point_id
            join station on station.station_id = access_point.station_id
            cross join access_refusal_list
            where device_access_point.device_id = \(device) and device_access_point.access_point_id = \(accessPoint)
        ),
        changes as (
            select kind, is_refused, array_agg(subject_id order by subject_id) as subject_ids
            from asked
            join access_refusal on case when asked.is_full then access_refusal.is_refused else access_refusal.version > \(version) end
            group by kind, is_refused
        )
        select
            asked.*, changes.*,
            extract(epoch from (asked.instant at time zone asked.time_zone) - (asked.instant at time zone 'UTC'))::integer as zone_seconds
        from asked
        left join changes on true
        """
    }

    // MARK: Rows

    private static func policy(_ row: Row) throws(PostgresError) -> DoorSync.Policy {
        var openings: [DoorSync.Opening] = []
        for place in ["station", "door"] {
            let hours = try row.decode("\(place)_hours", as: [String]?.self)
            let days = try row.decode("\(place)_days", as: [String]?.self) ?? []
            if hours == nil, days.isEmpty { continue }
            var exceptions: [String: [DoorSync.Hours]] = [:]
            for (day, text) in zip(days, try row.decode("\(place)_day_hours", as: [String]?.self) ?? []) {
                exceptions[day] = try Self.hours(text)
            }
            var week: [[DoorSync.Hours]] = []
            for text in hours ?? [String](repeating: "{[0,1440)}", count: 7) { week.append(try Self.hours(text)) }
            openings.append(DoorSync.Opening(week: week, exceptions: exceptions))
        }
        let status: String = try row.decode("status")
        let until = try row.decode("closed_until", as: Timestamp?.self)
        let isOpen = status == "open"
        return DoorSync.Policy(
            isOpen: try row.decode("is_open"), servesEntries: try row.decode("serves_entries"), stationIsOpen: isOpen,
            stationOpensAt: isOpen ? nil : until?.microseconds, openings: openings, zoneSeconds: try row.decode("zone_seconds"),
            asksForAttributes: try row.decode("asks_for_attributes"), admitsProvisional: try row.decode("admits_provisional"),
            relayMilliseconds: try row.decode("relay_milliseconds"), offlineLimitHours: try row.decode("offline_limit_hours"),
            whenOfflineTooLong: try row.decode("when_offline_too_long"), state: try row.decode("door_state"))
    }

    /// Reads a multirange of minutes as PostgreSQL writes it: `{[480,720),[780,1320)}`.
    static func hours(_ multirange: String) throws(PostgresError) -> [DoorSync.Hours] {
        let numbers = multirange.split { !$0.isNumber }.compactMap { Int($0) }
        guard multirange.hasPrefix("{"), numbers.count % 2 == 0 else { throw .decoding("a multirange of minutes") }
        return stride(from: 0, to: numbers.count, by: 2).map { DoorSync.Hours(from: numbers[$0], until: numbers[$0 + 1]) }
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
