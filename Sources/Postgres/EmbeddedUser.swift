import Glibc
import Runtime

/// Who PostgreSQL runs as: ourselves, or, because PostgreSQL refuses root, the user `postgres` when we are root.
struct EmbeddedUser: Hashable, Sendable {
    let name: String
    let id: uid_t
    let group: gid_t
    /// Whether programs must be started through `setpriv`.
    let isDropped: Bool

    static func current() throws(EmbeddedServerError) -> EmbeddedUser {
        let own = geteuid()
        if own != 0 { return EmbeddedUser(name: "uid \(own)", id: own, group: getegid(), isDropped: false) }
        guard let entry = getpwnam("postgres") else { throw .noUser }
        return EmbeddedUser(name: "postgres", id: entry.pointee.pw_uid, group: entry.pointee.pw_gid, isDropped: true)
    }

    /// The program and arguments that run `program` as this user. setpriv (util-linux, on every Debian) replaces itself by the program,
    /// so the process id stays the child's.
    func command(_ program: String, _ arguments: [String]) -> (program: String, arguments: [String]) {
        guard isDropped else { return (program, arguments) }
        let drop = ["--reuid=\(id)", "--regid=\(group)", "--clear-groups", "--inh-caps=-all", "--"]
        return ("/usr/bin/setpriv", drop + [program] + arguments)
    }

    /// Makes a folder that only this user may enter, or checks that it is one.
    func makePrivateFolder(_ path: String) throws(EmbeddedServerError) {
        if mkdir(path, 0o700) == 0 {
            guard !isDropped || chown(path, id, group) == 0 else { throw .system(.last("chown \(path)")) }
            return
        }
        guard errno == EEXIST else { throw .folderUnusable(path: path, reason: "cannot be made: \(String(cString: strerror(errno)))") }
        var information = stat()
        // lstat: a link that a stranger laid in a shared folder is refused.
        guard lstat(path, &information) == 0 else { throw .system(.last("lstat \(path)")) }
        guard information.st_mode & S_IFMT == S_IFDIR else { throw .folderUnusable(path: path, reason: "is not a folder") }
        guard information.st_uid == id else {
            throw .folderUnusable(path: path, reason: "belongs to user id \(information.st_uid), but PostgreSQL runs as \(name) here")
        }
        guard information.st_mode & 0o077 == 0 || chmod(path, 0o700) == 0 else { throw .system(.last("chmod \(path)")) }
    }

    /// Fails, naming the first folder on the way that shuts us out, when this user cannot reach `path`.
    func checkReach(_ path: String) throws(EmbeddedServerError) {
        guard isDropped, try !mayEnter(path) else { return }
        var prefix = ""
        for part in path.split(separator: "/") {
            prefix += "/\(part)"
            if try !mayEnter(prefix) { throw .notTraversable(path: prefix, user: name) }
        }
    }

    private func mayEnter(_ path: String) throws(EmbeddedServerError) -> Bool {
        let command = command("/usr/bin/test", ["-x", path])
        do {
            return try ChildProcess.run(command.program, command.arguments).end == .status(0)
        } catch {
            throw .system(error)
        }
    }
}
