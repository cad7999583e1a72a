import Crypto
import Runtime

/// Where rows go, about a megabyte at a time, always whole lines.
typealias RowSink = ([UInt8]) throws(SystemError) -> Void

/// Puts rows together in one buffer that is handed on when it is full: no text and no array for a field or a row.
struct RowWriter: ~Copyable {
    private var bytes: [UInt8] = []
    private var hash: SHA256?
    private let sink: RowSink
    private(set) var byteCount = 0

    private static let chunkByteCount = 1_048_576

    /// - Parameter isHashed: whether the digest of everything will be asked for.
    init(isHashed: Bool = false, _ sink: @escaping RowSink) {
        self.sink = sink
        hash = isHashed ? SHA256() : nil
        bytes.reserveCapacity(Self.chunkByteCount + 4_096)
    }

    mutating func byte(_ character: Unicode.Scalar) { bytes.append(UInt8(truncatingIfNeeded: character.value)) }

    mutating func comma() { bytes.append(UInt8(ascii: ",")) }

    mutating func text(_ text: [UInt8]) { bytes.append(contentsOf: text) }

    mutating func text(_ text: String) { bytes.append(contentsOf: text.utf8) }

    mutating func decimal(_ value: Int) {
        if value < 10 { return bytes.append(0x30 &+ UInt8(truncatingIfNeeded: value)) }
        var rest = UInt64(truncatingIfNeeded: value)
        var digits: UInt64 = 0
        var count: UInt64 = 0
        // Up to eight digits in a word, the last one highest, then out from the lowest.
        while rest > 0, count < 8 {
            digits = digits << 8 | (0x30 + rest % 10)
            rest /= 10
            count += 1
        }
        if rest > 0 { decimal(Int(truncatingIfNeeded: rest)) }
        for _ in 0..<count {
            bytes.append(UInt8(truncatingIfNeeded: digits))
            digits >>= 8
        }
    }

    /// 16 digits.
    mutating func hex(_ value: UInt64) {
        var shift: UInt64 = 60
        while true {
            let digit = UInt8(truncatingIfNeeded: value >> shift & 15)
            bytes.append(digit < 10 ? 0x30 &+ digit : 0x57 &+ digit)
            if shift == 0 { return }
            shift -= 4
        }
    }

    /// The characters of a ticket: its bytes from the highest until the first zero.
    mutating func ticket(_ raw: UInt64) {
        var rest = raw
        while rest != 0 {
            bytes.append(UInt8(truncatingIfNeeded: rest >> 56))
            rest <<= 8
        }
    }

    mutating func endRow() throws(SystemError) {
        bytes.append(UInt8(ascii: "\n"))
        if bytes.count >= Self.chunkByteCount { try flush() }
    }

    mutating func row(_ line: String) throws(SystemError) {
        text(line)
        try endRow()
    }

    mutating func flush() throws(SystemError) {
        if bytes.isEmpty { return }
        hash?.update(bytes)
        byteCount += bytes.count
        try sink(bytes)
        bytes.removeAll(keepingCapacity: true)
    }

    /// The digest of everything so far; no more rows count for it.
    mutating func takeDigest() throws(SystemError) -> [UInt8] {
        try flush()
        return hash.take()?.finish() ?? []
    }
}
