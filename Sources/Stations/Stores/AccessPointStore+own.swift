import Postgres
import Registry
import Runtime

extension AccessPointStore {
    /// A device serves a gate or two; more than a screen lists are left out.
    static let servedMax = 200

    /// Those that the device serves, in order of their ids.
    func list(servedBy device: ID<Device>) async throws(PostgresError) -> [OwnAccessPoint] {
        let rows = try await database.query(
            """
            select access_point_id, name, directions, is_open, relay_milliseconds, access_point.version, station_id, name_zh, name_en, address,
                kind, status, door_state, time_zone
            from device_access_point
            join access_point using (access_point_id)
            join station using (station_id)
            where device_id = \(device)
            order by access_point_id
            limit \(Self.servedMax)
            """)
        var found: [OwnAccessPoint] = []
        for row in rows {
            found.append(
                OwnAccessPoint(
                    id: try row.decode(0), name: try row.decode(1), directions: try row.decodeOption(2), isOpen: try row.decode(3),
                    relayMilliseconds: try row.decode(4), version: try row.decode(5), stationId: try row.decode(6),
                    stationNameZh: try row.decode(7), stationNameEn: try row.decode(8), stationAddress: try row.decode(9),
                    stationKind: try row.decodeOption(10), stationStatus: try row.decodeOption(11), doorState: try row.decodeOption(12),
                    timeZone: try row.decode(13)))
        }
        return found
    }
}
