import CLinux
import Glibc
package import Runtime
import Synchronization

/// A folder for a cluster that lives as long as this process, however the process ends.
///
/// A small shell waits at the end of a pipe whose other end only this process holds. When the pipe closes, at the latest with the
/// process, even by `kill -9`, the shell stops the postmaster and deletes the folder. It has a session of its own, so what kills our
/// process group does not reach it.
final class ThrowAwayFolder: Sendable {
    let path: String
    private let pipe: Mutex<CInt?>

    /// Checks by its command line that the process in `postmaster.pid` is this cluster's before it is signalled.
    private static let watch = """
        read -r nothing
        pid=$(head -n 1 "$1/postgres/postmaster.pid" 2> /dev/null)
        if [ -n "$pid" ] && tr '\\0' '\\n' < "/proc/$pid/cmdline" | grep -qxF "$1/postgres"; then kill -QUIT "$pid"; fi
        tries=0
        until rm -rf -- "$1" || [ $tries -ge 100 ]; do tries=$((tries + 1)); sleep 0.1; done
        """

    init() throws(EmbeddedServerError) {
        var template = Array("\(Self.parent)/waystation-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw .system(.last("mkdtemp in \(Self.parent)")) }
        path = template.withUnsafeBufferPointer { String(decoding: $0.dropLast().map(UInt8.init(bitPattern:)), as: UTF8.self) }
        // When we are root PostgreSQL is another user and must pass through.
        guard chmod(path, 0o711) == 0 else { throw .system(.last("chmod \(path)")) }
        var ends: [CInt] = [-1, -1]
        guard pipe2(&ends, O_CLOEXEC) == 0 else { throw .system(.last("pipe2")) }
        defer { close(ends[0]) }
        pipe = Mutex(ends[1])
        do {
            _ = try ChildProcess.start("/bin/sh", ["-c", Self.watch, "waystation-watch", path], input: ends[0])
        } catch {
            close(ends[1])
            throw .system(error)
        }
    }

    /// Lets the shell delete the folder.
    func delete() {
        pipe.withLock { pipe in
            if let open = pipe { close(open) }
            pipe = nil
        }
    }

    /// In memory where there is plenty, because a test run makes and drops hundreds of databases; else where temporary files belong.
    private static var parent: String {
        var information = statvfs()
        let isRoomy = statvfs("/dev/shm", &information) == 0 && UInt64(information.f_bavail) * UInt64(information.f_frsize) > 4 << 30
        if isRoomy, access("/dev/shm", W_OK | X_OK) == 0 { return "/dev/shm" }
        if let folder = getenv("TMPDIR") { return String(cString: folder) }
        return "/tmp"
    }
}

extension EmbeddedServer {
    /// A started server on a folder of its own that ends and vanishes with this process: for tests. Its role may create databases.
    package static func startThrowAway(log: Log = .silent) async throws(EmbeddedServerError) -> EmbeddedServer {
        let folder = try ThrowAwayFolder()
        let server = try EmbeddedServer(dataFolder: folder.path, throwAway: folder, log: log)
        try await server.start()
        return server
    }
}
