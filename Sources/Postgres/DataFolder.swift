import FoundationEssentials
import Glibc
import Runtime

/// The folder where Waystation keeps its own PostgreSQL and its lock. Held by one process at a time.
///
/// The lock is an flock, so it ends with the process however that ends, and children do not inherit it.
package final class DataFolder: Sendable {
    package let path: String
    private let lock: CInt

    /// `/var/lib/waystation` for root, else `$XDG_DATA_HOME/waystation` or `~/.local/share/waystation`.
    package static func standardPath(environment: [String: String], isRoot: Bool = geteuid() == 0) -> String {
        if isRoot { return "/var/lib/waystation" }
        // The specification of XDG passes over relative paths.
        if let base = environment["XDG_DATA_HOME"], base.hasPrefix("/") { return "\(base)/waystation" }
        return "\(environment["HOME"] ?? "/nonexistent")/.local/share/waystation"
    }

    /// Makes the folder where needed and takes its lock. Blocks for the time of a few file operations.
    package init(_ path: String) throws(EmbeddedServerError) {
        self.path = try Self.make(path)
        let file = "\(self.path)/lock"
        // From here on deinit closes it, also when this throws.
        lock = open(file, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .folderUnusable(path: file, reason: String(cString: strerror(errno))) }
        if flock(lock, LOCK_EX | LOCK_NB) != 0 {
            var bytes = [UInt8](repeating: 0, count: 20)
            let count = pread(lock, &bytes, bytes.count, 0)
            let holder = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).filter(\.isNumber)
            throw .folderInUse(folder: path, process: holder.isEmpty ? "unknown" : holder)
        }
        let holder = Array("\(getpid())\n".utf8)
        guard ftruncate(lock, 0) == 0, pwrite(lock, holder, holder.count, 0) == holder.count else {
            throw .system(.last("write \(file)"))
        }
    }

    deinit { close(lock) }

    /// Makes the folder and its parents and gives its path without links.
    package static func make(_ path: String) throws(EmbeddedServerError) -> String {
        var prefix = path.hasPrefix("/") ? "" : FileManager.default.currentDirectoryPath
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            // Others may pass through, because PostgreSQL runs as another user when we are root, but not look around.
            if mkdir(prefix, geteuid() == 0 ? 0o711 : 0o700) != 0 && errno != EEXIST {
                throw .folderUnusable(path: prefix, reason: "cannot be made: \(String(cString: strerror(errno)))")
            }
        }
        guard let resolved = realpath(prefix, nil) else { throw .folderUnusable(path: prefix, reason: String(cString: strerror(errno))) }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
