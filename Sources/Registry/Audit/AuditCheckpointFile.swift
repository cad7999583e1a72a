import FoundationEssentials
import Glibc
import Postgres
package import Runtime
import Synchronization

/// The second sink: a file that only grows, one line a seal, best kept where the database's administrator cannot write.
///
/// A checkpoint pins everything before it, so a line that was missed (the process died, another server sealed) is made up by the next.
package final class AuditCheckpointFile: Sendable {
    private let path: String
    /// The newest place of each chain that the file holds; nil before it was read.
    private let known = Mutex<[Int16: Int64]?>(nil)

    package init(path: String) {
        self.path = path
    }

    /// Whether all it was given stands in it; false before it was given anything.
    var isUpToDate: Bool { known.withLock { $0 != nil } }

    /// Makes the file where there is none, and its folder, so that a server that could not write it never starts. Blocks.
    package func prepare() throws {
        if let slash = path.lastIndex(of: "/"), slash != path.startIndex { _ = try DataFolder.make(String(path[..<slash])) }
        try Self.append("", to: path)
    }

    /// Appends the seal unless the file has reached its place already, and returns once it is on disk. Blocks.
    package func append(_ seal: AuditSeal) throws(SystemError) {
        let result = known.withLock { known -> Result<Void, SystemError> in
            do throws(SystemError) {
                var newest = known ?? Self.newest(in: path)
                if newest[seal.chainID] ?? 0 < seal.lastPosition {
                    try Self.append("\(seal.line)\n", to: path)
                    newest[seal.chainID] = seal.lastPosition
                }
                known = newest
                return .success(())
            } catch {
                known = nil
                return .failure(error)
            }
        }
        try result.get()
    }

    /// The lines of a file and the numbers of those that are no checkpoints; nil when there is no such file.
    package static func read(_ path: String) -> (checkpoints: [AuditSeal], damagedLines: [Int])? {
        guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
        var checkpoints: [AuditSeal] = []
        var damaged: [Int] = []
        for (index, line) in String(decoding: bytes, as: UTF8.self).split(separator: "\n").enumerated() {
            if let checkpoint = AuditSeal(line: line) { checkpoints.append(checkpoint) } else { damaged.append(index + 1) }
        }
        return (checkpoints, damaged)
    }

    private static func newest(in path: String) -> [Int16: Int64] {
        var newest: [Int16: Int64] = [:]
        for checkpoint in read(path)?.checkpoints ?? [] {
            newest[checkpoint.chainID] = max(newest[checkpoint.chainID] ?? 0, checkpoint.lastPosition)
        }
        return newest
    }

    private static func append(_ text: String, to path: String) throws(SystemError) {
        let descriptor = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last("open") }
        defer { close(descriptor) }
        // What a crash left of a line is ended first; a line is one write.
        var bytes = Array(text.utf8)
        var end: UInt8 = 0x0A
        let size = lseek(descriptor, 0, SEEK_END)
        if size > 0, pread(descriptor, &end, 1, size - 1) == 1, end != 0x0A { bytes.insert(0x0A, at: 0) }
        guard write(descriptor, bytes, bytes.count) == bytes.count else { throw .last("write") }
        guard fsync(descriptor) == 0 else { throw .last("fsync") }
    }
}
