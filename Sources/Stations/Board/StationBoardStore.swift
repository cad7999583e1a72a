import Postgres
import Registry
import Runtime

/// The live board: every statement about it.
struct StationBoardStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// The stations below any of `roots`, or with `everything` all of them, in order of their ids.
    func rows(
        below roots: [ID<Organization>], everything: Bool, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> [StationBoardRow] {
        let found = try await (querying ?? database).query(
            """
            select
                station_id, organization_id, name_zh, name_en, kind, status, door_state, capacity, people_inside, is_open, entries, refusals,
                last_entry_at, alarms, worst_alarm, controllers, controllers_silent, heard_at, reached
            from stations_board(\(roots), \(everything), \(clockOffsetMicroseconds))
            """)
        var rows: [StationBoardRow] = []
        rows.reserveCapacity(found.count)
        for row in found {
            let worst = try row.decode(14, as: String?.self)
            rows.append(
                StationBoardRow(
                    line: StationBoardLine(
                        id: try row.decode(0), organizationId: try row.decode(1), nameZh: try row.decode(2), nameEn: try row.decode(3),
                        kind: try row.decodeOption(4), status: try row.decodeOption(5), doorState: try row.decodeOption(6),
                        capacity: try row.decode(7), peopleInside: try row.decode(8), isOpen: try row.decode(9),
                        entriesLastHour: try row.decode(10), refusalsLastHour: try row.decode(11),
                        lastEntryAt: try row.decode(12, as: Timestamp?.self)?.description, alarmsOpen: try row.decode(13),
                        worstAlarm: worst.flatMap(AlarmKind.init(rawValue:)), controllers: try row.decode(15),
                        controllersSilent: try row.decode(16), heardAt: try row.decode(17, as: Timestamp?.self)?.description),
                    reached: try row.decode(18)))
        }
        return rows
    }

    /// Forgets counts by minute that nothing looks at any more: of more than 3 hours ago.
    /// - Returns: how many; `limit` at most.
    func purgeMinutes(limit: Int) async throws(PostgresError) -> Int {
        let before: SQL = "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond' - interval '3 hours'"
        return try await database.query(
            """
            with of_station as (
                delete from station_minute
                where ctid = any (array(select ctid from station_minute where minute < \(fragment: before) limit \(limit)))
                returning 1
            ),
            of_access_point as (
                delete from access_point_refusal
                where ctid = any (array(select ctid from access_point_refusal where minute < \(fragment: before) limit \(limit)))
                returning 1
            )
            select greatest((select count(*) from of_station), (select count(*) from of_access_point))
            """
        ).single.decode(0)
    }
}
