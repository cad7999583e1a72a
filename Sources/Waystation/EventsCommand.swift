import Crypto
import Glibc
import Registry
import Runtime
import Stations

extension Command {
    static let exportEvents = Command(
        "events export", operands: "FILE", operandCount: 1...1,
        summary: "Writes the doors' events of a month that is over into a CSV file; only then --keep-months drops them",
        options: Settings.database + [Option("month", .text, placeholder: "YYYY-MM", help: "the month, UTC; needed")]
    ) { settings in
        guard let month = settings.configuration.text("month").flatMap({ EventMonth($0) }) else {
            throw CommandError("say which month: --month 2026-01")
        }
        try await withHouse(settings) { house in
            try await export(month, house.stations.visits.archive, to: settings.configuration.operands[0])
        }
    }

    static let rebuildFigures = Command(
        "figures rebuild", summary: "Makes the stations' figures and the members' histories anew from the events",
        options: Settings.database
    ) { settings in
        try await withHouse(settings) { house in
            let events = try await house.stations.visits.figures.rebuild()
            try await house.registry.audit.record(
                "figures.rebuilt", subject: "figures", organization: nil, details: ["events": "\(events)"],
                actor: "command:figures.rebuild", in: house.database)
            Terminal.output("\(grouped(events)) events counted.\n")
        }
    }
}

/// Runs a command that serves nobody in a house of its own.
func withHouse(_ settings: Settings, _ body: (House) async throws -> Void) async throws {
    let house = try await House.open(settings, log: try settings.makeLog(level: .warning), loopCount: 1)
    let outcome: Swift.Result<Void, any Error>
    do { outcome = .success(try await body(house)) } catch { outcome = .failure(error) }
    await house.close()
    try outcome.get()
}

/// Writes beside the file first, so that there is never half of one under its name; notes the export when all of it is on the disk.
private func export(_ month: EventMonth, _ archive: EventArchiveStore, to path: String) async throws {
    let file = try OutputFile(path + ".part")
    let digest: EventArchiveStore.Digest
    do {
        digest = try await archive.export(month) { try file.write($0) }
    } catch let error as EventArchiveStore.ExportError {
        file.remove()
        switch error {
        case .noSuchMonth: throw CommandError("there are no events of \(month): it was dropped, or is none of the months there are")
        case .monthNotOver: throw CommandError("\(month) is not over yet (UTC)")
        }
    } catch {
        file.remove()
        throw error
    }
    try file.finish(as: path)
    try await archive.finish(month, digest, by: "command:events.export")
    Terminal.output("\(grouped(Int(digest.events))) events of \(month) in \(path)\nSHA-256 \(Hex.encode(digest.sha256))\n")
}

/// A file under construction, readable by its owner only.
private final class OutputFile: Sendable {
    private let path: String
    private let descriptor: CInt

    init(_ path: String) throws {
        self.path = path
        descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw CommandError("cannot write \(path): \(String(cString: strerror(errno)))") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8]) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            guard count > 0 else { throw SystemError.last("write \(path)") }
            rest = rest.dropFirst(count)
        }
    }

    /// Puts it on the disk, then under its name.
    func finish(as name: String) throws {
        guard fsync(descriptor) == 0 else { throw SystemError.last("fsync \(path)") }
        guard rename(path, name) == 0 else { throw SystemError.last("rename \(path)") }
        // The folder's own entry too. One that cannot be opened has nothing more to promise.
        let folder = open(name.contains("/") ? String(name[..<(name.lastIndex(of: "/") ?? name.startIndex)]) + "/" : ".", O_RDONLY)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    func remove() { unlink(path) }
}
