package import Postgres
package import Registry
package import Runtime

/// The access points of stations and the devices that serve them.
package struct AccessPointStore: Sendable {
    private let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// Makes an access point within `querying`'s transaction.
    package func create(
        _ draft: AccessPointDraft, station: ID<Station>, in querying: any Querying
    ) async throws(StationError) -> AccessPoint {
        let policy = draft.policy ?? .standard
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                insert into access_point (
                    station_id, name, directions, is_open, opens_at, closes_at, reentry_minutes, relay_milliseconds)
                values (\(station), \(draft.name), \(policy.directions.rawValue), \(policy.isOpen), \(policy.opensAt?.minutes), \
                \(policy.closesAt?.minutes), \(policy.reentryMinutes), \(policy.relayMilliseconds))
                returning \(raw: Self.columns)
                """)
            return try Self.accessPoint(rows.single)
        } catch {
            throw StationError(error)
        }
    }

    package func find(_ id: ID<AccessPoint>, in querying: (any Querying)? = nil) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            let rows = try await (querying ?? database).query("select \(raw: Self.columns) from access_point where access_point_id = \(id)")
            if let row = rows.first { return try Self.accessPoint(row) }
        } catch {
            throw StationError(error)
        }
        throw .accessPointUnknown
    }

    /// Those of a station, in order of their ids, from the one after `cursor`; none for an unknown station.
    package func list(
        station: ID<Station>, after cursor: ID<AccessPoint>?, limit: Int
    ) async throws(StationError) -> [AccessPoint] {
        do throws(PostgresError) {
            let rows = try await database.query(
                """
                select \(raw: Self.columns) from access_point
                where station_id = \(station) and access_point_id > \(cursor ?? ID(0))
                order by access_point_id
                limit \(limit)
                """)
            var accessPoints: [AccessPoint] = []
            for row in rows { accessPoints.append(try Self.accessPoint(row)) }
            return accessPoints
        } catch {
            throw StationError(error)
        }
    }

    /// Replaces the policy; scans from the next batch on are decided by it.
    /// - Parameter version: the version it replaces; nil replaces any.
    package func setPolicy(
        _ policy: AccessPolicy, of id: ID<AccessPoint>, replacing version: Int32?
    ) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            let rows = try await database.query(
                """
                update access_point
                set directions = \(policy.directions.rawValue), is_open = \(policy.isOpen), opens_at = \(policy.opensAt?.minutes), \
                closes_at = \(policy.closesAt?.minutes), reentry_minutes = \(policy.reentryMinutes), \
                relay_milliseconds = \(policy.relayMilliseconds), version = version + 1, updated_at = clock_timestamp()
                where access_point_id = \(id) and version = coalesce(\(version), version)
                returning \(raw: Self.columns)
                """)
            if let row = rows.first { return try Self.accessPoint(row) }
        } catch {
            throw StationError(error)
        }
        _ = try await find(id)
        throw .policyChanged
    }

    /// Lets a device serve an access point; nothing changes if it does already.
    package func assign(
        _ device: ID<Device>, to id: ID<AccessPoint>, in querying: (any Querying)? = nil
    ) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            _ = try await (querying ?? database).query(
                """
                insert into device_access_point (device_id, access_point_id) values (\(device), \(id))
                on conflict do nothing
                """)
        } catch {
            throw StationError(error)
        }
        return try await find(id, in: querying)
    }

    /// Ends it; nothing changes if the device does not serve it.
    package func unassign(
        _ device: ID<Device>, from id: ID<AccessPoint>, in querying: (any Querying)? = nil
    ) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            _ = try await (querying ?? database).query(
                "delete from device_access_point where device_id = \(device) and access_point_id = \(id)")
        } catch {
            throw StationError(error)
        }
        return try await find(id, in: querying)
    }

    private static let columns = """
        access_point_id, station_id, name, directions, is_open, opens_at, closes_at, reentry_minutes, relay_milliseconds, version,
        array(
            select device_id from device_access_point
            where device_access_point.access_point_id = access_point.access_point_id
            order by device_id
        )
        """

    private static func accessPoint(_ row: Row) throws(PostgresError) -> AccessPoint {
        let opensAt = try row.decode(5, as: Int16?.self)
        let closesAt = try row.decode(6, as: Int16?.self)
        return AccessPoint(
            id: try row.decode(0), stationId: try row.decode(1), name: try row.decode(2),
            policy: AccessPolicy(
                isOpen: try row.decode(4), directions: try row.decodeOption(3),
                opensAt: opensAt.flatMap { TimeOfDay(minutes: $0) }, closesAt: closesAt.flatMap { TimeOfDay(minutes: $0) },
                reentryMinutes: try row.decode(7), relayMilliseconds: try row.decode(8)),
            version: try row.decode(9), deviceIds: try row.decode(10))
    }
}
