/// A head under way: its request line is read, its fields stand in the parser's buffer from `fieldsStart` on, relative to `start`.
struct PartialHead: Sendable {
    var method: Method
    var target: String
    /// The authority of an absolute-form target.
    var authority: String?
    var isVersion10: Bool
    var fieldsStart: Int
    var fields: [Headers.Field] = []
    var host: Range<Int>?
    var length: Int?
    var isChunked = false
    var closes = false
    var keepsAlive = false
    var expectsContinue = false
}

extension RequestParser {
    /// The line that starts at `lineStart`, without its end, once its LF is here; `scanned` then stands behind the LF.
    ///
    /// A bare CR or LF is never a line end (2.2 allows a lone LF, which is how two parsers come to disagree).
    mutating func takeLine(from lineStart: Int, max: Int, tooLong: ParseFailure) throws(ParseFailure) -> Range<Int>? {
        guard let end = buffer.span.firstIndex(of: 0x0A, from: Swift.max(scanned, lineStart)) else {
            scanned = buffer.count
            // The line has at least one byte more than `max`, even if the last one is its CR.
            if buffer.count - lineStart > max + 1 { throw tooLong }
            if buffer.count - lineStart == max + 1, buffer[buffer.count - 1] != 0x0D { throw tooLong }
            return nil
        }
        scanned = end + 1
        let hasReturn = end > lineStart && buffer[end - 1] == 0x0D
        let line = lineStart..<(hasReturn ? end - 1 : end)
        if line.count > max { throw tooLong }
        guard hasReturn else { throw .malformed(.lineEnd) }
        return line
    }

    mutating func takeRequestLine() throws(ParseFailure) -> PartialHead? {
        while true {
            guard let line = try takeLine(from: start, max: limits.requestLineBytesMax, tooLong: .requestLineTooLong) else { return nil }
            // 2.2: one empty line before a request is forgiven.
            if line.isEmpty, !skippedEmptyLine {
                skippedEmptyLine = true
                start = scanned
                continue
            }
            fieldBytes = 0
            fieldCount = 0
            return try Self.requestLine(buffer.span.extracting(line), fieldsStart: scanned - start)
        }
    }

    /// 3: `method SP request-target SP HTTP-version`, with single spaces.
    private static func requestLine(_ line: Span<UInt8>, fieldsStart: Int) throws(ParseFailure) -> PartialHead {
        guard let first = line.firstIndex(of: 0x20), let second = line.firstIndex(of: 0x20, from: first + 1),
            line.firstIndex(of: 0x20, from: second + 1) == nil
        else { throw .malformed(.requestLine) }
        let name = line.extracting(0..<first)
        guard !name.isEmpty else { throw .malformed(.requestLine) }
        for index in name.indices where !ByteSet.token.contains(name[index]) { throw .malformed(.method) }
        let method = Method(name)
        let version = line.extracting(second + 1..<line.count)
        let isVersion10 = version.equals("HTTP/1.0")
        guard isVersion10 || version.equals("HTTP/1.1") else { throw .malformed(.version) }
        let target = try RequestTarget(line.extracting(first + 1..<second), method: method)
        return PartialHead(
            method: method, target: target.path, authority: target.authority, isVersion10: isVersion10, fieldsStart: fieldsStart)
    }

    /// Reads field lines up to the empty line; true when that was met.
    mutating func takeFields(_ head: inout PartialHead) throws(ParseFailure) -> Bool {
        while true {
            // The line under way begins where the last complete one ended.
            let lineStart = start + head.fieldsStart + fieldBytes
            guard let line = try takeFieldLine(from: lineStart) else { return false }
            if line.isEmpty { return true }
            if head.fields.isEmpty { head.fields.reserveCapacity(12) }
            let (name, value) = try Self.split(buffer.span, line)
            try note(name, value, in: &head)
            let origin = start + head.fieldsStart
            head.fields.append(
                Headers.Field(
                    nameStart: Int32(name.lowerBound - origin), nameEnd: Int32(name.upperBound - origin),
                    valueStart: Int32(value.lowerBound - origin), valueEnd: Int32(value.upperBound - origin)))
        }
    }

    /// A field line, counted; empty when it is the end of the section.
    mutating func takeFieldLine(from lineStart: Int) throws(ParseFailure) -> Range<Int>? {
        let room = max(0, limits.headerBytesMax - fieldBytes - 2)
        guard let line = try takeLine(from: lineStart, max: room, tooLong: .headersTooLarge) else { return nil }
        if line.isEmpty { return line }
        fieldBytes += line.count + 2
        guard fieldBytes <= limits.headerBytesMax else { throw .headersTooLarge }
        fieldCount += 1
        guard fieldCount <= limits.headerFieldsMax else { throw .tooManyFields }
        return line
    }

    /// 5: `field-name ":" OWS field-value OWS`; no space before the colon (5.1), no folding (5.2), no control characters (RFC 9110, 5.5).
    static func split(_ bytes: Span<UInt8>, _ line: Range<Int>) throws(ParseFailure) -> (name: Range<Int>, value: Range<Int>) {
        if bytes[line.lowerBound] == 0x20 || bytes[line.lowerBound] == 0x09 { throw .malformed(.foldedLine) }
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon] != 0x3A {
            guard ByteSet.token.contains(bytes[colon]) else { throw .malformed(.fieldName) }
            colon += 1
        }
        guard colon > line.lowerBound, colon < line.upperBound else { throw .malformed(.fieldName) }
        var index = colon + 1
        while index < line.upperBound {
            let byte = bytes[index]
            if byte < 0x20 && byte != 0x09 || byte == 0x7F { throw .malformed(byte == 0x0D ? .lineEnd : .fieldValue) }
            index += 1
        }
        return (line.lowerBound..<colon, bytes.trimmedBounds(colon + 1..<line.upperBound))
    }

    /// Keeps what the framing and the connection hang on.
    private func note(_ name: Range<Int>, _ value: Range<Int>, in head: inout PartialHead) throws(ParseFailure) {
        let bytes = buffer.span
        let field = bytes.extracting(name)
        switch name.count {
        case 4 where field.equalsLowercased("host"):
            // 3.2: exactly one Host.
            if head.host != nil { throw .malformed(.hostRepeated) }
            head.host = value.lowerBound - start..<value.upperBound - start
        case 6 where field.equalsLowercased("expect"):
            // RFC 9110, 10.1.1: any other expectation is 417; 1.0 clients cannot expect.
            if head.isVersion10 { return }
            guard bytes.extracting(value).equalsLowercased("100-continue") else { throw .expectationFailed }
            head.expectsContinue = true
        case 10 where field.equalsLowercased("connection"):
            Self.noteConnection(bytes.extracting(value), in: &head)
        case 14 where field.equalsLowercased("content-length"):
            // 6.3, item 5: a second or list value is refused even where the values agree.
            if head.length != nil { throw .malformed(.contentLengthRepeated) }
            head.length = try Self.contentLength(bytes.extracting(value))
        case 17 where field.equalsLowercased("transfer-encoding"):
            // 6.1: chunked is the only coding known here, and it is named once.
            if head.isChunked || !bytes.extracting(value).equalsLowercased("chunked") { throw .malformed(.transferEncoding) }
            head.isChunked = true
        default: break
        }
    }

    /// RFC 9110, 8.6: digits only; 18 of them are beyond any body and within Int64.
    private static func contentLength(_ value: Span<UInt8>) throws(ParseFailure) -> Int {
        guard value.count >= 1, value.count <= 18 else { throw .malformed(.contentLength) }
        var length = 0
        for index in value.indices {
            guard value[index].isDigit else { throw .malformed(.contentLength) }
            length = length * 10 + Int(value[index] - 0x30)
        }
        return length
    }

    private static func noteConnection(_ value: Span<UInt8>, in head: inout PartialHead) {
        var position = 0
        while position <= value.count {
            let comma = value.firstIndex(of: 0x2C, from: position) ?? value.count
            let option = value.extracting(value.trimmedBounds(position..<comma))
            if option.equalsLowercased("close") { head.closes = true }
            if option.equalsLowercased("keep-alive") { head.keepsAlive = true }
            position = comma + 1
        }
    }

    /// Decides the framing (6.3) and the host (3.2) once all fields are known.
    func finish(_ head: PartialHead) throws(ParseFailure) -> RequestHead {
        if let host = head.host {
            let value = buffer.span.extracting(start + host.lowerBound..<start + host.upperBound)
            guard RequestTarget.isHost(value) else { throw .malformed(.hostInvalid) }
            // 3.2.2 lets the target win; a difference is refused, because a proxy before us may have believed the other one.
            if let authority = head.authority {
                guard value.count == authority.utf8.count else { throw .malformed(.hostMismatch) }
                var index = 0
                for byte in authority.utf8 {
                    if value[index].lowercased != byte.lowercased { throw .malformed(.hostMismatch) }
                    index += 1
                }
            }
        } else if !head.isVersion10 {
            throw .malformed(.hostMissing)
        }
        let framing: Framing
        if head.isChunked {
            // 6.1: chunked in 1.0 and chunked beside a length are how requests are smuggled.
            if head.isVersion10 { throw .malformed(.transferEncodingInVersion10) }
            if head.length != nil { throw .malformed(.transferEncodingWithContentLength) }
            framing = .chunked
        } else {
            framing = head.length.map { .length($0) } ?? .none
        }
        let fieldsStart = start + head.fieldsStart
        return RequestHead(
            method: head.method, target: head.target,
            headers: Headers(block: Array(buffer[fieldsStart..<fieldsStart + fieldBytes]), fields: head.fields),
            framing: framing,
            keepsAlive: !head.closes && (!head.isVersion10 || head.keepsAlive),
            expectsContinue: head.expectsContinue && framing != .none && framing != .length(0),
            isVersion10: head.isVersion10)
    }
}
