import Glibc
import Runtime

/// Reads a journal's records from a place on, a piece of the file at a time, so that its length costs no memory.
///
/// A record is framed by a mark, its length and its CRC-32C. Where one is damaged the next mark with a whole record after it is sought:
/// a bad sector costs the records on it, not those behind; and a tail that was cut in the middle of a write simply ends the journal.
struct JournalScanner {
    static let mark: [UInt8] = [0x57, 0x53, 0x4A, 0x31]
    static let headCount = 12
    private static let pieceBytes = 65_536

    private let descriptor: CInt
    private let end: Int
    private var buffer: [UInt8] = []
    private var bufferStart: Int
    /// Behind the last whole record.
    private(set) var position: Int
    /// Bytes passed over because no whole record began there.
    private(set) var damaged = 0

    /// - Parameter end: how far the file reaches; what is written behind it meanwhile is not looked at.
    init(_ descriptor: CInt, from start: Int, to end: Int) {
        self.descriptor = descriptor
        self.end = end
        position = start
        bufferStart = start
    }

    static func frame(_ record: JournalRecord) -> [UInt8] {
        let payload = record.bytes
        var writer = ByteWriter()
        writer.put(raw: mark)
        writer.put(UInt32(payload.count))
        writer.put(CRC32C.checksum(payload))
        writer.put(raw: payload)
        return writer.bytes
    }

    /// The next whole record and the place where it begins; nil at the end.
    mutating func next() throws(SystemError) -> (start: Int, record: JournalRecord)? {
        var start = position
        while start + Self.headCount <= end {
            if let (record, count) = try record(at: start) {
                damaged += start - position
                position = start + count
                return (start, record)
            }
            start += 1
        }
        return nil
    }

    private mutating func record(at start: Int) throws(SystemError) -> (JournalRecord, Int)? {
        guard let head = try bytes(start, Self.headCount), head.starts(with: Self.mark) else { return nil }
        var reader = ByteReader(head.dropFirst(4))
        guard let length: UInt32 = reader.number(), let checksum: UInt32 = reader.number(), length <= JournalRecord.payloadMax,
            let payload = try bytes(start + Self.headCount, Int(length)), CRC32C.checksum(payload) == checksum,
            let record = JournalRecord(bytes: Array(payload))
        else { return nil }
        return (record, Self.headCount + Int(length))
    }

    /// Nil past the end.
    private mutating func bytes(_ start: Int, _ count: Int) throws(SystemError) -> ArraySlice<UInt8>? {
        guard start + count <= end else { return nil }
        if start < bufferStart || start + count > bufferStart + buffer.count {
            buffer = try Self.read(descriptor, at: start, count: min(end - start, max(count, Self.pieceBytes)))
            bufferStart = start
            guard buffer.count >= count else { return nil }
        }
        return buffer[start - bufferStart..<start - bufferStart + count]
    }

    static func read(_ descriptor: CInt, at start: Int, count: Int) throws(SystemError) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        var filled = 0
        while filled < count {
            let got = bytes.withUnsafeMutableBytes {
                pread(descriptor, $0.baseAddress?.advanced(by: filled), count - filled, off_t(start + filled))
            }
            if got < 0, errno == EINTR { continue }
            guard got >= 0 else { throw .last("pread") }
            if got == 0 { break }
            filled += got
        }
        bytes.removeLast(count - filled)
        return bytes
    }
}
