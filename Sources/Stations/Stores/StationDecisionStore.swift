import HTTP
import Postgres
import Registry

/// What waits at the stations: every statement about it.
enum StationDecisionStore {
    static let all: [OpenDecision] = [
        OpenDecision("alarms", RegistryPermission.stationsOperate, path: "/v1/alarms") { caller in
            """
            select alarm.raised_at, 1::bigint
            from alarm
            join station on station.station_id = alarm.station_id
            where alarm.closed_at is null
                and alarm.acknowledged_at is null
                and \(fragment: caller.scope.condition("station.organization_id"))
            order by alarm.raised_at
            """
        },
        // Those that reported once and serve a door still.
        OpenDecision("silent_devices", RegistryPermission.devicesWrite, path: "/v1/devices") { caller in
            """
            select last.heard_at, 1::bigint
            from (
                select device_id, max(received_at) as heard_at
                from device_heartbeat
                group by device_id
            ) last
            join device on device.device_id = last.device_id
            where last.heard_at < \(fragment: caller.instant) - interval '1 day'
                and device.revoked_at is null
                and exists (select from device_access_point where device_access_point.device_id = device.device_id)
                and \(fragment: caller.scope.condition("device.organization_id"))
            order by last.heard_at
            """
        },
    ]
}
