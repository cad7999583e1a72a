import FoundationEssentials
import Glibc
import Runtime
import Testing

@testable import Postgres

/// What goes wrong in the witness, not in the server.
struct WitnessFailure: Error, CustomStringConvertible {
    let description: String
}

/// A fresh folder that is deleted afterwards; PostgreSQL's user may pass through it.
func withDataFolder(_ body: (String) async throws -> Void) async throws {
    var template = Array("/tmp/waystation-test-XXXXXX".utf8CString)
    try #require(mkdtemp(&template) != nil)
    let folder = String(decoding: template.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self)
    try #require(chmod(folder, 0o711) == 0)
    let outcome: Result<Void, any Error>
    do { outcome = .success(try await body(folder)) } catch { outcome = .failure(error) }
    try FileManager.default.removeItem(atPath: folder)
    try outcome.get()
}

/// What psql prints, bare; as the role of the service.
@discardableResult
func psql(_ server: EmbeddedServer, _ statement: String) async throws -> String {
    let connection = server.connectionString()
    let outcome = await onThread(name: "psql") {
        Result { () throws(SystemError) in
            let program = PostgresBinaries.installed().first?.path("psql") ?? "psql"
            return try ChildProcess.run(program, ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", connection, "-c", statement])
        }
    }
    let (end, output) = try outcome.get().get()
    guard end == .status(0) else { throw WitnessFailure(description: "psql: \(end): \(output)") }
    return output.hasSuffix("\n") ? String(output.dropLast()) : output
}

/// Asks again every 10 ms until `condition` holds, for at most a minute, which only a broken server needs.
func eventually(_ what: Comment, _ condition: () throws -> Bool) async throws {
    for _ in 0..<6_000 {
        if try condition() { return }
        try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record(what)
}

/// Starts the cluster's postmaster as an earlier Waystation would have left it.
func startOrphan(dataFolder: String) throws -> ChildProcess {
    let program = try PostgresBinaries.choose(cluster: nil, from: PostgresBinaries.installed()).path("postgres")
    let arguments = ["-D", "\(dataFolder)/postgres", "-c", "config_file=\(dataFolder)/postgresql.conf"]
    let command = try EmbeddedUser.current().command(program, arguments)
    return try ChildProcess.start(command.program, command.arguments)
}

/// The listening TCP sockets among the descriptors of a process, as lines of /proc/net.
func listeningInternetSockets(of process: CInt) throws -> [String] {
    var inodes: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: "/proc/\(process)/fd") {
        // A descriptor may close between the listing and the look.
        guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/fd/\(name)") else { continue }
        if target.hasPrefix("socket:[") { inodes.insert(String(target.dropFirst(8).dropLast())) }
    }
    try #require(!inodes.isEmpty, "the postmaster has its Unix socket at least")
    return ["tcp", "tcp6"].flatMap { table in
        let text = String(decoding: FileManager.default.contents(atPath: "/proc/\(process)/net/\(table)") ?? Data(), as: UTF8.self)
        return text.split(separator: "\n").dropFirst().map(String.init).filter { line in
            let fields = line.split(separator: " ")
            return fields.count > 9 && fields[3] == "0A" && inodes.contains(String(fields[9]))
        }
    }
}

/// The permission bits of a file or folder.
func permissions(of path: String) throws -> mode_t {
    var information = stat()
    try #require(stat(path, &information) == 0)
    return information.st_mode & 0o7777
}
