import Crypto
import Postgres
import Registry
import Runtime

extension Command {
    static let rotateKeys = Command(
        "keys rotate",
        summary: "Replaces the master key, in three calls with restarts between; old backups then tell nobody erased since",
        options: Settings.database + [
            Option(
                "servers-stopped", .flag, defaultValue: "false",
                help: "no server runs: does all three steps in one call; refused while anything else is connected to the database")
        ]
    ) { settings in
        let log = try settings.makeLog(level: .warning)
        try await DatabaseOnly.run(settings, log: log) { database in
            guard try await Migrator().pending(in: database).isEmpty else {
                throw CommandError("the schema is not up to date: run waystation migrate")
            }
            do {
                try await rotate(settings, database)
            } catch let error as KeyFileError {
                throw CommandError("\(error)")
            } catch let error as KeyRotation.Refusal {
                throw CommandError("\(error)")
            }
        }
    }
}

private func rotate(_ settings: Settings, _ database: Database) async throws {
    let keys = try KeyFile.open(path: settings.keyFile)
    switch try await KeyFingerprintStore(database).check(keys) {
    case .foreign: throw CommandError("this database was sealed with another key file than \(settings.keyFile)")
    // A key that was added here and not noted yet is in the file, not the other way round.
    case .outdated(let id): throw CommandError("\(settings.keyFile) lacks master key \(id): copy the newer file here")
    case .accepted: break
    }
    let isAlone = settings.configuration.flag("servers-stopped")
    if isAlone, try await MasterKeyStore(database).otherConnections() > 0 {
        throw CommandError("something else is connected to the database: stop it, or leave --servers-stopped out")
    }
    let rotation = KeyRotation(database: database, keyFile: settings.keyFile)
    while true {
        let step = try await rotation.runOnce { Terminal.error("\(grouped($0)) sealed anew\n") }
        Terminal.output(sentence(step, isAlone: isAlone))
        if !isAlone || step == .reseal { return }
    }
}

private func sentence(_ step: KeyRotation.Step, isAlone: Bool) -> String {
    let next = isAlone ? "" : " Copy the key file to every server, restart all of them, then call this again."
    return switch step {
    case .add: "A new master key is in the key file, not in force yet.\(next)\n"
    case .promote: "The new master key is in force.\(next)\n"
    case .reseal:
        "Everything is sealed under the new master key; the one of before is no longer in the key file. Copy the file to every server "
            + "and restart it. Then destroy every older copy of the key file: while one is left, old backups can be read with it.\n"
    }
}
