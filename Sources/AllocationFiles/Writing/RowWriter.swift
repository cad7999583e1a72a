import Crypto
import Runtime

/// Where rows go, about a megabyte at a time, always whole lines: the first so many of the bytes.
typealias RowSink = ([UInt8], Int) throws(SystemError) -> Void

/// Puts rows together in one buffer that is handed on when it is full: no text and no array for a field or a row.
struct RowWriter: ~Copyable {
    /// Full up to `count`: written in place, since to append byte by byte takes three times as long.
    private var bytes: [UInt8]
    private var count = 0
    private var hash: SHA256?
    private let sink: RowSink
    private(set) var byteCount = 0

    private static let chunkByteCount = 1_048_576

    /// - Parameter isHashed: whether the digest of everything will be asked for.
    init(isHashed: Bool = false, _ sink: @escaping RowSink) {
        self.sink = sink
        hash = isHashed ? SHA256() : nil
        bytes = [UInt8](repeating: 0, count: Self.chunkByteCount + 65_536)
    }

    /// Makes room for so many bytes more.
    private mutating func reserve(_ more: Int) {
        if count + more > bytes.count { bytes += [UInt8](repeating: 0, count: bytes.count + more) }
    }

    mutating func byte(_ character: Unicode.Scalar) {
        reserve(1)
        bytes[count] = UInt8(truncatingIfNeeded: character.value)
        count += 1
    }

    mutating func comma() { byte(",") }

    mutating func text(_ text: [UInt8]) {
        reserve(text.count)
        let from = text.span
        let start = count
        count = start &+ text.count
        var out = bytes.mutableSpan
        for index in from.indices { out[start &+ index] = from[index] }
    }

    mutating func text(_ text: String) { self.text(Array(text.utf8)) }

    mutating func decimal(_ value: Int) {
        reserve(20)
        var rest = UInt64(truncatingIfNeeded: value)
        var digits = 1
        var bound: UInt64 = 10
        while digits < 19, rest >= bound {
            digits &+= 1
            bound = bound &* 10
        }
        var place = count &+ digits
        count = place
        var out = bytes.mutableSpan
        while digits > 0 {
            place &-= 1
            out[place] = 0x30 &+ UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
            digits &-= 1
        }
    }

    /// 16 digits.
    mutating func hex(_ value: UInt64) {
        reserve(16)
        let start = count
        count = start &+ 16
        var rest = value
        var out = bytes.mutableSpan
        for place in 0..<16 {
            let digit = UInt8(truncatingIfNeeded: rest >> 60)
            out[start &+ place] = digit < 10 ? 0x30 &+ digit : 0x57 &+ digit
            rest <<= 4
        }
    }

    /// The characters of a ticket: its bytes from the highest until the first zero.
    mutating func ticket(_ raw: UInt64) {
        reserve(8)
        var place = count
        count = place &+ 8 &- raw.trailingZeroBitCount / 8
        var rest = raw
        var out = bytes.mutableSpan
        while rest != 0 {
            out[place] = UInt8(truncatingIfNeeded: rest >> 56)
            place &+= 1
            rest <<= 8
        }
    }

    mutating func endRow() throws(SystemError) {
        byte("\n")
        if count >= Self.chunkByteCount { try flush() }
    }

    mutating func row(_ line: String) throws(SystemError) {
        text(line)
        try endRow()
    }

    mutating func flush() throws(SystemError) {
        if count == 0 { return }
        let whole = bytes
        hash?.update(whole.span.extracting(first: count).bytes)
        byteCount += count
        try sink(whole, count)
        count = 0
    }

    /// The digest of everything so far; no more rows count for it.
    mutating func takeDigest() throws(SystemError) -> [UInt8] {
        try flush()
        return hash.take()?.finish() ?? []
    }
}
