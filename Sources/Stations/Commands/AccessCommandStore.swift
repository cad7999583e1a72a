import FoundationEssentials
package import Postgres
import Registry
package import Runtime

/// The commands to waiting controllers: every statement about them.
package struct AccessCommandStore: Sendable {
    /// Notified when a command was written. Who does not hear it finds the command within a second.
    package static let channel = "waystation_commands"
    /// How long a door may still open for a worker who asked.
    package static let openSeconds = 10
    /// How long a change of state is told to those who wait; whoever comes later reads the state itself.
    package static let stateSeconds = 60

    private let database: Database
    private let clockOffsetMicroseconds: Int64

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// `admit`, a statement of `stations_admit`, with a command for each door that it opens at a worker's asking: decision and command are
    /// one statement and so one transaction. A repeat writes none, for the first answer did.
    static func commanding(_ admit: SQL, asked requestIDs: [UUID], at accessPoints: [ID<AccessPoint>], isAsking: [Bool]) -> SQL {
        """
        with answer as materialized (
            \(fragment: admit)
        ),
        command as (
            insert into access_command (access_point_id, kind, request_id, relay_milliseconds, created_at, expires_at)
            select request.access_point_id, 'open', request.request_id, answer.relay_milliseconds, answer.decided_at,
                answer.decided_at + \(openSeconds) * interval '1 second'
            from answer
            join unnest(\(requestIDs), \(accessPoints), \(isAsking))
                with ordinality as request (request_id, access_point_id, is_asking, ordinality)
                on request.ordinality = answer.ordinality
            where answer.outcome = 'decided' and answer.open and request.is_asking
            on conflict on constraint access_command_opens_once_for_a_request do nothing
            returning command_id
        ),
        notified as (
            select pg_notify('\(raw: channel)', '') as nothing from command limit 1
        )
        select answer.* from answer left join notified on true
        """
    }

    /// Tells every access point of a station, in the transaction of the change.
    package func tell(_ kind: AccessCommand.Kind, station: ID<Station>, in querying: any Querying) async throws(PostgresError) {
        precondition(kind != .open, "a door opens for a request, not by itself")
        _ = try await querying.query(
            """
            with command as (
                insert into access_command (access_point_id, kind, created_at, expires_at)
                select access_point_id, \(kind.rawValue), instant, instant + \(Self.stateSeconds) * interval '1 second'
                from access_point
                cross join (select clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' as instant) now
                where station_id = \(station)
                order by access_point_id
                returning command_id
            )
            select pg_notify('\(raw: Self.channel)', '') from command limit 1
            """)
    }

    /// Where a controller that has seen nothing begins: after what was told already.
    /// - Returns: the greatest command told, or 0; nil when the device does not serve the access point.
    func beginning(_ device: ID<Device>, _ accessPoint: ID<AccessPoint>) async throws(PostgresError) -> Int64? {
        let result = try await database.query(
            """
            select coalesce((
                select max(command_id) from access_command
                where access_point_id = device_access_point.access_point_id
                    and expires_at > clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'
                    and delivered_at is not null), 0)
            from device_access_point
            where device_id = \(device) and access_point_id = \(accessPoint)
            """)
        return try result.first.map { row throws(PostgresError) in try row.decode(0) }
    }

    /// What the controllers of one loop wait for, asked in one statement.
    /// - Returns: for each pair, in order, the commands in force; nil for a device that no longer serves its access point.
    func inForce(
        _ devices: [ID<Device>], _ accessPoints: [ID<AccessPoint>]
    ) async throws(PostgresError) -> [[Waiting]?] {
        let result = try await database.query(inForceStatement(devices, accessPoints))
        var waiting: [[Waiting]?] = Array(repeating: nil, count: devices.count)
        for row in result {
            let position = try row.decode(0, as: Int.self) - 1
            var commands = waiting[position] ?? []
            if let id = try row.decode(1, as: ID<AccessCommand>?.self) {
                let command = AccessCommand(
                    id: id, accessPointID: accessPoints[position], kind: try row.decodeOption(2),
                    requestID: try row.decode(3, as: UUID?.self)?.lowercased, relayMilliseconds: try row.decode(4),
                    createdAt: try row.decode(5), expiresAt: try row.decode(6))
                commands.append(Waiting(command: command, isUntold: try row.decode(7)))
            }
            waiting[position] = commands
        }
        return waiting
    }

    func inForceStatement(_ devices: [ID<Device>], _ accessPoints: [ID<AccessPoint>]) -> SQL {
        """
        select pair.ordinality, command.command_id, command.kind, command.request_id, command.relay_milliseconds,
            command.created_at, command.expires_at, command.delivered_at is null
        from unnest(\(devices), \(accessPoints)) with ordinality as pair (device_id, access_point_id, ordinality)
        join device_access_point using (device_id, access_point_id)
        join device on device.device_id = pair.device_id and device.revoked_at is null
        left join lateral (
            select * from access_command
            where access_command.access_point_id = pair.access_point_id
                and expires_at > clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'
        ) command on true
        order by pair.ordinality, command.command_id
        """
    }

    /// The commands could not be asked for: noted, and asked for again a second later.
    func note(_ error: PostgresError) {
        database.log.warning("stations.commands_not_asked", ["error": .text(error.description)])
    }

    struct Waiting: Sendable {
        let command: AccessCommand
        /// No controller was told yet.
        let isUntold: Bool
    }

    /// Writes down that these were told.
    func markTold(_ ids: [ID<AccessCommand>]) async throws(PostgresError) {
        _ = try await database.query(
            "update access_command set delivered_at = clock_timestamp() where command_id = any(\(ids)) and delivered_at is null")
    }

    /// Clears what ended more than a day ago, at most `limit` of them.
    /// - Returns: how many.
    package func clear(limit: Int) async throws(PostgresError) -> Int {
        try await database.query(
            """
            delete from access_command where command_id in (
                select command_id from access_command where expires_at < clock_timestamp() - interval '1 day' limit \(limit))
            """
        ).affectedRows
    }
}
