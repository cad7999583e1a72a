import CLinux
import Glibc
import Runtime

extension ServerLoop {
    /// Appends the answer to what goes out; a streamed body is given back, because its task has to run it.
    @discardableResult
    func respond(_ connection: Connection, _ response: Response, subject: String?) -> Response.Body? {
        guard let exchange = connection.exchange else { return nil }
        let head = exchange.head
        if let feed = exchange.stream, feed.outcome == nil { closeAfter(connection) }
        if isStopping { connection.closesAfterExchange = true }
        let response = api.finish(
            response, head, exchange.entry, requestID: exchange.requestID, started: exchange.started, subject: subject)
        let isHead = head.method == .head
        var length = ResponseHead.Length.none
        var body: [UInt8] = []
        var source: Response.Body?
        switch response.body {
        case .none, .problem:
            if response.status != 204 && response.status != 304 { length = .bytes(0) }
        case .bytes(let bytes):
            length = .bytes(bytes.count)
            if !isHead { body = bytes }
        case .stream, .events:
            length = head.isVersion10 ? .untilClose : .chunked
            if head.isVersion10 { connection.closesAfterExchange = true }
            if !isHead { source = response.body }
        }
        ResponseHead.append(
            response, length: length, requestID: exchange.requestID, date: date.bytes, closes: connection.closesAfterExchange,
            isVersion10: head.isVersion10, to: &connection.output)
        connection.output.append(contentsOf: body)
        if let source {
            var isEvents = false
            if case .events = source { isEvents = true }
            connection.exchange?.stage = .streaming(isEvents: isEvents, isChunked: !head.isVersion10)
            if isEvents { scheduleHeartbeat(connection.key) }
            return source
        }
        endExchange(connection)
        return nil
    }

    /// The answer is complete: the next request may be parsed, or the connection ends.
    func endExchange(_ connection: Connection) {
        connection.exchange = nil
        if connection.closesAfterExchange { connection.phase = .closing }
    }

    /// Sends as much as the socket takes.
    func flush(_ connection: Connection) {
        while connection.pendingBytes > 0 {
            let start = connection.sent
            let count = connection.output.withUnsafeBytes { bytes in
                send(connection.key.descriptor, bytes.baseAddress?.advanced(by: start), bytes.count - start, CInt(MSG_NOSIGNAL))
            }
            if count < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN { break }
                disconnect(connection)
                return
            }
            connection.sent += count
            connection.writtenBytes += count
        }
        if connection.pendingBytes > 0 {
            if connection.writeStarted == nil {
                connection.writeStarted = loop.now
                connection.writtenBytes = 0
            }
            return
        }
        connection.writeStarted = nil
        if connection.phase == .closing { finishClosing(connection) }
    }

    /// Everything is sent. Closing with bytes unread would send a reset that may overtake the answer, so such a connection lingers.
    private func finishClosing(_ connection: Connection) {
        if !connection.inputEnded, connection.hasUnread || connection.parser.isBuffering {
            connection.phase = .lingering
            connection.writtenBytes = 0
            shutdown(connection.key.descriptor, CInt(SHUT_WR))
        } else {
            disconnect(connection)
        }
    }

    /// The socket takes more.
    func resumeWriting(_ connection: Connection) {
        flush(connection)
        guard self.connection(connection.key) === connection else { return }
        if connection.pendingBytes == 0 {
            connection.output = []
            connection.sent = 0
        } else if connection.sent >= 262_144 {
            connection.output.removeSubrange(0..<connection.sent)
            connection.sent = 0
        }
        if connection.pendingBytes < 32_768, let writer = connection.writer {
            connection.writer = nil
            writer.resume(returning: nil)
        }
        // What was pipelined waited for room.
        process(connection)
    }

    // MARK: What is waited for

    func updateInterest(_ connection: Connection) {
        // Built from raw values: an option set's literal from another module costs a generic call each.
        var wanted: UInt32 = 0
        if connection.pendingBytes > 0 { wanted |= EventInterest.write.rawValue }
        if wantsInput(connection) { wanted |= EventInterest.read.rawValue }
        if wanted == connection.interest.rawValue { return }
        connection.interest = EventInterest(rawValue: wanted)
        loop.change(connection.key.descriptor, connection.interest)
    }

    private func wantsInput(_ connection: Connection) -> Bool {
        if connection.inputEnded { return false }
        switch connection.phase {
        case .lingering: return true
        case .closing: return false
        case .open:
            // A streamed body is read as its handler reads it. Else, while a handler works, one buffer is read ahead: that is also how
            // a client's leaving is noticed.
            if let feed = connection.exchange?.stream, feed.outcome == nil { return mayParse(connection) }
            return connection.parser.bufferedBytes < 65_536 && connection.pendingBytes < 65_536
        }
    }
}
