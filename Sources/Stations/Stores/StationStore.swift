package import Postgres
package import Registry
package import Runtime

/// The stations, their access points, and which device serves which.
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
                insert into station (organization_id, name_zh, name_en, address, kind, capacity, time_zone)
                values (\(draft.organizationId), \(draft.nameZh), \(draft.nameEn), \(draft.address), \
                coalesce(\(draft.kind?.rawValue), 'plain'), \(draft.capacity), coalesce(\(draft.timeZone), 'Asia/Shanghai'))
                returning station_id, organization_id, name_zh, name_en, address, kind, capacity, time_zone, 0
                """)
            return try Self.station(rows.single)
        } catch {
            throw StationError(error)
        }
    }

    package func find(_ id: ID<Station>) async throws(StationError) -> Station {
        do throws(PostgresError) {
            let rows = try await database.query(
                """
                select station_id, organization_id, name_zh, name_en, address, kind, capacity, time_zone, people.inside
                from station \(raw: Self.withPeople)
                where station_id = \(id)
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
                select station_id, organization_id, name_zh, name_en, address, kind, capacity, time_zone, people.inside
                from station \(raw: Self.withPeople)
                where station_id > \(cursor ?? ID(0)) and organization_id = coalesce(\(organization), organization_id)
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

    private static let withPeople = """
        cross join lateral (
            select coalesce(sum(people), 0)::integer as inside from station_occupancy
            where station_occupancy.station_id = station.station_id
        ) people
        """

    private static func station(_ row: Row) throws(PostgresError) -> Station {
        Station(
            id: try row.decode(0), organizationId: try row.decode(1), nameZh: try row.decode(2), nameEn: try row.decode(3),
            address: try row.decode(4), kind: try row.decodeOption(5), capacity: try row.decode(6), timeZone: try row.decode(7),
            peopleInside: max(0, try row.decode(8, as: Int32.self)))
    }
}
