import Registry
import Runtime

extension Command {
    static let createOwner = Command(
        "owner create", operands: "NAME", operandCount: 1...1, summary: "Makes the owner's account and prints a bearer token for it, once",
        options: Settings.database
    ) { settings in
        let log = try settings.makeLog(level: .warning)
        let house = try await House.open(settings, log: log, loopCount: 1)
        let outcome: Swift.Result<String, any Error>
        do {
            outcome = .success(try await house.registry.accounts.createOwner(name: settings.configuration.operands[0]))
        } catch {
            outcome = .failure(error)
        }
        await house.close()
        let token = try outcome.get()
        Terminal.error("Keep this token: only its digest is stored.\n")
        Terminal.output(token + "\n")
    }
}
