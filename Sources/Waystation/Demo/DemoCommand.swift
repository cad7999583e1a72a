import FoundationEssentials
import Postgres
import Runtime

extension Command {
    static let demo = Command(
        "demo", summary: "Everything at once: its own PostgreSQL, 14 stations, made-up members who come and go, a door, the server",
        options: Settings.options(without: "database", "pooler") + Settings.server + [
            Option("fresh", .flag, defaultValue: "false", help: "forget what the demo did before and start over"),
            Option("members", .integer(1...5_000_000), placeholder: "N", defaultValue: "20000", help: "how many members to make up"),
            Option(
                "applicants", .integer(0...1_000_000), placeholder: "N", defaultValue: "200000",
                help: "how many want a checkup in Changzhou's year; 0: no such year"),
            Option(
                "storm", .flag, defaultValue: "false",
                help: "let as many members as --members says race for a round of coupons that opens, and show who got what"),
        ]
    ) { settings in
        let signals = try Signals()
        let settings = settings.withFolderSuffix("-demo")
        let log = try settings.makeLog(level: .warning)
        try House.checkPort(settings)
        if settings.configuration.flag("fresh") { try await DemoState.forget(settings, log: log) }
        Terminal.error("Starting PostgreSQL in \(settings.dataFolder) …\n")
        let house = try await House.open(
            settings, log: log, loopCount: settings.loopCount, keepsCluster: true, showsMessages: true, signals: signals)
        do {
            let (prepared, life) = try await Demo(house, signals).prepare()
            try await house.serve(signals, beside: [life, DemoTablets(house)]) { port in
                let state = try await Demo(house, signals).openSchool(prepared, port: port)
                Terminal.output(try await DemoScreen(house, state, port: port).text())
                guard settings.isStorm, let winter = state.winter else { return }
                Terminal.output(try await DemoStorm(house, winter, port: port).run().text)
            }
        } catch {
            await house.close()
            guard signals.hasArrived else { throw error }
            Terminal.error("Stopped while it was being made up; starting it again goes on from there.\n")
            return
        }
        Terminal.error("Stopping …\n")
        await house.close()
    }
}

/// What the demo remembers between starts: secrets that it shows again and that exist nowhere else.
struct DemoState: Codable, Sendable {
    var ownerToken: String
    var deviceKey: String
    var accessPointID: Int64
    var accessPointName: String
    var memberID: Int64
    var deviceID: Int64
    /// The workers' comings and goings began here, microseconds since 1970, and are made up to there.
    var trafficFrom: Int64
    var trafficUntil: Int64
    var memberCount: Int
    /// Of a demo without applicants nil.
    var year: DemoYear.State?
    /// Of a demo that an earlier program made nil, until it is started again.
    var winter: DemoWinter.State?
    /// Of a demo without applicants nil.
    var gifts: DemoGifts.State?
    /// Of a demo without applicants nil, and until its server has run once.
    var school: DemoSchool.State?
    /// Of a demo that an earlier program made nil, until it is started again.
    var accounts: DemoAccounts.State?

    static func path(_ settings: Settings) -> String { settings.dataFolder + "/demo.json" }

    /// Where `waystation door` finds its key, what it remembers, and its scanner.
    static func controllerFiles(_ settings: Settings) -> (key: String, folder: String, scanner: String) {
        (settings.dataFolder + "/door.key", settings.dataFolder + "/door", settings.dataFolder + "/scanner")
    }

    static func load(_ settings: Settings) -> DemoState? {
        guard let bytes = FileManager.default.contents(atPath: path(settings)) else { return nil }
        do { return try JSONDecoder().decode(DemoState.self, from: bytes) } catch { return nil }
    }

    func save(_ settings: Settings) throws {
        let path = Self.path(settings)
        try JSONEncoder().encode(self).write(to: URL(filePath: path))
        try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
    }

    /// Drops the demo's database, its keys and its memory; refuses a folder that no demo made.
    static func forget(_ settings: Settings, log: Log) async throws {
        guard FileManager.default.fileExists(atPath: settings.dataFolder) else { return }
        guard
            FileManager.default.fileExists(atPath: settings.dataFolder + "/demo")
                || !FileManager.default.fileExists(atPath: settings.dataFolder + "/postgres")
        else { throw CommandError("\(settings.dataFolder) was not made by the demo; --fresh leaves it alone") }
        try await EmbeddedServer.erase(dataFolder: settings.dataFolder, log: log)
        let files = controllerFiles(settings)
        // The checkpoints too: they are signed by the old key.
        for file in [path(settings), settings.keyFile, settings.auditCheckpointFile, files.key, files.folder, files.scanner]
        where FileManager.default.fileExists(atPath: file) {
            try FileManager.default.removeItem(atPath: file)
        }
    }
}
