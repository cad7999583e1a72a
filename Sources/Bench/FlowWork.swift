import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// Reports of visits over HTTP, over ten million events of a year; and how fast their figures are made anew from the events.
struct FlowWork: Work {
    static let name = "flow"
    static let summary = "reports over 10 000 000 events of a year, and their figures made anew (some minutes)"

    private static let stations = 100
    private static let members = 200_000
    private static let organizations = 200
    private static let months = 12
    /// Each is two events, and one scan of 20 is refused.
    private static let visitsOfMonth = 400_000

    private let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("flow: \(Self.months) months of events, \(Self.stations) stations, visitors of \(Self.organizations) organizations")
        try await BenchHouse.with { house in try await measure(house, report) }
    }

    private func measure(_ house: BenchHouse, _ report: Report) async throws {
        let root = try await house.ensureOrganization()
        try await fill(house, report, root: root)
        let events = try await count(house, "select count(*) from access_event")
        report.note("figures of \(Report.text(Double(events))) events")
        let start = MonotonicTime.current
        _ = try await house.database.transaction { transaction in try await transaction.query("select stations_rebuild_figures()") }
        let seconds = (MonotonicTime.current - start).secondsValue
        try report.figure(Self.name, "figures made anew", ours: Double(events) / seconds, unit: "events/s", runs: 1)
        _ = try await house.database.query("analyze station_visit_figure")
        let rows = try await count(house, "select count(*) from station_visit_figure")
        report.note("\(Report.text(Double(rows))) rows of figures")

        let server = try house.serve([])
        let loop = try EventLoop.start(name: "load")
        try await server.waitUntilReady(loop)
        for place in try await places(house) { try await reports(place, from: server, on: loop, report) }
        loop.shutDown()
    }

    /// What reports are asked for, by whom, and what they must add up to.
    private struct Place {
        let name: String
        let path: String
        let period: String
        let token: String
        /// Nil: not known.
        let entries: Int?
    }

    /// The year before this month, in whole months; and as much of it as makes both its ends ragged.
    private func places(_ house: BenchHouse) async throws -> [Place] {
        let owner = try await house.registry.accounts.createOwner(name: "bench")
        let half = try await house.registry.accounts.createOwner(name: "half")
        _ = try await house.database.query(
            """
            update account_grant set role = 'manager', organization_id = (select max(organization_id) from station)
            where account_id = (select account_id from account where name = 'half')
            """)
        let days = try await house.database.query(
            """
            select (first - interval '\(raw: String(Self.months)) months')::date, (first + interval '1 day')::date,
                (first - interval '\(raw: String(Self.months)) months' + interval '1 day')::date, (first - interval '2 days')::date
            from date_trunc('month', now() at time zone 'UTC') first
            """)[0]
        let (first, last): (CalendarDate, CalendarDate) = (try days.decode(0), try days.decode(1))
        let (second, beforeLast): (CalendarDate, CalendarDate) = (try days.decode(2), try days.decode(3))
        func entries(_ first: CalendarDate, _ last: CalendarDate, _ stations: SQL) async throws -> Int {
            try await count(
                house,
                """
                select count(*) from access_event
                where open and direction = 'in' and (occurred_at at time zone 'Asia/Shanghai')::date between \(first) and \(last)
                    and \(fragment: stations)
                """)
        }
        let (whole, ragged) = ("from=\(first)&to=\(last)", "from=\(second)&to=\(beforeLast)")
        let ofHalf: SQL = "station_id in (select station_id from station where organization_id > 1)"
        return [
            Place(
                name: "all stations", path: "/v1/visitors", period: whole, token: owner,
                entries: try await entries(first, last, "true")),
            Place(
                name: "all stations, ragged", path: "/v1/visitors", period: ragged, token: owner,
                entries: try await entries(second, beforeLast, "true")),
            Place(
                name: "half of them, ragged", path: "/v1/visitors", period: ragged, token: half,
                entries: try await entries(second, beforeLast, ofHalf)),
            Place(name: "one station, ragged", path: "/v1/stations/1/visitors", period: ragged, token: owner, entries: nil),
        ]
    }

    private func reports(_ place: Place, from server: ServerProcess, on loop: EventLoop, _ report: Report) async throws {
        for grouping in ["hour", "weekday", "day", "worker_kind", "organization"] {
            let request = Array(
                """
                GET \(place.path)?by=\(grouping)&\(place.period) HTTP/1.1\r\nHost: localhost\r\n\
                Authorization: Bearer \(place.token)\r\n\r\n
                """.utf8)
            let total = try await total(of: request, port: server.port)
            guard place.entries == nil || total == place.entries else {
                throw BenchError(description: "\(place.name) by \(grouping): \(total) entries, there are \(place.entries ?? 0)")
            }
            let result = try await Load(on: loop) { request }.run(
                port: server.port, connections: 1, warmUp: .milliseconds(300), duration: .seconds(options.seconds ?? 2))
            guard result.broken == 0, result.statuses.count == 1, result.statuses[200] == result.answers else {
                throw BenchError(description: "not every report was answered with 200: \(result.statuses)")
            }
            let name = "\(place.name), by \(grouping)"
            try report.figure(Self.name, name + ", median", ours: result.percentile(0.5), unit: "ms", runs: result.answers)
            try report.figure(
                Self.name, name + ", p99", ours: result.percentile(0.99), unit: "ms", runs: result.answers, promise: "below 200 ms")
        }
    }

    /// The entries that a report gives in all.
    private func total(of request: [UInt8], port: UInt16) async throws -> Int {
        struct Answer: Decodable {
            struct Total: Decodable { let entries: Int }
            let total: Total
        }
        let body = try await onThread(name: "report") { () -> Result<[UInt8], SystemError> in
            do throws(SystemError) {
                let client = try BlockingClient(port: port, timeoutSeconds: 60)
                try client.send(request)
                return .success(try client.read()?.body ?? [])
            } catch {
                return .failure(error)
            }
        }.get().get()
        return try JSONDecoder().decode(Answer.self, from: Data(body)).total.entries
    }

    private func count(_ house: BenchHouse, _ statement: SQL) async throws -> Int {
        // A transaction's statements have no deadline.
        try await house.database.transaction { transaction in try await transaction.query(statement)[0].decode(0) }
    }

    /// Stations of two organizations, one below the other, and for each month a partition that is filled before it gets its indexes.
    private func fill(_ house: BenchHouse, _ report: Report, root: Organization) async throws {
        _ = try await house.database.query(
            """
            select count(*)
            from generate_series(1, \(Self.organizations)) n
            cross join lateral registry_organization_create(\(root.id), 'enterprise', 'enterprise ' || n)
            """)
        _ = try await house.database.query(
            """
            insert into station (organization_id, name_zh)
            select \(root.id) + n % 2, 'station ' || n from generate_series(1, \(Self.stations)) n
            """)
        _ = try await house.database.query(
            "insert into access_point (station_id, name, policy) select station_id, 'door', '{}' from station")
        for month in (1...Self.months).reversed() {
            report.note("month \(Self.months - month + 1)/\(Self.months)")
            try await house.database.transaction { transaction in
                try await transaction.script(Self.script(monthsAgo: month, root: root))
            }
        }
        try await house.database.transaction { transaction in _ = try await transaction.query("analyze access_event") }
    }

    /// Visits from 6 to 22, most at noon and in the evening, of half an hour on average; in the order of the primary key.
    private static func script(monthsAgo: Int, root: Organization) -> String {
        """
        create temporary table visit on commit drop as
        select
            1 + n % \(stations) as station_id, n,
            first + ((n / \(stations)) * (days * 86400.0 / \(visitsOfMonth / stations)) + 3600 * (random() - 0.5)) * interval '1 second'
                as entered_at,
            greatest(30, (-1800 * ln(1 - random()))::integer) as dwell,
            1 + (random() * \(members - 1))::integer as member_id,
            (random() * random() * \(organizations - 1))::integer as organization,
            random() < 0.1 as is_refused
        from (
            select first, extract(day from first + interval '1 month' - interval '1 day') as days
            from (select date_trunc('month', now() at time zone 'UTC') - interval '\(monthsAgo) months' as first) month
        ) month
        cross join generate_series(0, \(visitsOfMonth - 1)) n;

        do $fill$
        declare
            first date := date_trunc('month', now() at time zone 'UTC') - interval '\(monthsAgo) months';
            name text := 'access_event_' || to_char(first, 'YYYY_MM');
            sides text[] := array['in', 'out', 'refused'];
        begin
            execute format('create table %I (like access_event including defaults including constraints)', name);
            execute format($insert$
                insert into %I (
                    station_id, access_point_id, device_id, member_id, code_sequence, occurred_at, recorded_at, request_id,
                    relay_milliseconds, people_inside, inside_change, batch_position, open, direction, fingerprint, reasons, dwell_seconds,
                    worker_kind, member_organization_id)
                select
                    station_id, station_id, station_id, member_id, n, moment.at, moment.at,
                    (lpad(to_hex((extract(epoch from moment.at) * 1000)::bigint), 12, '0')
                        || '7' || lpad(to_hex(n %% 4096), 3, '0') || '8' || lpad(to_hex(3::bigint * n + side.number), 15, '0'))::uuid,
                    3000, 5, 0, 1, side.name <> 'refused', case side.name when 'out' then 'out' else 'in' end,
                    decode('00112233445566778899aabbccddeeff', 'hex'),
                    case when side.name = 'refused' then array['door.outside_hours'] else '{}' end,
                    case side.name when 'out' then dwell end,
                    (array['courier', 'driver', 'domestic', 'other'])[1 + member_id %% 4], \(root.id) + 1 + organization
                from visit
                cross join (values ('in', 0), ('out', 1), ('refused', 2)) as side (name, number)
                cross join lateral (
                    -- Of the night's visits most are moved into the day.
                    select greatest(
                        first::timestamp, least(
                            first + interval '1 month' - interval '2 seconds',
                            entered_at + case side.name when 'out' then dwell else 0 end * interval '1 second')) at time zone 'UTC' as at
                    from (select $1::date as first) month
                ) moment
                where side.name <> 'refused' or is_refused
                order by station_id, moment.at$insert$, name)
            using first;
            execute format(
                'alter table access_event attach partition %I for values from (%L) to (%L)', name, stations_first_request_of(first),
                stations_first_request_of((first + interval '1 month')::date));
        end
        $fill$;
        """
    }
}
