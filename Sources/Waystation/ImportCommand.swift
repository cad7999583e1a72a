import FoundationEssentials
import Glibc
import Registry
import Runtime

extension Command {
    static let importMembers = Command(
        "members import", operands: "FILE", operandCount: 1...1,
        summary: "Imports members from a CSV file (UTF-8 or GB18030, comma or tab); what is refused goes into a result file",
        options: Settings.database + [
            Option("organization", .integer(1...Int.max), placeholder: "ID", help: "the organization of rows that name none"),
            Option("dry-run", .flag, defaultValue: "false", help: "check everything, change nothing"),
            Option("rejections", .text, placeholder: "FILE", help: "where refused rows are written (default: FILE.rejections.csv)"),
        ]
    ) { settings in
        let path = settings.configuration.operands[0]
        let log = try settings.makeLog(level: .warning)
        let file = try InputFile(path)
        let house = try await House.open(settings, log: log, loopCount: 2)
        let outcome: Swift.Result<Void, any Error>
        do {
            outcome = .success(
                try await runImport(
                    house, file, isDryRun: settings.configuration.flag("dry-run"),
                    organization: settings.configuration.text("organization").flatMap { Int64($0) }.map { ID<Organization>($0) },
                    rejections: settings.configuration.text("rejections") ?? path + ".rejections.csv"))
        } catch {
            outcome = .failure(error)
        }
        await house.close()
        try outcome.get()
    }
}

/// Runs an import with its progress bar, writes the result file and the summary.
private func runImport(_ house: House, _ file: InputFile, isDryRun: Bool, organization: ID<Organization>?, rejections path: String)
    async throws
{
    let progress = ImportProgress("Importing")
    let result = try await house.registry.importer.run(
        next: { try file.next() },
        options: MemberImportOptions(organizationID: organization, isDryRun: isDryRun, bytesTotal: Int64(file.size)), requestedBy: "cli",
        onProgress: { progress.update($0) })
    progress.finish()
    let tally = result.tally
    Terminal.output(
        """
        \(isDryRun ? "Dry run, nothing was changed. " : "")\(grouped(tally.read)) rows: \(grouped(tally.inserted)) new, \
        \(grouped(tally.updated)) updated, \(grouped(tally.unchanged)) unchanged, \(grouped(tally.refused)) refused.

        """)
    guard tally.refused > 0 else { return }
    try await writeRejections(of: result, house, to: path)
    Terminal.output("Refused rows, with line, field and reason: \(path)\n")
}

private func writeRejections(of result: MemberImport, _ house: House, to path: String) async throws {
    var bytes = Array(RejectionFile.header.utf8)
    var after: MemberImportRejection?
    while true {
        let page = try await house.registry.imports.rejections(of: result.id, after: after, limit: 1_000)
        guard let last = page.last else { break }
        for rejection in page { bytes += Array(RejectionFile.line(rejection).utf8) }
        after = last
    }
    // Readable by its owner only: it quotes what was in the file.
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw SystemError.last("open \(path)") }
    defer { close(descriptor) }
    var rest = bytes[...]
    while !rest.isEmpty {
        let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
        guard count > 0 else { throw SystemError.last("write \(path)") }
        rest = rest.dropFirst(count)
    }
}

/// A file read in pieces.
final class InputFile: Sendable {
    let size: Int
    private let descriptor: CInt

    init(_ path: String) throws {
        descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw CommandError("cannot read \(path): \(String(cString: strerror(errno)))") }
        var information = stat()
        fstat(descriptor, &information)
        size = Int(information.st_size)
    }

    deinit { close(descriptor) }

    /// The next piece, at most 256 kB; nil at the end.
    func next() throws -> [UInt8]? {
        var bytes = [UInt8](repeating: 0, count: 262_144)
        let count = read(descriptor, &bytes, bytes.count)
        guard count >= 0 else { throw SystemError.last("read") }
        bytes.removeSubrange(count...)
        return count == 0 ? nil : bytes
    }
}
