package import Postgres
package import Runtime

/// How long people wait in a holding organization, for which no employer's union has a place yet.
package struct HoldingReport: Sendable {
    /// Waits of some people, in whole days.
    package struct Waits: Sendable, Equatable {
        package let people: Int
        package let medianDays: Int
        /// Nine of ten have waited no longer.
        package let ninetiethPercentileDays: Int
        package let longestDays: Int
    }

    /// Those who wait now; nil when nobody does.
    package let waiting: Waits?
    package let waitingByWorkerKind: [(kind: WorkerKind, waits: Waits)]
    /// Those whom a transfer took elsewhere within the last 365 days; nil when there were none.
    package let placed: Waits?
    /// Those who left within the last 365 days.
    package let leftCount: Int
}

/// Reports of holding organizations, counted by the database.
package struct HoldingReportStore: Sendable {
    let database: Database
    let clockOffsetMicroseconds: Int64

    private var instant: SQL { "clock_timestamp() + \(clockOffsetMicroseconds) * interval '1 microsecond'" }

    package func report(_ id: ID<Organization>) async throws(PostgresError) -> HoldingReport {
        // Percentiles of the people there are: a wait that somebody has had, not one between two.
        let figures = """
            count(*) as people,
            percentile_disc(0.5) within group (order by days) as median,
            percentile_disc(0.9) within group (order by days) as ninetieth,
            max(days) as longest
            """
        let waiting = try await database.query(
            """
            with moment as materialized (select \(fragment: instant) as now),
            wait as (
                select worker_kind, extract(epoch from moment.now - organization_since)::bigint / 86400 as days
                from member, moment
                where organization_id = \(id) and status <> 'left'
            )
            select worker_kind, \(raw: figures)
            from wait
            group by grouping sets ((), (worker_kind))
            having count(*) > 0
            order by worker_kind nulls first
            """)
        var now: HoldingReport.Waits?
        var byKind: [(kind: WorkerKind, waits: HoldingReport.Waits)] = []
        for row in waiting {
            let waits = try waits(row)
            guard let name = try row.decode("worker_kind", as: String?.self) else {
                now = waits
                continue
            }
            guard let kind = WorkerKind(rawValue: name) else { throw .decoding("an unknown worker kind") }
            byKind.append((kind, waits))
        }
        let ended = try await database.query(
            """
            with moment as materialized (select \(fragment: instant) as now),
            wait as (
                select cause in ('transferred', 'imported') as placed, extract(epoch from ended_at - started_at)::bigint / 86400 as days
                from membership, moment
                where organization_id = \(id) and ended_at > moment.now - interval '365 days'
            )
            select placed, \(raw: figures)
            from wait
            group by placed
            """)
        var placed: HoldingReport.Waits?
        var leftCount = 0
        for row in ended {
            let waits = try waits(row)
            if try row.decode("placed", as: Bool.self) { placed = waits } else { leftCount = waits.people }
        }
        return HoldingReport(waiting: now, waitingByWorkerKind: byKind, placed: placed, leftCount: leftCount)
    }

    private func waits(_ row: Row) throws(PostgresError) -> HoldingReport.Waits {
        HoldingReport.Waits(
            people: try row.decode("people"), medianDays: try row.decode("median"),
            ninetiethPercentileDays: try row.decode("ninetieth"), longestDays: try row.decode("longest"))
    }
}
