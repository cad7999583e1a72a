import Glibc
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
        // Before anything is made: a token that is not shown is one that nobody can use or end.
        if let password { try SignIns.check(password, ofAccount: name) }
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

/// The first line of the file, or of what comes through a pipe, without its end.
private func readPassword(_ path: String) throws -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw CommandError("cannot read \(path): \(String(cString: strerror(errno)))") }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 1_024)
    // No password is as long as this, and a wrong file may be longer than memory.
    while bytes.count < 65_536, !bytes.contains(0x0A) {
        let count = read(descriptor, &piece, piece.count)
        if count < 0 && errno == EINTR { continue }
        guard count >= 0 else { throw CommandError("cannot read \(path): \(String(cString: strerror(errno)))") }
        if count == 0 { break }
        bytes += piece[..<count]
    }
    let line = bytes.prefix { $0 != 0x0A }
    guard let text = String(validating: line, as: UTF8.self) else { throw CommandError("the password in \(path) is not UTF-8") }
    return text.hasSuffix("\r") ? String(text.dropLast()) : text
}
