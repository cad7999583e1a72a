import FoundationEssentials
import Glibc
import Runtime

/// The cluster's files in the data folder, and the programs that make and start it. Everything here blocks: for threads, never for loops.
///
/// ```
/// <data>/lock                      one Waystation at a time
/// <data>/postgres/                 the cluster; made as postgres.new and renamed when whole, so a cut initdb leaves nothing behind
/// <data>/postgresql.conf           our settings, written anew at every start
/// <data>/postgresql.local.conf     the operator's settings, if there are any; they win
/// <data>/pg_hba.conf, pg_ident.conf
/// <data>/postgres.start.log        what the last start said before its log was open
/// <data>/log/                      PostgreSQL's log, a week of it
/// <data>/socket/                   the Unix socket, unless the path is too long for one
/// ```
/// The settings stand outside the cluster's folder because root writes them, and root must not write where another user can lay a link.
struct EmbeddedCluster: Sendable {
    /// A Unix socket's path may have 107 bytes; some room is left for PostgreSQL's temporary names.
    private static let socketPathBytesMax = 100

    let data: DataFolder
    let user: EmbeddedUser
    let binaries: PostgresBinaries
    let isThrowAway: Bool
    let socketFolder: String

    var folder: String { "\(data.path)/postgres" }
    private var configuration: String { "\(data.path)/postgresql.conf" }
    private var startLog: String { "\(data.path)/postgres.start.log" }

    /// Takes the folder's lock, finds the programs and makes the cluster if there is none.
    init(dataFolder: String, isThrowAway: Bool) throws(EmbeddedServerError) {
        user = try EmbeddedUser.current()
        data = try DataFolder(dataFolder)
        self.isThrowAway = isThrowAway
        try user.checkReach(data.path)
        let installed = PostgresBinaries.installed()
        binaries = try PostgresBinaries.choose(cluster: Self.version(ofCluster: "\(data.path)/postgres"), from: installed)
        socketFolder = Self.socketFolder(for: data.path)
        try user.makePrivateFolder(socketFolder)
        try user.makePrivateFolder("\(data.path)/log")
    }

    /// Whether the settings now written differ from those that a running cluster was started with.
    func writeSettings() throws(EmbeddedServerError) -> Bool {
        var changed = false
        for (name, text) in [
            ("postgresql.conf", settings),
            ("pg_hba.conf", "# Whoever may enter the socket's folder is the user who owns it.\nlocal all all trust\n"),
            ("pg_ident.conf", ""),
        ] {
            let path = "\(data.path)/\(name)"
            let bytes = Data(text.utf8)
            if FileManager.default.contents(atPath: path) == bytes { continue }
            changed = true
            do { try bytes.write(to: URL(filePath: path), options: .atomic) } catch {
                throw .folderUnusable(path: path, reason: "cannot be written")
            }
            // No secrets; PostgreSQL reads it as another user when we are root.
            guard chmod(path, 0o644) == 0 else { throw .system(.last("chmod \(path)")) }
        }
        return changed
    }

    /// Makes the cluster, the role and the database `waystation` unless they stand.
    func initialize() throws(EmbeddedServerError) {
        if access("\(folder)/PG_VERSION", F_OK) == 0 { return try user.makePrivateFolder(folder) }
        let fresh = folder + ".new"
        try Self.delete([fresh])
        try user.makePrivateFolder(fresh)
        var arguments = [
            "--pgdata=\(fresh)", "--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--data-checksums",
            "--auth-local=trust", "--auth-host=reject", "--no-instructions",
        ]
        if isThrowAway { arguments.append("--no-sync") }
        try require(runAsUser(binaries.path("initdb"), arguments))
        // Waystation is not the superuser, so what it may be tricked into stays inside its own database.
        let statements = """
            create role waystation login \(isThrowAway ? "createdb" : "")
            grant pg_monitor to waystation
            create database waystation owner waystation

            """
        let single = ["--single", "-D", fresh, "-c", "exit_on_error=on", "-c", "log_min_messages=error", "postgres"]
        try require(runAsUser(binaries.path("postgres"), single, input: statements))
        guard rename(fresh, folder) == 0 else { throw .system(.last("rename \(fresh)")) }
    }

    /// Starts the postmaster; it is ready when `postmaster.pid` says so.
    func startPostmaster() throws(SystemError) -> ChildProcess {
        let log = open(startLog, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard log >= 0 else { throw .last("open \(startLog)") }
        defer { close(log) }
        // `-D` comes first: an orphan is known by it.
        let command = user.command(binaries.path("postgres"), ["-D", folder, "-c", "config_file=\(configuration)"])
        return try ChildProcess.start(command.program, command.arguments, output: log, errors: log)
    }

    /// The last lines of what the start said.
    var startReport: String {
        let bytes = FileManager.default.contents(atPath: startLog) ?? Data()
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").suffix(3)
        return lines.joined(separator: " | ") + " (more in \(data.path)/log)"
    }

    /// Deletes files and folders. By rm, which is safe against links laid meanwhile by the user whose folders these are.
    static func delete(_ paths: [String]) throws(EmbeddedServerError) {
        let outcome: (end: ChildProcess.End, output: String)
        do { outcome = try ChildProcess.run("/usr/bin/rm", ["-rf", "--"] + paths) } catch { throw .system(error) }
        guard outcome.end == .status(0) else { throw .folderUnusable(path: paths[0], reason: outcome.output) }
    }

    // MARK: Parts

    private static func version(ofCluster folder: String) -> Int? {
        guard let bytes = FileManager.default.contents(atPath: "\(folder)/PG_VERSION") else { return nil }
        return Int(String(decoding: bytes, as: UTF8.self).prefix(while: \.isNumber))
    }

    /// In the data folder where its path fits a Unix socket; else in the place for run-time files, under a name made of the path.
    static func socketFolder(for data: String) -> String {
        if "\(data)/socket/.s.PGSQL.5432".utf8.count <= socketPathBytesMax { return "\(data)/socket" }
        // FNV-1a, 64 bits: a name, not a secret; the folder is private and its owner is checked.
        let hash = data.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return "\(geteuid() == 0 ? "/run" : "/tmp")/waystation-\(geteuid())-\(String(hash, radix: 16))"
    }

    private func runAsUser(
        _ program: String, _ arguments: [String], input: String = ""
    ) throws(EmbeddedServerError) -> (end: ChildProcess.End, output: String) {
        let command = user.command(program, arguments)
        do { return try ChildProcess.run(command.program, command.arguments, input: input) } catch { throw .system(error) }
    }

    private func require(_ outcome: (end: ChildProcess.End, output: String)) throws(EmbeddedServerError) {
        guard outcome.end == .status(0) else {
            let lines = outcome.output.split(separator: "\n").suffix(4).joined(separator: " | ")
            throw .initializationFailed(output: "\(outcome.end): \(lines)")
        }
    }
}
