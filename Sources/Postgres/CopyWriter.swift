/// Writes rows in COPY's binary form: per row the number of fields, per field its length and bytes, as in a parameter.
package final class CopyWriter {
    private static let pieceBytes = 262_144
    private let connection: Connection
    private var buffer: [UInt8]

    init(_ connection: Connection) {
        self.connection = connection
        buffer = []
        buffer.reserveCapacity(Self.pieceBytes + 4_096)
        // Signature, flags, length of the header's extension.
        buffer.append(contentsOf: [0x50, 0x47, 0x43, 0x4F, 0x50, 0x59, 0x0A, 0xFF, 0x0D, 0x0A, 0x00, 0, 0, 0, 0, 0, 0, 0, 0])
    }

    /// Appends one row of exactly `fields` fields, which `build` adds in the order of the columns.
    package func row(fields: Int, _ build: (inout CopyRow) -> Void) async throws(PostgresError) {
        var row = CopyRow(buffer: buffer)
        buffer = []
        UInt16(fields).appendBigEndian(to: &row.buffer)
        build(&row)
        precondition(row.count == fields, "a row has as many fields as it was said to have")
        buffer = row.buffer
        if buffer.count >= Self.pieceBytes { try await flush() }
    }

    /// Appends bytes that already are rows in this form, made elsewhere with `CopyRow`.
    package func rows(_ encoded: [UInt8]) async throws(PostgresError) {
        buffer.append(contentsOf: encoded)
        if buffer.count >= Self.pieceBytes { try await flush() }
    }

    func finish() async throws(PostgresError) {
        UInt16.max.appendBigEndian(to: &buffer)
        try await flush()
    }

    private func flush() async throws(PostgresError) {
        try await connection.putCopyData(buffer)
        buffer.removeAll(keepingCapacity: true)
    }
}

/// Rows under construction.
package struct CopyRow: Sendable {
    /// The encoded rows so far.
    package fileprivate(set) var buffer: [UInt8]
    fileprivate var count = 0

    /// An empty collection of rows to be built ahead, off the loop.
    package init() {
        buffer = []
    }

    fileprivate init(buffer: [UInt8]) {
        self.buffer = buffer
    }

    /// Starts a row of `fields` fields; for rows built ahead.
    package mutating func begin(fields: Int) {
        count = 0
        UInt16(fields).appendBigEndian(to: &buffer)
    }

    /// Adds the next field.
    package mutating func add<T: PostgresEncodable>(_ value: T) {
        count += 1
        value.encodeWithLength(to: &buffer)
    }
}
