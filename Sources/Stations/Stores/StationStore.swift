import HTTP
package import Postgres
package import Registry
package import Runtime

/// The stations: what they are, when they are open, and what their doors do at large.
package struct StationStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// Makes a station within `querying`'s transaction.
    package func create(_ draft: StationDraft, in querying: any Querying) async throws(StationError) -> Station {
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                with station as (
                    insert into station (organization_id, \(raw: Self.factColumns))
                    values (\(draft.organizationId), \(fragment: Self.values(StationFacts(draft))))
                    returning *
                )
                select \(raw: Self.columns) from station \(raw: Self.withPeople)
                """)
            return try Self.station(rows.single)
        } catch {
            throw StationError(error)
        }
    }

    /// - Parameter scope: what lies outside is unknown.
    package func find(_ id: ID<Station>, scope: Scope = .everything, in querying: (any Querying)? = nil) async throws(StationError)
        -> Station
    {
        do throws(PostgresError) {
            let rows = try await (querying ?? database).query(
                """
                select \(raw: Self.columns) from station \(raw: Self.withPeople)
                where station_id = \(id) and \(fragment: scope.condition("station.organization_id"))
                """)
            if let row = rows.first { return try Self.station(row) }
        } catch {
            throw StationError(error)
        }
        throw .stationUnknown
    }

    /// In order of their ids, from the one after `cursor`.
    package func list(
        organization: ID<Organization>?, scope: Scope = .everything, after cursor: ID<Station>?, limit: Int
    ) async throws(StationError) -> [Station] {
        do throws(PostgresError) {
            let rows = try await database.query(
                """
                select \(raw: Self.columns) from station \(raw: Self.withPeople)
                where station_id > \(cursor ?? ID(0))
                    and organization_id = coalesce(\(organization), organization_id)
                    and \(fragment: scope.condition("station.organization_id"))
                order by station_id
                limit \(limit)
                """)
            var stations: [Station] = []
            for row in rows { stations.append(try Self.station(row)) }
            return stations
        } catch {
            throw StationError(error)
        }
    }

    /// Changes facts, of the row as it is then: two changes of different facts at once are both kept.
    /// - Parameter version: the version it changes; nil changes any.
    package func change(
        _ id: ID<Station>, by change: StationChange, replacing version: Int32?, in querying: any Querying
    ) async throws(StationError) -> Station {
        do throws(PostgresError) {
            _ = try await querying.query("select from station where station_id = \(id) for no key update")
        } catch {
            throw StationError(error)
        }
        let current = try await find(id, in: querying)
        guard current.version == version ?? current.version else { throw .stationChanged }
        let facts = change.applied(to: current.facts)
        guard facts.violations.isEmpty else { throw .invalid(facts.violations) }
        do throws(PostgresError) {
            _ = try await querying.query(
                """
                update station
                set (\(raw: Self.factColumns)) = row(\(fragment: Self.values(facts))),
                    version = version + 1,
                    updated_at = clock_timestamp()
                where station_id = \(id)
                """)
        } catch {
            throw StationError(error)
        }
        return try await find(id, in: querying)
    }

    /// Locks down, unlocks or brings back to normal; nothing changes if it is so already.
    /// - Returns: the station, and whether it changed.
    package func setDoorState(
        _ state: StationDoorState, of id: ID<Station>, reason: String, changedBy: String, in querying: any Querying
    ) async throws(StationError) -> (station: Station, isChanged: Bool) {
        let isChanged: Bool
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                with changed as (
                    update station
                    set door_state = \(state.rawValue), version = version + 1, updated_at = clock_timestamp()
                    where station_id = \(id) and door_state <> \(state.rawValue)
                    returning station_id, version, door_state
                )
                insert into station_state_change (station_id, version, door_state, reason, changed_by)
                select station_id, version, door_state, \(reason), \(changedBy) from changed
                returning station_id
                """)
            isChanged = !rows.isEmpty
        } catch {
            throw StationError(error)
        }
        return (try await find(id, in: querying), isChanged)
    }

    private static let columns = """
        station.station_id, station.organization_id, name_zh, name_en, address, latitude, longitude, kind, capacity, capacity_enforced,
        opening::text, promised_open, amenities, status, status_reason, closed_until, time_zone, door_state, version, people.inside
        """

    private static let withPeople = """
        cross join lateral (
            select coalesce(sum(people), 0)::integer as inside from station_occupancy
            where station_occupancy.station_id = station.station_id
        ) people
        """

    /// In the order of `values`; `opening` and the three columns after it say the same.
    private static let factColumns = """
        name_zh, name_en, address, latitude, longitude, kind, capacity, capacity_enforced, opening, hours, exception_days,
        exception_hours, promised_open, amenities, status, status_reason, closed_until, time_zone
        """

    private static func values(_ facts: StationFacts) -> SQL {
        """
        \(facts.nameZh), \(facts.nameEn), \(facts.address), \(facts.latitude), \(facts.longitude), \(facts.kind.rawValue), \
        \(facts.capacity), \(facts.capacityEnforced), \(jsonText(facts.opening))::jsonb, \
        \(facts.opening.weekColumn)::int4multirange[], \(facts.opening.exceptionDaysColumn)::date[], \
        \(facts.opening.exceptionHoursColumn)::int4multirange[], \(facts.promisedOpen), \(facts.amenities.map(\.rawValue)), \
        \(facts.status.rawValue), \(facts.statusReason), \(facts.closedUntil.flatMap { Timestamp(dateTime: $0) }), \(facts.timeZone)
        """
    }

    private static func station(_ row: Row) throws(PostgresError) -> Station {
        var draft = StationDraft(
            organizationId: try row.decode(1), nameZh: try row.decode(2), nameEn: try row.decode(3), address: try row.decode(4),
            kind: try row.decodeOption(7), capacity: try row.decode(8), timeZone: try row.decode(16))
        draft.latitude = try row.decode(5)
        draft.longitude = try row.decode(6)
        var facts = StationFacts(draft)
        facts.capacityEnforced = try row.decode(9)
        facts.opening = try row.decodeJSON(10)
        facts.promisedOpen = try row.decode(11)
        facts.amenities = try row.decode(12, as: [String].self).compactMap(Amenity.init)
        facts.status = try row.decodeOption(13)
        facts.statusReason = try row.decode(14)
        facts.closedUntil = try row.decode(15, as: Timestamp?.self)?.description
        return Station(
            id: try row.decode(0), organizationId: draft.organizationId, facts: facts, doorState: try row.decodeOption(17),
            peopleInside: max(0, try row.decode(19, as: Int32.self)), version: try row.decode(18))
    }
}
