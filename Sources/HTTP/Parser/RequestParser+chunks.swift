extension RequestParser {
    /// 7.1: `chunk-size [chunk-ext] CRLF`; hexadecimal digits without sign, prefix or space, 16 of them at most.
    mutating func takeChunkSize() throws(ParseFailure) -> Int? {
        let room = limits.chunkExtensionBytesMax - extensionBytes
        guard let line = try takeLine(from: start, max: 16 + room, tooLong: .malformed(.chunkExtensionsTooLong)) else { return nil }
        start = scanned
        let (size, extensions) = try Self.chunkLine(buffer.span.extracting(line))
        extensionBytes += extensions
        guard extensionBytes <= limits.chunkExtensionBytesMax else { throw .malformed(.chunkExtensionsTooLong) }
        guard size <= UInt64(bodyBytesMax), Int(size) <= bodyBytesMax - bodyBytes else { throw .bodyTooLarge }
        bodyBytes += Int(size)
        return Int(size)
    }

    private static func chunkLine(_ bytes: Span<UInt8>) throws(ParseFailure) -> (size: UInt64, extensionBytes: Int) {
        var size: UInt64 = 0
        var index = 0
        while index < bytes.count, let digit = bytes[index].hexValue {
            guard index < 16 else { throw .malformed(.chunkSize) }
            size = size << 4 | UInt64(digit)
            index += 1
        }
        guard index > 0 else { throw .malformed(.chunkSize) }
        try checkExtensions(bytes.extracting(index..<bytes.count))
        return (size, bytes.count - index)
    }

    /// 7.1.1: `*( BWS ";" BWS name [ BWS "=" BWS ( token / quoted-string ) ] )`, read and passed over.
    private static func checkExtensions(_ bytes: Span<UInt8>) throws(ParseFailure) {
        var index = 0
        func skipSpace() {
            while index < bytes.count, bytes[index] == 0x20 || bytes[index] == 0x09 { index += 1 }
        }
        func skipToken() throws(ParseFailure) {
            let first = index
            while index < bytes.count, ByteSet.token.contains(bytes[index]) { index += 1 }
            if index == first { throw .malformed(.chunkExtension) }
        }
        while index < bytes.count {
            skipSpace()
            guard index < bytes.count, bytes[index] == 0x3B else { throw .malformed(index == 0 ? .chunkSize : .chunkExtension) }
            index += 1
            skipSpace()
            try skipToken()
            let nameEnd = index
            skipSpace()
            guard index < bytes.count, bytes[index] == 0x3D else {
                index = nameEnd
                continue
            }
            index += 1
            skipSpace()
            if index < bytes.count, bytes[index] == 0x22 { try skipQuoted(bytes, &index) } else { try skipToken() }
        }
    }

    private static func skipQuoted(_ bytes: Span<UInt8>, _ index: inout Int) throws(ParseFailure) {
        index += 1
        while index < bytes.count, bytes[index] != 0x22 {
            if bytes[index] == 0x5C { index += 1 }
            guard index < bytes.count, bytes[index] >= 0x20 || bytes[index] == 0x09, bytes[index] != 0x7F else {
                throw .malformed(.chunkExtension)
            }
            index += 1
        }
        guard index < bytes.count else { throw .malformed(.chunkExtension) }
        index += 1
    }

    /// 7.1: CRLF after a chunk's data, and nothing else.
    mutating func takeChunkEnd() throws(ParseFailure) -> Bool {
        guard start < buffer.count else { return false }
        guard buffer[start] == 0x0D else { throw .malformed(.chunkEnd) }
        guard start + 1 < buffer.count else { return false }
        guard buffer[start + 1] == 0x0A else { throw .malformed(.chunkEnd) }
        start += 2
        scanned = start
        return true
    }

    /// 7.1.2: trailer fields are checked and dropped; those that frame, route or prove a request may not come late (RFC 9110, 6.5.1).
    mutating func takeTrailers() throws(ParseFailure) -> Bool {
        while let line = try takeFieldLine(from: start) {
            start = scanned
            if line.isEmpty { return true }
            let (name, _) = try Self.split(buffer.span, line)
            if Self.isForbiddenTrailer(buffer.span.extracting(name)) { throw .malformed(.trailerField) }
        }
        return false
    }

    private static func isForbiddenTrailer(_ name: Span<UInt8>) -> Bool {
        switch name.count {
        case 2: name.equalsLowercased("te")
        case 4: name.equalsLowercased("host")
        case 6: name.equalsLowercased("expect") || name.equalsLowercased("cookie")
        case 7: name.equalsLowercased("trailer") || name.equalsLowercased("upgrade")
        case 10: name.equalsLowercased("connection") || name.equalsLowercased("keep-alive")
        case 12: name.equalsLowercased("content-type")
        case 13: name.equalsLowercased("authorization") || name.equalsLowercased("content-range")
        case 14: name.equalsLowercased("content-length")
        case 16: name.equalsLowercased("content-encoding")
        case 17: name.equalsLowercased("transfer-encoding")
        default: false
        }
    }
}
