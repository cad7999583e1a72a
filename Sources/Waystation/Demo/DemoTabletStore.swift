import Postgres

/// Statements of the demo's tablets.
struct DemoTabletStore: Sendable {
    let database: Database

    /// Places every paired tablet that has no place yet.
    func place() async throws(PostgresError) {
        let pattern = DemoTablets.prefix + "%"
        _ = try await database.query(
            """
            insert into device_access_point (device_id, access_point_id)
            select device_id, (select min(access_point_id) from access_point)
            from device
            where name like \(pattern) and profile in ('door', 'guard') and revoked_at is null
                and exists (select from access_point)
            on conflict do nothing
            """)
        _ = try await database.query(
            """
            insert into venue_device (device_id, venue_id, bound_by, bound_at)
            select device_id, (select min(venue_id) from venue where closed_at is null), 'command:demo', now()
            from device
            where name like \(pattern) and profile = 'venue' and revoked_at is null
                and exists (select from venue where closed_at is null)
            on conflict do nothing
            """)
        _ = try await database.query(
            """
            insert into classroom_device (device_id, room_id, bound_by, bound_at)
            select device_id, (
                select room_id from lesson where starts_at > now() - interval '3 hours' and state = 'planned' and room_id is not null
                order by starts_at limit 1
            ), 'command:demo', now()
            from device
            where name like \(pattern) and profile = 'classroom' and revoked_at is null
                and exists (
                    select from lesson where starts_at > now() - interval '3 hours' and state = 'planned' and room_id is not null)
            on conflict do nothing
            """)
    }
}
