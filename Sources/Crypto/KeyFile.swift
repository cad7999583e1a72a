import Glibc

/// The file that holds the service's secrets, outside the database: JSON, mode 0600.
///
/// Losing it loses every sealed field for good, and all member codes must be made anew: keep a copy where the database's backups are not.
/// It is written whole to a file of another name, brought to the disk, and only then given its name, so it is there whole or not at all.
package enum KeyFile {
    private static let byteCountMax = 1 << 20

    /// The keys in the file at `path`; with no file there, new random keys in a new file. Processes that start at once get the same keys.
    package static func openOrCreate(path: String) throws(KeyFileError) -> Keys {
        do {
            return try open(path: path)
        } catch .notFound {
            do {
                return try create(path: path)
            } catch .exists {
                return try open(path: path)
            }
        }
    }

    /// The keys in the file at `path`, which only its owner may read and write.
    package static func open(path: String) throws(KeyFileError) -> Keys {
        let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw errno == ENOENT ? .notFound(path: path) : .system(path: path, call: "open", code: errno)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .system(path: path, call: "fstat", code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw .damaged(path: path, reason: "not a regular file") }
        guard status.st_mode & 0o077 == 0 else { throw .exposed(path: path, mode: status.st_mode & 0o7777) }
        guard status.st_size <= byteCountMax else { throw .damaged(path: path, reason: "larger than any key file") }
        do {
            return try KeyFileContent.keys(in: try read(descriptor, path: path))
        } catch let damage as KeyFileContent.Damage {
            throw .damaged(path: path, reason: damage.reason)
        } catch let error as KeyFileError {
            throw error
        } catch {
            throw .damaged(path: path, reason: "unreadable")
        }
    }

    /// New random keys in a new file at `path`, whose folder must exist.
    package static func create(path: String) throws(KeyFileError) -> Keys {
        let keys = Keys.random()
        let draft = "\(path).\(Hex.encode(SecureRandom.bytes(8)))"
        try write(KeyFileContent.bytes(of: keys), draft: draft)
        // A link, unlike a rename, never replaces what another process has put there meanwhile.
        let linked = link(draft, path)
        let code = errno
        unlink(draft)
        guard linked == 0 else {
            throw code == EEXIST ? .exists(path: path) : .system(path: path, call: "link", code: code)
        }
        try synchronizeFolder(of: path)
        return keys
    }

    /// Puts `keys` in the place of those in the file at `path`: whoever opens it finds all of the old or all of the new.
    package static func replace(path: String, with keys: Keys) throws(KeyFileError) {
        let draft = "\(path).\(Hex.encode(SecureRandom.bytes(8)))"
        try write(KeyFileContent.bytes(of: keys), draft: draft)
        guard rename(draft, path) == 0 else {
            let code = errno
            unlink(draft)
            throw .system(path: path, call: "rename", code: code)
        }
        try synchronizeFolder(of: path)
    }

    private static func read(_ descriptor: CInt, path: String) throws(KeyFileError) -> [UInt8] {
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 65536)
        while bytes.count <= byteCountMax {
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { break }
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { throw .system(path: path, call: "read", code: errno) }
            bytes.append(contentsOf: piece[..<count])
        }
        return bytes
    }

    private static func write(_ bytes: [UInt8], draft: String) throws(KeyFileError) {
        let descriptor = Glibc.open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .system(path: draft, call: "open", code: errno) }
        defer { close(descriptor) }
        var written = 0
        var failed: String?
        while written < bytes.count && failed == nil {
            let count = bytes[written...].withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count >= 0 { written += count } else if errno != EINTR { failed = "write" }
        }
        if failed == nil && fsync(descriptor) != 0 { failed = "fsync" }
        guard let failed else { return }
        let code = errno
        unlink(draft)
        throw .system(path: draft, call: failed, code: code)
    }

    /// A file's name is on the disk only when its folder is.
    private static func synchronizeFolder(of path: String) throws(KeyFileError) {
        let folder = path.lastIndex(of: "/").map { path.startIndex == $0 ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = Glibc.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .system(path: folder, call: "open", code: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .system(path: folder, call: "fsync", code: errno) }
    }
}
