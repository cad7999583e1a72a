import Postgres
import Registry
import Runtime

/// How far an organizer's subtree reaches into stations, access points and devices.
struct StationReachStore: Sendable {
    let database: Database

    func station(_ id: ID<Station>, _ scope: Scope) async throws(PostgresError) -> Bool {
        try await !database.query(
            "select from station where station_id = \(id) and \(fragment: scope.condition("station.organization_id"))"
        ).isEmpty
    }

    func accessPoint(_ id: ID<AccessPoint>, _ scope: Scope) async throws(PostgresError) -> Bool {
        try await !database.query(
            """
            select from access_point
            join station on station.station_id = access_point.station_id
            where access_point_id = \(id) and \(fragment: scope.condition("station.organization_id"))
            """
        ).isEmpty
    }

    func device(_ id: ID<Device>, _ scope: Scope) async throws(PostgresError) -> Bool {
        try await !database.query(
            "select from device where device_id = \(id) and \(fragment: scope.condition("device.organization_id"))"
        ).isEmpty
    }
}
