import Postgres
import Runtime
import Scheduler

/// The settings every command shares, and those of the server.
struct Settings: Sendable {
    static let database: [Option] = [
        Option("config", .text, placeholder: "FILE", help: "read settings as `name = value` lines from FILE"),
        Option(
            "data", .text, placeholder: "FOLDER",
            help: "where waystation keeps its keys and, without --database, its own PostgreSQL (default: /var/lib/waystation for root, "
                + "else ~/.local/share/waystation; the demo's ends in -demo)"),
        Option("database", .text, placeholder: "URL", help: "an existing PostgreSQL 15 or newer, as libpq reads it; several hosts allowed"),
        Option(
            "pooler", .choice(["none", "transaction"]), placeholder: "none|transaction", defaultValue: "none",
            help: "set to transaction behind PgBouncer: unnamed statements, no LISTEN"),
        Option(
            "keys", .text, placeholder: "FILE", help: "the key file (default: keys.json in --data); keep a copy where the database is not"),
        Option(
            "clock-offset", .integer(-3_155_760_000...3_155_760_000), placeholder: "SECONDS", defaultValue: "0",
            help: "move the clock, for tests and rehearsals only"),
        Option(
            "log-level", .choice(Log.Level.allCases.map(\.name)), placeholder: "LEVEL", defaultValue: "info",
            help: "debug, info, notice, warning or error"),
        Option(
            "log-format", .choice(["auto", "json", "text"]), placeholder: "FORMAT", defaultValue: "auto",
            help: "json or text; auto is text on a terminal"),
    ]

    static let server: [Option] = [
        Option("host", .text, placeholder: "ADDRESS", defaultValue: "127.0.0.1", help: "the address to listen on; 0.0.0.0 for every one"),
        Option("port", .integer(0...65_535), placeholder: "PORT", defaultValue: "8080", help: "the port to listen on; 0 takes a free one"),
        Option("loops", .integer(0...256), placeholder: "N", defaultValue: "0", help: "event loops; 0 is one per core"),
        Option(
            "connections", .integer(1...1_000_000), placeholder: "N", defaultValue: "20000",
            help: "HTTP connections at once; more get 503"),
        Option(
            "join-limit", .integer(1...1_000_000_000), placeholder: "N", defaultValue: "600",
            help: "applications to join that one address may send within ten minutes, without an account"),
        Option(
            "claims-per-address", .integer(1...1_000_000_000), placeholder: "N", defaultValue: "5000",
            help: "claims of coupons that one address may send within a second; a whole factory stands behind one"),
        Option(
            "keep-months", .integer(0...1_200), placeholder: "N", defaultValue: "0",
            help: "drop events of doors that are older than so many whole months, once exported; 0 keeps them for ever"),
        Option(
            "trusted-proxies", .integer(0...10), placeholder: "N", defaultValue: "0",
            help: "reverse proxies in front, whose X-Forwarded-For tells where requests come from; limits count by it"),
        Option(
            "grace", .integer(0...3_600), placeholder: "SECONDS", defaultValue: "10", help: "how long a stop waits for what is in flight"),
        Option(
            "jobs-at-once", .integer(0...64), placeholder: "N", defaultValue: "1",
            help: "queued jobs that this server does at once, fewer than it has cores; 0 leaves them to other servers"),
        Option(
            "job-lease", .integer(1...3_600), placeholder: "SECONDS", defaultValue: "30",
            help: "after so long without a heartbeat another server takes a queued job over; after twice as long a recurring one"),
        auditCheckpoints,
        Option(
            "webhooks-allow-private", .flag, defaultValue: "false",
            help: "let webhooks go to this machine and to private networks, for demos and tests"),
    ]

    static let auditCheckpoints = Option(
        "audit-checkpoints", .text, placeholder: "FILE",
        help: "the file that every seal of the audit is appended to, best out of the database's reach (default: audit-checkpoints.log in "
            + "--data)")

    let configuration: Configuration
    let dataFolder: String
    let clock: Clock

    private let environment: [String: String]

    init(_ configuration: Configuration, environment: [String: String], folderSuffix: String = "") {
        self.configuration = configuration
        self.environment = environment
        dataFolder = configuration.text("data") ?? DataFolder.standardPath(environment: environment) + folderSuffix
        // Commands that work on files alone have no such setting.
        clock = Clock(offsetMicroseconds: (configuration.text("clock-offset").flatMap { Int64($0) } ?? 0) * 1_000_000)
    }

    var keyFile: String { configuration.text("keys") ?? dataFolder + "/keys.json" }
    var auditCheckpointFile: String {
        configuration.text(Self.auditCheckpoints.name) ?? dataFolder + "/audit-checkpoints.log"
    }
    var databaseURL: String? { configuration.text("database") }
    var pooler: Bool { configuration.text("pooler") == "transaction" }
    /// Commands that serve nobody have no such setting and little to wait for.
    var grace: Duration { .seconds(configuration.text("grace").flatMap { Int($0) } ?? 5) }

    /// Commands that serve nobody have no such setting.
    var joinLimit: Int { configuration.text("join-limit").flatMap { Int($0) } ?? 600 }

    /// Commands that serve nobody have no such setting; a storm's whole crowd has one address.
    var claimsPerAddress: Int { isStorm ? 1_000_000_000 : configuration.text("claims-per-address").flatMap { Int($0) } ?? 5_000 }

    /// Only the demo has such a setting.
    var isStorm: Bool { configuration.flag("storm") }

    /// Commands that serve nobody drop nothing.
    var keepMonths: Int32 { configuration.text("keep-months").flatMap { Int32($0) } ?? 0 }

    var jobWorker: JobWorker.Settings {
        var worker = JobWorker.Settings()
        // Commands that serve nobody have no such settings.
        worker.atOnce = configuration.text("jobs-at-once").flatMap { Int($0) } ?? 0
        worker.lease = jobLease
        return worker
    }

    /// Recurring jobs change hands more slowly: each has a heartbeat of its own.
    var scheduler: Scheduler.Settings {
        var scheduler = Scheduler.Settings()
        scheduler.lease = jobLease * 2
        scheduler.look = min(scheduler.look, jobLease)
        return scheduler
    }

    private var jobLease: Duration { .seconds(configuration.text("job-lease").flatMap { Int($0) } ?? 30) }

    var loopCount: Int {
        let asked = configuration.integer("loops")
        return asked > 0 ? asked : coreCount()
    }

    /// The same settings with another standard data folder, so that a demo never touches the service's own.
    func withFolderSuffix(_ suffix: String) -> Settings { Settings(configuration, environment: environment, folderSuffix: suffix) }

    static func options(without names: String...) -> [Option] { database.filter { !names.contains($0.name) } }

    /// The log on standard error.
    func makeLog(level: Log.Level? = nil) throws -> Log {
        let asText: Bool
        switch configuration.text("log-format") {
        case "json": asText = false
        case "text": asText = true
        default: asText = isTerminal(2)
        }
        let named = Log.Level.allCases.first { $0.name == configuration.text("log-level") } ?? .info
        let isGiven = configuration.origin("log-level") != .standard
        return Log(try LogSink(descriptor: 2), level: isGiven ? named : level ?? named, format: asText ? .text : .json, clock: clock)
    }
}
