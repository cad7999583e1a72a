import Checkups
import Coupons
import HTTP
import Insurance
import NightSchool
import Pages
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import Stations

extension House {
    /// Every route of the service, its documents and its metrics.
    func makeAPI() -> API {
        API(
            routes: registry.routes + stations.routes + programs.routes + checkups.routes + coupons.routes + insurance.routes
                + nightSchool.routes + Pages().routes,
            authenticator: registry.authenticator,
            title: "Waystation", version: "1", log: log, metrics: metrics, proxies: settings.configuration.integer("trusted-proxies"),
            isReady: notReady(Migrator()), onRequestFinished: { [log] in Self.note($0, log) })
    }

    /// One line a request: a warning when we failed, a notice when it took over a second, else only with `--log-level debug`.
    static func note(_ request: FinishedRequest, _ log: Log) {
        let level: Log.Level = request.status >= 500 ? .warning : request.duration >= .seconds(1) ? .notice : .debug
        guard log.writes(level) else { return }
        log.write(
            level, "request",
            [
                "method": .text(request.method.rawValue), "route": .text(request.template), "status": .integer(Int64(request.status)),
                "microseconds": .integer(request.duration.nanoseconds / 1_000), "requestId": .text(request.requestID),
                "traceId": .text(request.traceID ?? ""), "subject": .text(request.subject ?? ""), "code": .text(request.problemCode ?? ""),
            ])
    }

    /// What keeps this server from working: its database, or a schema it was not built for.
    /// - Parameter migrator: made once, for it digests every SQL file.
    private func notReady(_ migrator: Migrator) -> @Sendable () async -> [String] {
        { [database] in
            do {
                return try await migrator.pending(in: database).isEmpty ? [] : ["migrations"]
            } catch {
                return ["database"]
            }
        }
    }

    /// Tells at once what would only be found when everything else is ready.
    static func checkPort(_ settings: Settings) throws {
        let (host, port) = (settings.configuration.text("host") ?? "127.0.0.1", UInt16(settings.configuration.integer("port")))
        do {
            try HTTPServer.checkFree(host: host, port: port)
        } catch {
            throw CommandError("\(error); --port names another port, --host another address")
        }
    }

    /// Serves until a signal ends it; `started` is called once with the port.
    /// - Parameter others: services that are started after the server's own and stopped before them.
    func serve(
        _ signals: Signals, beside others: [any Service] = [], started: @escaping @Sendable (_ port: UInt16) async throws -> Void
    ) async throws {
        let server = HTTPServer(
            makeAPI(), loops: loops,
            configuration: HTTPServer.Configuration(
                host: settings.configuration.text("host") ?? "127.0.0.1", port: UInt16(settings.configuration.integer("port")),
                connectionsMax: settings.configuration.integer("connections")))
        let worker = makeJobWorker()
        worker.show(in: metrics)
        let listener = Listener(
            database,
            channels: [
                DeviceStore.accessChannel: { [registry] in registry.authenticator.forgetAll() },
                AccessCommandStore.channel: { [stations] in stations.ways.desks.ring() },
                QueuedJobStore.channel: { worker.wake() },
            ])
        let writers = WriterWatch(database, metrics: metrics, log: log)
        let features = registry.jobs + stations.jobs + programs.jobs + checkups.jobs + coupons.jobs + insurance.jobs + nightSchool.jobs
        let jobs = features + [writers.job]
        let scheduler = Scheduler(database, jobs: jobs, log: log, settings: settings.scheduler)
        let group = ServiceGroup([listener, scheduler, worker, coupons.tally, server] + others, grace: settings.grace, log: log)
        try await group.run(signals) {
            returnFreeMemory()
            log.notice("serving", ["port": .integer(Int64(server.port)), "loops": .integer(Int64(loops.count))])
            try await started(server.port)
        }
    }
}
