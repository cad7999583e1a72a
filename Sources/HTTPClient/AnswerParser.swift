/// Reads one answer of HTTP/1.1 (RFC 9112) from bytes as they come. A value without I/O.
///
/// Strict where leniency would let two readers see different answers: one length only, no folded lines, CRLF everywhere.
package struct AnswerParser: Sendable {
    package struct Head: Sendable {
        package var status = 0
        package var headers: [(name: String, value: String)] = []

        package func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }
    }

    private enum State {
        case statusLine, fields, bytes(left: Int), chunkSize, chunk(left: Int), chunkEnd, trailers, untilClose, complete
    }

    private static let headMaxBytes = 65_536
    private static let chunkLineMaxBytes = 1_024

    private let isHead: Bool
    private var state = State.statusLine
    private var buffer: [UInt8] = []
    private var position = 0
    private var headBytes = 0
    private var reading = Head()

    /// Once all of it has come; interim answers are passed over.
    package private(set) var head: Head?
    /// Whether the connection can carry another request.
    package private(set) var keepsAlive = true
    private var body: [UInt8] = []

    /// - Parameter isHead: the request was HEAD, whose answer has no body whatever its fields say.
    package init(isHead: Bool = false) {
        self.isHead = isHead
    }

    package var isComplete: Bool {
        if case .complete = state { true } else { false }
    }

    /// What has come of the body since the last call.
    package mutating func takeBody() -> [UInt8] {
        defer { body = [] }
        return body
    }

    /// Takes the next bytes. Bytes beyond the answer's end are a fault: nothing more was asked for.
    package mutating func feed(_ bytes: [UInt8]) throws(HTTPClientError) {
        buffer.removeFirst(position)
        position = 0
        buffer += bytes
        while try step() {}
        if isComplete, position < buffer.count { throw .malformedAnswer }
    }

    /// Takes the end of the connection, which is the end of a body without a length and a fault anywhere else.
    package mutating func finish() throws(HTTPClientError) {
        if case .untilClose = state { state = .complete }
        guard isComplete else { throw .closed }
    }

    /// Goes on by one element; false when more bytes are needed, or none.
    private mutating func step() throws(HTTPClientError) -> Bool {
        switch state {
        case .statusLine:
            guard let line = try line(max: Self.headMaxBytes) else { return false }
            try readStatus(line)
            state = .fields
        case .fields:
            guard let line = try line(max: Self.headMaxBytes) else { return false }
            if line.isEmpty { try finishHead() } else { reading.headers.append(try Self.field(line)) }
        case .bytes(let left):
            guard let taken = takeBytes(max: left) else { return false }
            state = left == taken ? .complete : .bytes(left: left - taken)
        case .chunkSize:
            guard let line = try line(max: Self.chunkLineMaxBytes) else { return false }
            let digits = line.prefix { $0 != ";" }
            guard (1...15).contains(digits.utf8.count), digits.utf8.allSatisfy(Self.isHexDigit), let size = Int(digits, radix: 16) else {
                throw .malformedAnswer
            }
            state = size == 0 ? .trailers : .chunk(left: size)
        case .chunk(let left):
            guard let taken = takeBytes(max: left) else { return false }
            state = left == taken ? .chunkEnd : .chunk(left: left - taken)
        case .chunkEnd:
            guard let line = try line(max: 2) else { return false }
            guard line.isEmpty else { throw .malformedAnswer }
            state = .chunkSize
        case .trailers:
            guard let line = try line(max: Self.headMaxBytes) else { return false }
            if line.isEmpty { state = .complete }
        case .untilClose: return takeBytes(max: .max) != nil
        case .complete: return false
        }
        return true
    }

    private mutating func takeBytes(max: Int) -> Int? {
        guard position < buffer.count else { return nil }
        let count = min(max, buffer.count - position)
        body += buffer[position..<position + count]
        position += count
        return count
    }

    /// The next line without its CRLF; nil when it has not come whole.
    private mutating func line(max: Int) throws(HTTPClientError) -> String? {
        guard let end = buffer[position...].firstIndex(of: 0x0A) else {
            if buffer.count - position > max { throw .answerTooLarge }
            return nil
        }
        guard end > position, buffer[end - 1] == 0x0D else { throw .malformedAnswer }
        let bytes = buffer[position..<end - 1]
        headBytes += bytes.count + 2
        guard headBytes <= Self.headMaxBytes || head != nil, bytes.count <= max else { throw .answerTooLarge }
        guard !bytes.contains(0), !bytes.contains(0x0D) else { throw .malformedAnswer }
        position = end + 1
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func readStatus(_ line: String) throws(HTTPClientError) {
        let parts = line.utf8.split(separator: 0x20, maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count >= 2, let status = Int(Substring(parts[1])), parts[1].count == 3, (100...599).contains(status) else {
            throw .malformedAnswer
        }
        switch String(Substring(parts[0])) {
        case "HTTP/1.1": keepsAlive = true
        case "HTTP/1.0": keepsAlive = false
        default: throw .malformedAnswer
        }
        reading = Head(status: status)
    }

    private static func field(_ line: String) throws(HTTPClientError) -> (name: String, value: String) {
        guard let colon = line.utf8.firstIndex(of: 0x3A), colon > line.startIndex else { throw .malformedAnswer }
        let name = line[..<colon]
        guard name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .malformedAnswer }
        let isBlank = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        let value = line[line.utf8.index(after: colon)...].utf8.drop(while: isBlank)
        var end = value.endIndex
        while end > value.startIndex, isBlank(value[value.index(before: end)]) { end = value.index(before: end) }
        return (String(name), String(Substring(value[..<end])))
    }

    private mutating func finishHead() throws(HTTPClientError) {
        if reading.status < 200 {
            // 101 would hand the connection to another protocol, which was not asked for.
            guard reading.status != 101 else { throw .malformedAnswer }
            state = .statusLine
            return
        }
        let head = reading
        self.head = head
        let values = { (name: String) in head.headers.filter { $0.name.lowercased() == name }.map { $0.value.lowercased() } }
        if values("connection").contains("close") { keepsAlive = false }
        let (codings, lengths) = (values("transfer-encoding"), values("content-length"))
        if isHead || head.status == 204 || head.status == 304 {
            state = .complete
        } else if !codings.isEmpty {
            guard codings == ["chunked"], lengths.isEmpty else { throw .malformedAnswer }
            state = .chunkSize
        } else if let text = lengths.first {
            guard lengths.count == 1, (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
                let length = Int(text)
            else { throw .malformedAnswer }
            state = length == 0 ? .complete : .bytes(left: length)
        } else {
            keepsAlive = false
            state = .untilClose
        }
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x46, 0x61...0x66: true
        default: false
        }
    }
}
