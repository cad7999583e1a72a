package import Postgres
package import Runtime

/// Who counts as inside, and until when.
package struct OccupancyStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// Visits ended in one run.
    package static let visitsMax = 1_000

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Ends the visits of those who show no exit: after the hours of the policy, or at 04:00.
    /// - Returns: how many.
    @discardableResult
    package func closeVisits(limit: Int = Self.visitsMax, clockOffsetMicroseconds: Int64? = nil) async throws(PostgresError) -> Int {
        let offset = clockOffsetMicroseconds ?? self.clockOffsetMicroseconds
        return try await database.query("select stations_close_visits(\(Int32(limit)), \(offset))").single.decode(0)
    }

    /// The stations whose count of people is not the number of members present. There are none: it is looked after, not hoped for.
    package func outOfBalance() async throws(PostgresError) -> [ID<Station>] {
        var stations: [ID<Station>] = []
        for row in try await database.query(
            """
            select coalesce(counted.station_id, present.station_id)
            from (
                select station_id, sum(people) as people from station_occupancy group by station_id having sum(people) <> 0
            ) counted
            full join (
                select station_id, count(*) as people from access_presence where is_inside group by station_id
            ) present on present.station_id = counted.station_id
            where counted.people is distinct from present.people
            order by 1
            """)
        { stations.append(try row.decode(0)) }
        return stations
    }
}
