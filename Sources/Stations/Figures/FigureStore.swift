package import Postgres
package import Registry
package import Runtime

/// The figures of visits: fed from the events, made anew from them, summed up for reports.
package struct FigureStore: Sendable {
    private let database: Database
    private let clockOffsetMicroseconds: Int64

    /// Events counted in one run of the feed: some tenths of a second of work.
    package static let eventsMax: Int32 = 20_000

    package init(_ database: Database, clock: Clock) {
        self.database = database
        clockOffsetMicroseconds = clock.offsetMicroseconds
    }

    /// Counts what is new.
    /// - Returns: how many events that was, and whether there is more.
    @discardableResult
    package func feed(eventsMax: Int32 = Self.eventsMax) async throws(TransactionError<PostgresError>) -> (fed: Int, hasMore: Bool) {
        try await database.transaction { (transaction) async throws(PostgresError) -> (fed: Int, hasMore: Bool) in
            let row = try await transaction.query("select fed, has_more from stations_feed(\(eventsMax))").single
            return (try row.decode(0), try row.decode(1))
        }
    }

    /// Makes all figures and passages anew from the events; reports show the old ones until it is done.
    /// - Returns: how many events there are.
    @discardableResult
    package func rebuild() async throws(TransactionError<PostgresError>) -> Int {
        // A transaction's statements have no deadline, and this one takes its time.
        try await database.transaction { (transaction) async throws(PostgresError) in
            try await transaction.query("select stations_rebuild_figures()").single.decode(0)
        }
    }

    /// Every scan answered before this moment is counted.
    package func asOf() async throws(PostgresError) -> Timestamp {
        let asOf = try await database.query("select as_of from access_feed").single.decode(0, as: Timestamp.self)
        return asOf.microseconds == 0 ? asOf : Timestamp(microseconds: asOf.microseconds + clockOffsetMicroseconds)
    }

    /// One line of a report.
    package struct Line: Sendable {
        package let key: String
        package let organization: ID<Organization>?
        package let station: ID<Station>?
        package let name: String?
        package let figures: VisitFigures
    }

    /// The figures of a station, or of all stations within `scope`, in the order of their keys, without those that are all zero.
    package func lines(
        by grouping: VisitGrouping, _ period: VisitPeriod, station: ID<Station>?, scope: Scope
    ) async throws(TransactionError<PostgresError>) -> [Line] {
        let rows = try await database.transaction { (transaction) async throws(PostgresError) in
            // Compiling it takes longer than running it.
            _ = try await transaction.query("set local jit = off")
            return try await transaction.query(Self.statement(by: grouping, period, station: station, scope: scope))
        }
        do throws(PostgresError) { return try Self.lines(rows, by: grouping) } catch { throw .database(error) }
    }

    private static func lines(_ rows: QueryResult, by grouping: VisitGrouping) throws(PostgresError) -> [Line] {
        var lines: [Line] = []
        for row in rows {
            var figures = VisitFigures()
            figures.entries = try row.decode(3)
            figures.exits = try row.decode(4)
            figures.automaticExits = try row.decode(5)
            figures.refused = try row.decode(6)
            figures.dwells.count = try row.decode(7)
            figures.dwells.seconds = try row.decode(8)
            for index in figures.dwells.buckets.indices { figures.dwells.buckets[index] = try row.decode(9 + index) }
            if figures == VisitFigures() { continue }
            lines.append(
                Line(
                    key: try row.decode(2), organization: grouping == .organization ? try row.decode(0) : nil,
                    station: grouping == .station ? try row.decode(0) : nil, name: try row.decode(1), figures: figures))
        }
        return lines
    }

    static func statement(by grouping: VisitGrouping, _ period: VisitPeriod, station: ID<Station>?, scope: Scope) -> SQL {
        let dimension: String
        let key: String
        var parts = period.parts
        switch grouping {
        case .hour: (dimension, key) = ("hour", "figure.key")
        case .workerKind: (dimension, key) = ("worker_kind", "figure.key")
        case .organization: (dimension, key) = ("organization", "figure.key")
        case .weekdayHour: (dimension, key) = ("hour", "extract(isodow from figure.starts_on)::text || '-' || figure.key")
        case .weekday: (dimension, key) = ("all", "extract(isodow from figure.starts_on)::text")
        case .day: (dimension, key) = ("all", "figure.starts_on::text")
        case .station: (dimension, key) = ("all", "piece.station_id::text")
        }
        // Months know no days.
        if [.weekday, .weekdayHour, .day].contains(grouping) {
            parts = [VisitPeriod.Part(span: "day", first: period.first, end: CalendarDate(daysSince1970: period.last.daysSince1970 + 1))]
        }
        // A key is an id only here, and is read as one only here.
        let named: SQL =
            switch grouping {
            case .organization:
                """
                left join lateral (
                    select organization_id as id, name from organization where organization_id = nullif(summed.key, 'unknown')::bigint
                ) named on true
                order by named.id
                """
            case .station:
                """
                join lateral (select station_id as id, name_zh as name from station where station_id = summed.key::bigint) named on true
                order by named.id
                """
            default: "cross join (select null::bigint as id, null::text as name) named order by summed.key"
            }
        let sums = Self.sums.map { "sum(piece.sign * \($0))::bigint" }.joined(separator: ", ")
        return """
            with piece as materialized (
                select place.station_id, place.sign * part.sign as sign, part.span, part.first_day, part.end_day
                from (\(fragment: places(station: station, scope: scope, eachByItself: grouping == .station))) place
                cross join unnest(
                    \(parts.map(\.span)), \(parts.map(\.first)), \(parts.map(\.end)), \(parts.map(\.sign)))
                    as part (span, first_day, end_day, sign)
            )
            select named.id, named.name, summed.*
            from (
                select
                    \(raw: key) as key, \(raw: sums)
                from piece
                cross join lateral (
                    -- Apart: else all stations' figures of the dimension are read to find those of the time (1.3 s for 20 ms).
                    select *
                    from station_visit_figure
                    where station_visit_figure.station_id = piece.station_id
                        and station_visit_figure.dimension = \(dimension)
                        and station_visit_figure.span = piece.span
                        and station_visit_figure.starts_on >= piece.first_day
                        and station_visit_figure.starts_on < piece.end_day
                    offset 0
                ) figure
                group by 1
            ) summed
            \(fragment: named)
            """
    }

    private static let sums = [
        "entries", "exits", "automatic_exits", "refused", "dwells", "dwell_seconds", "dwells_to_5", "dwells_to_10", "dwells_to_20",
        "dwells_to_30", "dwells_to_45", "dwells_to_60", "dwells_to_90", "dwells_to_120", "dwells_to_240", "dwells_to_480", "dwells_beyond",
    ]

    /// Whose figures are added up, each with its sign: the station's, or those of the stations within `scope`. Where these are more than
    /// half of all, the total (0) is taken instead, less the others': who may see all stations never adds them up.
    private static func places(station: ID<Station>?, scope: Scope, eachByItself: Bool) -> SQL {
        let isWithin = scope.condition("station.organization_id")
        if eachByItself, station == nil { return "select station_id, 1 as sign from station where \(fragment: isWithin)" }
        if let station {
            return "select station_id, 1 as sign from station where station.station_id = \(station) and \(fragment: isWithin)"
        }
        return """
            with judged as materialized (
                select station_id, is_within, 2 * count(*) filter (where is_within) over () > count(*) over () as by_total
                from station
                cross join lateral (select \(fragment: isWithin) as is_within) scope
            )
            select station_id, case when is_within then 1 else -1 end as sign from judged where is_within <> by_total
            union all
            select 0, 1 where exists (select from judged where by_total)
            """
    }
}
