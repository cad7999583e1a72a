/// HTTP/1.1 requests out of bytes: a pure state machine that reads no clock and no socket.
///
/// Bytes are appended as they come and events are taken until nil. Any split of a stream gives the same events, because a line is
/// judged only when it is complete or surely too long. A failure is final: what follows it is never read, so nothing can be smuggled
/// behind a malformed request. The clauses beside the checks are of RFC 9112 unless named otherwise.
///
/// Work is done line by line over one buffer; a head costs two allocations (the field block and its index), a body slice none.
package struct RequestParser: Sendable {
    package enum Event: Sendable {
        /// A request begins; set `bodyBytesMax` before the next event is taken.
        case head(RequestHead)

        /// Some of the body. Drop the slice before appending, or the buffer is copied.
        case body(ArraySlice<UInt8>)

        /// The request is complete.
        case end

        /// Answer and close; every later call gives the same.
        case failed(ParseFailure)
    }

    enum State: Sendable {
        case requestLine
        case fields(PartialHead)
        case bodyStart(Framing)
        case lengthBody(remaining: Int)
        case chunkSize
        case chunkData(remaining: Int)
        case chunkDataEnd
        case trailers
        case failed(ParseFailure)
    }

    package let limits: ParserLimits

    /// The largest body of the request under way, chunked or not; beyond it `bodyTooLarge`.
    package var bodyBytesMax = Int.max

    var state = State.requestLine
    var buffer: [UInt8] = []
    var start = 0
    /// No LF stands before this position of the line under way, so a byte at a time costs no more than all at once.
    var scanned = 0
    var skippedEmptyLine = false
    var bodyBytes = 0
    var extensionBytes = 0
    var fieldBytes = 0
    var fieldCount = 0

    package init(limits: ParserLimits = .standard) {
        self.limits = limits
    }

    /// Takes what the connection received.
    package mutating func append(_ bytes: some Collection<UInt8>) {
        compact()
        buffer.append(contentsOf: bytes)
    }

    /// Gives the buffer away and takes another: an idle connection lends its buffer to the busy ones. Only while `isBuffering` is false.
    package mutating func exchangeBuffer(_ other: inout [UInt8]) {
        precondition(start == buffer.count, "a buffer is exchanged only when all of it was read")
        buffer.removeAll(keepingCapacity: true)
        start = 0
        scanned = 0
        swap(&buffer, &other)
    }

    /// Whether bytes wait that were not turned into events.
    package var isBuffering: Bool { start < buffer.count }

    /// How many bytes wait.
    package var bufferedBytes: Int { buffer.count - start }

    /// Whether a request has begun and not ended.
    package var isWithinRequest: Bool {
        if case .requestLine = state { return isBuffering }
        return true
    }

    /// The next event, or nil when more bytes are needed.
    package mutating func next() -> Event? {
        do {
            return try advance()
        } catch {
            state = .failed(error)
            return .failed(error)
        }
    }

    private mutating func advance() throws(ParseFailure) -> Event? {
        while true {
            switch state {
            case .requestLine:
                guard var head = try takeRequestLine() else { return nil }
                return try advance(&head)
            case .fields(var head):
                return try advance(&head)
            case .bodyStart(.none), .bodyStart(.length(0)):
                return end()
            case .bodyStart(.length(let length)):
                guard length <= bodyBytesMax else { throw .bodyTooLarge }
                state = .lengthBody(remaining: length)
            case .bodyStart(.chunked):
                state = .chunkSize
            case .lengthBody(let remaining):
                guard let slice = takeSlice(remaining) else { return nil }
                let left = remaining - slice.count
                state = left > 0 ? .lengthBody(remaining: left) : .bodyStart(.none)
                return .body(slice)
            case .chunkSize:
                guard let size = try takeChunkSize() else { return nil }
                state = size > 0 ? .chunkData(remaining: size) : .trailers
            case .chunkData(let remaining):
                guard let slice = takeSlice(remaining) else { return nil }
                let left = remaining - slice.count
                state = left > 0 ? .chunkData(remaining: left) : .chunkDataEnd
                return .body(slice)
            case .chunkDataEnd:
                guard try takeChunkEnd() else { return nil }
                state = .chunkSize
            case .trailers:
                guard try takeTrailers() else { return nil }
                return end()
            case .failed(let failure):
                throw failure
            }
        }
    }

    private mutating func advance(_ head: inout PartialHead) throws(ParseFailure) -> Event? {
        guard try takeFields(&head) else {
            state = .fields(head)
            return nil
        }
        let complete = try finish(head)
        start = scanned
        state = .bodyStart(complete.framing)
        bodyBytes = 0
        extensionBytes = 0
        return .head(complete)
    }

    private mutating func end() -> Event {
        state = .requestLine
        skippedEmptyLine = false
        bodyBytesMax = .max
        return .end
    }

    private mutating func takeSlice(_ wanted: Int) -> ArraySlice<UInt8>? {
        let count = min(wanted, buffer.count - start)
        guard count > 0 else { return nil }
        let slice = buffer[start..<start + count]
        start += count
        scanned = start
        return slice
    }

    /// Moves what waits to the front once the read part is worth it.
    private mutating func compact() {
        if start == buffer.count {
            buffer.removeAll(keepingCapacity: true)
        } else if start >= 65_536 {
            buffer.removeSubrange(0..<start)
        } else {
            return
        }
        scanned -= start
        start = 0
    }
}
