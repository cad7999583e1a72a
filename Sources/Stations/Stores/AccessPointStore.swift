import HTTP
package import Postgres
package import Registry
package import Runtime

/// The access points of stations and the devices that serve them.
package struct AccessPointStore: Sendable {
    let database: Database

    package init(_ database: Database) {
        self.database = database
    }

    /// Makes an access point within `querying`'s transaction.
    /// - Parameter changedBy: who is to stand in the history of its policy, as a principal's subject.
    package func create(
        _ draft: AccessPointDraft, station: ID<Station>, changedBy: String = "system", in querying: any Querying
    ) async throws(StationError) -> AccessPoint {
        let values = Self.values(draft.policy ?? .standard)
        do throws(PostgresError) {
            let rows = try await querying.query(
                """
                with made as (
                    insert into access_point (station_id, name, \(raw: Self.policyColumns))
                    values (\(station), \(draft.name), \(fragment: values))
                    returning *
                ),
                kept as (
                    insert into access_policy_version (access_point_id, version, policy, changed_by)
                    select access_point_id, version, policy, \(changedBy) from made
                )
                select \(raw: Self.columns) from made as access_point
                """)
            return try Self.accessPoint(rows.single)
        } catch {
            throw StationError(error)
        }
    }

    /// - Parameter scope: what lies outside is unknown.
    package func find(
        _ id: ID<AccessPoint>, scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            let rows = try await (querying ?? database).query(
                """
                select \(raw: Self.columns) from access_point
                where access_point_id = \(id) and exists (
                    select from station
                    where station.station_id = access_point.station_id and \(fragment: scope.condition("station.organization_id"))
                )
                """)
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
    /// - Parameters:
    ///   - version: the version it replaces; nil replaces any.
    ///   - changedBy: who is to stand in its history, as a principal's subject.
    package func setPolicy(
        _ policy: AccessPolicy, of id: ID<AccessPoint>, replacing version: Int32?, changedBy: String = "system",
        in querying: (any Querying)? = nil
    ) async throws(StationError) -> AccessPoint {
        do throws(PostgresError) {
            let rows = try await (querying ?? database).query(
                """
                with changed as (
                    update access_point
                    set (\(raw: Self.policyColumns)) = row(\(fragment: Self.values(policy))),
                        version = version + 1,
                        updated_at = clock_timestamp()
                    where access_point_id = \(id) and version = coalesce(\(version), version)
                    returning *
                ),
                kept as (
                    insert into access_policy_version (access_point_id, version, policy, changed_by)
                    select access_point_id, version, policy, \(changedBy) from changed
                )
                select \(raw: Self.columns) from changed as access_point
                """)
            if let row = rows.first { return try Self.accessPoint(row) }
        } catch {
            throw StationError(error)
        }
        _ = try await find(id, in: querying)
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
        access_point_id, station_id, name, policy::text, version,
        array(
            select device_id from device_access_point
            where device_access_point.access_point_id = access_point.access_point_id
            order by device_id
        )
        """

    private static func accessPoint(_ row: Row) throws(PostgresError) -> AccessPoint {
        AccessPoint(
            id: try row.decode(0), stationId: try row.decode(1), name: try row.decode(2), policy: try row.decodeJSON(3),
            version: try row.decode(4), deviceIds: try row.decode(5))
    }

    /// The policy, and the same as `stations_admit` reads it; in the order of `values`.
    static let policyColumns = """
        policy, directions, is_open, hours, exception_days, exception_hours, organization_ids, sexes, worker_kinds, employment_forms,
        hardship_post, admits_provisional, entry_interval_minutes, reentry_minutes, anti_passback, reset_hours, relay_milliseconds,
        offline_limit_hours, when_offline_too_long, exit_after_hours
        """

    static func values(_ policy: AccessPolicy) -> SQL {
        let organizations = policy.organizationIds.isEmpty ? nil : policy.organizationIds
        return """
            \(jsonText(policy))::jsonb, \(policy.directions.rawValue), \(policy.isOpen), \
            \(policy.opening.weekColumn)::int4multirange[], \(policy.opening.exceptionDaysColumn)::date[], \
            \(policy.opening.exceptionHoursColumn)::int4multirange[], \(organizations), \(policy.admitted(.sex)), \
            \(policy.admitted(.workerKind)), \(policy.admitted(.employmentForm)), \(policy.admittedHardship), \
            \(policy.admitsProvisional), \(policy.entryIntervalMinutes), \(policy.reentryMinutes), \
            \(policy.antiPassback.rawValue), \(policy.resetHours), \(policy.relayMilliseconds), \(policy.offlineLimitHours), \
            \(policy.whenOfflineTooLong.rawValue), \(policy.exitAfterHours)
            """
    }
}
