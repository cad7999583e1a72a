package import Allocation
import Glibc
package import Runtime

/// Where results are written: each file beside its name first, then under it, once all of it is on the disk.
package struct OutputFolder: Sendable {
    package static let results = "results.csv"
    package static let explanations = "explanations.csv"
    package static let audit = "audit.txt"

    package let path: String

    package init(_ path: String) { self.path = path }

    package func path(of name: String) -> String { path.hasSuffix("/") ? path + name : path + "/" + name }

    /// A file that stands there already, of those that would be written.
    package var existing: String? {
        [Self.results, Self.explanations, Self.audit].map { path(of: $0) }.first { access($0, F_OK) == 0 }
    }

    /// Makes the folder and those around it, where missing.
    package func make() throws(SystemError) {
        var prefix = ""
        for part in path.split(separator: "/", omittingEmptySubsequences: false) {
            prefix += part
            if !prefix.isEmpty, mkdir(prefix, 0o755) != 0, errno != EEXIST { throw SystemError.last(prefix) }
            prefix += "/"
        }
    }

    /// What a sharing out wrote.
    package struct Written: Sendable {
        package let byteCount: Int
        /// SHA-256 of everything in the audit file before its last line: what that line says.
        package let auditDigest: [UInt8]
    }

    /// Writes the three files; there is none of them under its name before all three are on the disk.
    /// - Parameter progress: is told the part written, 0 to 1, of the explanations, then of the rest.
    package func write(
        _ input: FrozenInput, _ allocation: Allocation, explained: (Double) -> Void = { _ in }, written: (Double) -> Void = { _ in }
    ) throws(SystemError) -> Written {
        try make()
        let rows = ResultRows(input, allocation)
        let explanations = try PartFile(path(of: Self.explanations))
        let results = try PartFile(path(of: Self.results))
        let audit = try PartFile(path(of: Self.audit))
        var byteCount = 0
        do throws(SystemError) {
            byteCount += try writeExplanations(input, allocation, rows, explanations, explained)
            // The rows of results.csv are those of the audit file's section: they are made once and go into both.
            var isResults = false
            var writer = RowWriter(isHashed: true) { (bytes, count) throws(SystemError) in
                try audit.write(bytes, count)
                byteCount += count
                guard isResults else { return }
                try results.write(bytes, count)
                byteCount += count
            }
            let digest = try AuditRows(input, results: rows).write(into: &writer) {
                written(0.9 * $0)
            } isResults: {
                isResults = $0
            }
            for file in [explanations, results, audit] { try file.sync() }
            for file in [explanations, results, audit] { try file.rename() }
            try syncFolder()
            written(1)
            return Written(byteCount: byteCount, auditDigest: digest)
        } catch {
            for file in [explanations, results, audit] { file.remove() }
            throw error
        }
    }

    private func writeExplanations(
        _ input: FrozenInput, _ allocation: Allocation, _ rows: ResultRows, _ file: PartFile, _ progress: (Double) -> Void
    ) throws(SystemError) -> Int {
        var writer = RowWriter(file.write)
        let explanations = ExplanationRows(input, allocation, results: rows)
        try writer.row(ExplanationRows.header)
        for row in 0..<rows.count {
            try explanations.write(row, into: &writer)
            if row & 0x3FFF == 0 { progress(Double(row) / Double(rows.count)) }
        }
        try writer.flush()
        progress(1)
        return writer.byteCount
    }

    /// The folder's own entries. One that cannot be opened has nothing more to promise.
    private func syncFolder() throws(SystemError) {
        let folder = open(path.isEmpty ? "." : path, O_RDONLY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }
}

/// A file under construction: it has its name only once it is whole.
final class PartFile: Sendable {
    private let path: String
    private let descriptor: CInt

    init(_ path: String) throws(SystemError) {
        self.path = path
        descriptor = open(path + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemError.last(path + ".part") }
    }

    deinit { close(descriptor) }

    func write(_ bytes: [UInt8], _ count: Int) throws(SystemError) {
        let written = Glibc.write(descriptor, bytes, count)
        guard written > 0 else { throw SystemError.last(path + ".part") }
        if written < count { try write(Array(bytes[written..<count]), count - written) }
    }

    func sync() throws(SystemError) {
        guard fsync(descriptor) == 0 else { throw SystemError.last(path + ".part") }
    }

    func rename() throws(SystemError) {
        guard Glibc.rename(path + ".part", path) == 0 else { throw SystemError.last(path) }
    }

    func remove() { unlink(path + ".part") }
}
