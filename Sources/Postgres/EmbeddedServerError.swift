package import Runtime

/// Why Waystation cannot keep its own PostgreSQL; each says what to do about it.
package enum EmbeddedServerError: Error, Hashable, CustomStringConvertible {
    /// No usable server programs; `found` are the versions that are too old.
    case notInstalled(found: [Int])
    /// The cluster was made by another major version.
    case otherVersion(cluster: Int, installed: [Int])
    /// Another Waystation works on the folder.
    case folderInUse(folder: String, process: String)
    case folderUnusable(path: String, reason: String)
    /// PostgreSQL runs as `user`, who cannot reach the data folder through `path`.
    case notTraversable(path: String, user: String)
    /// We run as root and there is no user to run PostgreSQL as.
    case noUser
    case initializationFailed(output: String)
    case startFailed(reason: String)
    case stopped
    case system(SystemError)

    package var description: String {
        switch self {
        case .notInstalled(let found):
            let old = found.isEmpty ? "" : " (found: \(list(found)))"
            return "PostgreSQL \(PostgresBinaries.versionMin) or newer is not installed\(old): "
                + "apt-get install postgresql, or name a server with --database"
        case .otherVersion(let cluster, let installed):
            return "the data folder holds a cluster of PostgreSQL \(cluster), installed is \(list(installed)): "
                + "apt-get install postgresql-\(cluster), or move the data with pg_upgrade"
        case .folderInUse(let folder, let process):
            return "the data folder \(folder) is in use by another waystation (process \(process)): stop it, or choose another with --data"
        case .folderUnusable(let path, let reason): return "\(path): \(reason)"
        case .notTraversable(let path, let user):
            return "PostgreSQL runs as user \(user), who may not enter \(path): chmod o+x \(path), or choose another folder with --data"
        case .noUser: return "PostgreSQL refuses to run as root and there is no user postgres: adduser --system --group postgres"
        case .initializationFailed(let output): return "initdb failed: \(output)"
        case .startFailed(let reason): return "PostgreSQL did not start: \(reason)"
        case .stopped: return "PostgreSQL was stopped while it started"
        case .system(let error): return error.description
        }
    }

    private func list(_ versions: [Int]) -> String {
        Set(versions).sorted(by: >).map(String.init).joined(separator: ", ")
    }
}
