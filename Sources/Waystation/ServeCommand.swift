import Runtime

extension Command {
    static let serve = Command("serve", summary: "Serves the API until SIGTERM or SIGINT", options: Settings.database + Settings.server) {
        settings in
        let signals = try Signals()
        let log = try settings.makeLog()
        if settings.clock.offsetMicroseconds != 0 {
            log.warning("clock.moved", ["offsetSeconds": .integer(settings.clock.offsetMicroseconds / 1_000_000)])
        }
        try House.checkPort(settings)
        let house = try await House.open(settings, log: log, loopCount: settings.loopCount, keepsCluster: true, signals: signals)
        do {
            try await house.serve(signals) { _ in }
        } catch {
            await house.close()
            throw error
        }
        await house.close()
    }
}
