import FoundationEssentials
import HTTP
package import Postgres
package import Runtime

/// The stations as everybody may see them; those given up are not shown.
package struct PublicStationStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    package func find(_ id: ID<Station>) async throws(PostgresError) -> PublicStation? {
        try await stations("station.station_id = \(id)", limit: 1).first
    }

    /// In order of their ids, from the one after `cursor`.
    package func list(after cursor: ID<Station>?, limit: Int) async throws(PostgresError) -> [PublicStation] {
        try await stations("station.station_id > \(cursor ?? ID(0))", limit: limit)
    }

    private func stations(_ condition: SQL, limit: Int) async throws(PostgresError) -> [PublicStation] {
        let rows = try await database.query(
            """
            select
                station.station_id, name_zh, name_en, address, latitude, longitude, kind,
                not is_closed and door_state <> 'locked_down'
                    and stations_is_within_hours(hours, exception_days, exception_hours, clock.now at time zone time_zone),
                case when is_closed then closed_until end, time_zone, opening::text, amenities, capacity, people.inside
            from station
            cross join (select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as now) clock
            cross join lateral (
                select status <> 'open' and (closed_until is null or closed_until > clock.now) as is_closed
            ) state
            cross join lateral (
                select coalesce(sum(people), 0)::integer as inside from station_occupancy
                where station_occupancy.station_id = station.station_id
            ) people
            where status <> 'decommissioned' and \(fragment: condition)
            order by station.station_id
            limit \(limit)
            """)
        var stations: [PublicStation] = []
        for row in rows {
            let opening: OpeningHours
            do {
                opening = try JSON.decode(OpeningHours.self, from: Array(try row.decode(10, as: String.self).utf8))
            } catch {
                throw .decoding("opening hours that this version does not know")
            }
            let capacity: Int32? = try row.decode(12)
            let people = max(0, try row.decode(13, as: Int32.self))
            stations.append(
                PublicStation(
                    id: try row.decode(0), nameZh: try row.decode(1), nameEn: try row.decode(2), address: try row.decode(3),
                    latitude: try row.decode(4), longitude: try row.decode(5), kind: try row.decodeOption(6), isOpen: try row.decode(7),
                    closedUntil: try row.decode(8, as: Timestamp?.self)?.description, timeZone: try row.decode(9), hours: opening.hours,
                    exceptions: opening.exceptions, amenities: try row.decode(11), capacity: capacity, peopleInside: people,
                    crowding: Crowding(people: people, capacity: capacity)))
        }
        return stations
    }
}
