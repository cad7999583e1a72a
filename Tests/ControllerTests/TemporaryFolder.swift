import Glibc
import Runtime

/// A folder of a test's own, gone with it.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = "/var/tmp/waystation-controller-\(getpid())-\(UInt64.random(in: 0 ... .max))"
        guard mkdir(path, 0o700) == 0 else { throw SystemError.last("mkdir") }
    }

    deinit {
        do { _ = try ChildProcess.run("/bin/rm", ["-rf", path]) } catch { print("could not remove \(path): \(error)") }
    }

    func read(_ name: String) throws -> [UInt8] {
        let descriptor = open("\(path)/\(name)", O_RDONLY)
        guard descriptor >= 0 else { throw SystemError.last("open") }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Int(lseek(descriptor, 0, SEEK_END)))
        guard pread(descriptor, &bytes, bytes.count, 0) == bytes.count else { throw SystemError.last("pread") }
        return bytes
    }

    func write(_ bytes: [UInt8], to name: String, flags: CInt = O_TRUNC) throws {
        let descriptor = open("\(path)/\(name)", O_WRONLY | O_CREAT | flags, 0o600)
        guard descriptor >= 0 else { throw SystemError.last("open") }
        defer { close(descriptor) }
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count else { throw SystemError.last("write") }
    }

    func append(_ bytes: [UInt8], to name: String) throws { try write(bytes, to: name, flags: O_APPEND) }
}
