import Checkups
import Coupons
import Crypto
import FoundationEssentials
import HTTP
import Insurance
import NightSchool
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import Stations

/// All of the service, composed: what is started, in which order, and which routes it serves.
struct House: Sendable {
    let settings: Settings
    let log: Log
    let embedded: EmbeddedServer?
    let loops: [EventLoop]
    let keys: Keys
    let database: Database
    let registry: Registry
    let stations: Stations
    let programs: Programs
    let checkups: Checkups
    let coupons: Coupons
    let insurance: Insurance
    let nightSchool: NightSchool
    let metrics: Metrics

    /// How queued work is done, by kind: every feature's.
    var handlers: [QueuedJobHandler] { programs.handlers + insurance.handlers }

    var queuedJobs: QueuedJobStore { QueuedJobStore(database, clockOffsetMicroseconds: settings.clock.offsetMicroseconds) }

    func makeJobWorker() -> JobWorker {
        JobWorker(
            database, handlers: handlers, log: log, clockOffsetMicroseconds: settings.clock.offsetMicroseconds,
            settings: settings.jobWorker)
    }

    /// Opens the data folder, the keys and the database, and brings the schema up to date when asked to.
    /// - Parameters:
    ///   - loopCount: 1 is enough for commands that serve nobody.
    ///   - signals: end the wait for a database that does not come.
    ///   - keepsCluster: servers keep the embedded cluster for themselves; other commands share one that runs.
    ///   - showsMessages: of a demo only: messages to phones stand in the log, too.
    static func open(
        _ settings: Settings, log: Log, loopCount: Int, keepsCluster: Bool = false, showsMessages: Bool = false, signals: Signals? = nil
    ) async throws -> House {
        var embedded: EmbeddedServer?
        let connectionString: String
        if keepsCluster { try prepareCheckpoints(settings.auditCheckpointFile) }
        if let given = settings.databaseURL {
            connectionString = given
        } else if !keepsCluster, let running = EmbeddedServer.runningConnectionString(dataFolder: settings.dataFolder) {
            // A server keeps the cluster; commands beside it share it.
            connectionString = running
        } else {
            let server = try await EmbeddedServer.start(dataFolder: settings.dataFolder, log: log)
            embedded = server
            connectionString = server.connectionString()
        }
        do {
            let loops = try (0..<loopCount).map { try EventLoop.start(name: "loop-\($0)") }
            let preparation = Preparation(settings: settings, log: log, signals: signals)
            let keys = try await preparation.run(connectionString, on: loops[0])
            let database = Database(try ConnectionSettings(connectionString, pooler: settings.pooler), loops: loops, log: log)
            let registry = Registry(
                database: database, keys: keys, loops: loops, clock: settings.clock, log: log,
                settings: RegistrySettings(
                    auditCheckpoints: settings.auditCheckpointFile,
                    webhooksAllowPrivate: settings.configuration.flag("webhooks-allow-private")),
                joinLimits: SubmissionLimiter.Limits(submissionsMax: settings.joinLimit),
                showsMessages: showsMessages)
            let metrics = Metrics()
            let stations = Stations(
                database: database, registry: registry, keys: keys, clock: settings.clock, metrics: metrics,
                keepMonths: settings.keepMonths)
            let programs = Programs(database: database, registry: registry, keys: keys, clock: settings.clock, log: log)
            let checkups = Checkups(database: database, registry: registry, programs: programs, keys: keys, clock: settings.clock)
            let coupons = Coupons(
                database: database, registry: registry, programs: programs, keys: keys, clock: settings.clock, log: log,
                limits: ClaimLimiter.Limits(perAddress: settings.claimsPerAddress))
            let insurance = Insurance(database: database, registry: registry, keys: keys, clock: settings.clock)
            let nightSchool = NightSchool(database: database, registry: registry, keys: keys, clock: settings.clock)
            let house = House(
                settings: settings, log: log, embedded: embedded, loops: loops, keys: keys, database: database, registry: registry,
                stations: stations, programs: programs, checkups: checkups, coupons: coupons, insurance: insurance,
                nightSchool: nightSchool, metrics: metrics)
            try await preparation.patiently { try await database.start() }
            try await preparation.patiently { try await stations.prepare() }
            return house
        } catch {
            await embedded?.stop(grace: .seconds(10))
            throw error
        }
    }

    /// A server that cannot write its second sink would never seal anything.
    private static func prepareCheckpoints(_ path: String) throws(CommandError) {
        do {
            try AuditCheckpointFile(path: path).prepare()
        } catch {
            throw CommandError("cannot write the audit's checkpoints to \(path) (\(error)): --audit-checkpoints names another file")
        }
    }

    /// Closes what `open` opened, in reverse.
    func close() async {
        await database.stop(grace: settings.grace)
        for loop in loops { loop.shutDown() }
        await embedded?.stop(grace: settings.grace)
        log.flush()
    }
}
