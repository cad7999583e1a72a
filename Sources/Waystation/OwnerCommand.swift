import FoundationEssentials
import Registry
import Runtime

extension Command {
    static let createOwner = Command(
        "owner create", operands: "NAME", operandCount: 1...1, summary: "Makes the owner's account and prints a bearer token for it, once",
        options: Settings.database + [
            Option(
                "password-file", .text, placeholder: "FILE",
                help: "also set the password that stands in FILE (one line; /dev/stdin reads it from a pipe), to sign in by name")
        ]
    ) { settings in
        let name = settings.configuration.operands[0]
        let password = try settings.configuration.text("password-file").map(readPassword)
        let log = try settings.makeLog(level: .warning)
        let house = try await House.open(settings, log: log, loopCount: 1)
        let outcome: Swift.Result<String, any Error>
        do {
            let token = try await house.registry.accounts.createOwner(name: name)
            if let password { try await house.registry.signIns.setPassword(password, ofAccount: name) }
            outcome = .success(token)
        } catch {
            outcome = .failure(error)
        }
        await house.close()
        let token = try outcome.get()
        Terminal.error("Keep this token: only its digest is stored.\n")
        Terminal.output(token + "\n")
    }
}

/// The first line of the file, without its end.
private func readPassword(_ path: String) throws -> String {
    let bytes = try Data(contentsOf: URL(filePath: path))
    let line = bytes.split(separator: 0x0A, maxSplits: 1, omittingEmptySubsequences: false).first ?? Data()
    guard let text = String(validating: line, as: UTF8.self) else { throw CommandError("the password in \(path) is not UTF-8") }
    return text.hasSuffix("\r") ? String(text.dropLast()) : text
}
