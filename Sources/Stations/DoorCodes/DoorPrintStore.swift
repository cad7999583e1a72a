package import Postgres
import Registry
import Runtime

/// Which print of a door's code is in force.
package struct DoorPrintStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// A print with what stands under it.
    package struct Print: Sendable {
        let accessPoint: ID<AccessPoint>
        let number: Int32
        /// The station's and the door's.
        let name: String
        let organization: ID<Organization>
    }

    /// The station's and the door's name; nil when the device does not serve the access point.
    func name(of id: ID<AccessPoint>, servedBy device: ID<Device>) async throws(PostgresError) -> String? {
        let result = try await database.query(
            """
            select name_zh || ' ' || name
            from device_access_point
            join access_point using (access_point_id)
            join station using (station_id)
            where device_id = \(device) and access_point_id = \(id)
            """)
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// The number of the print in force; nil when there is no such access point.
    func number(of id: ID<AccessPoint>) async throws(PostgresError) -> Int32? {
        let result = try await database.query("select door_print from access_point where access_point_id = \(id)")
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// The print in force; nil too when the station lies outside of `scope`.
    func print(of id: ID<AccessPoint>, within scope: Scope) async throws(PostgresError) -> Print? {
        let result = try await database.query(
            """
            select access_point_id, door_print, name_zh || ' ' || name, organization_id
            from access_point
            join station using (station_id)
            where access_point_id = \(id) and \(fragment: scope.condition("station.organization_id"))
            """)
        return try result.first.map { row throws(PostgresError) in try Self.print(row) }
    }

    /// Makes the next print the one in force.
    func renew(_ id: ID<AccessPoint>, within scope: Scope, in querying: any Querying) async throws(PostgresError) -> Print? {
        let result = try await querying.query(
            """
            update access_point
            set door_print = door_print + 1
            from station
            where access_point_id = \(id)
                and station.station_id = access_point.station_id
                and \(fragment: scope.condition("station.organization_id"))
            returning access_point_id, door_print, name_zh || ' ' || name, organization_id
            """)
        return try result.first.map { row throws(PostgresError) in try Self.print(row) }
    }

    private static func print(_ row: Row) throws(PostgresError) -> Print {
        Print(accessPoint: try row.decode(0), number: try row.decode(1), name: try row.decode(2), organization: try row.decode(3))
    }
}
