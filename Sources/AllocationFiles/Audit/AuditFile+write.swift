package import Allocation
package import Runtime

extension AuditFile {
    /// Writes the file of a sharing out; its results are those that `allocation` holds, right or wrong.
    /// - Parameters:
    ///   - progress: is told the part written, 0 to 1.
    ///   - sink: takes about a megabyte at a time: the first so many of the bytes.
    /// - Returns: SHA-256 of everything before the last line: what that line says.
    @discardableResult
    package static func write(
        _ input: FrozenInput, _ allocation: Allocation, progress: (Double) -> Void = { _ in },
        _ sink: @escaping ([UInt8], Int) throws(SystemError) -> Void
    ) throws(SystemError) -> [UInt8] {
        var writer = RowWriter(isHashed: true, sink)
        return try AuditRows(input, results: ResultRows(input, allocation)).write(into: &writer) { progress($0) }
    }
}
