import Runtime

extension ServerLoop {
    // MARK: Bodies read by handlers

    /// What `BodyStream.next` waits for.
    func nextPiece(_ key: ConnectionKey) async -> Result<[UInt8]?, BodyStreamError> {
        guard let connection = connection(key), let feed = connection.exchange?.stream else { return .failure(.disconnected) }
        precondition(feed.reader == nil, "a body has one reader at a time")
        if feed.owesContinue {
            feed.owesContinue = false
            connection.output.append(contentsOf: ResponseHead.continue)
            settle(connection)
        }
        if let piece = takePiece(connection) { return piece }
        return await withCheckedContinuation { feed.reader = $0 }
    }

    /// What is there: bytes first, then the end. Makes room, so parsing goes on.
    private func takePiece(_ connection: Connection) -> Result<[UInt8]?, BodyStreamError>? {
        guard let feed = connection.exchange?.stream else { return .failure(.disconnected) }
        if case .failure(let error) = feed.outcome { return .failure(error) }
        if !feed.waiting.isEmpty {
            let piece = feed.waiting
            feed.waiting = []
            if piece.count >= BodyFeed.bufferedBytesMax { process(connection) }
            return .success(piece)
        }
        return feed.outcome == nil ? nil : .success(nil)
    }

    func feedReader(_ connection: Connection) {
        guard let feed = connection.exchange?.stream, let reader = feed.reader, !feed.waiting.isEmpty else { return }
        let piece = feed.waiting
        feed.reader = nil
        feed.waiting = []
        reader.resume(returning: .success(piece))
    }

    /// The body is complete or will never be.
    func endStream(_ connection: Connection, _ outcome: Result<Void, BodyStreamError>) {
        guard let feed = connection.exchange?.stream, feed.outcome == nil else { return }
        feed.outcome = outcome
        connection.headStarted = nil
        guard let reader = feed.reader else { return }
        feed.reader = nil
        switch outcome {
        case .success: reader.resume(returning: .success(nil))
        case .failure(let error): reader.resume(returning: .failure(error))
        }
    }

    // MARK: Bodies written by handlers

    /// Runs a streamed answer to its end.
    nonisolated func run(_ key: ConnectionKey, _ source: Response.Body, _ template: String, _ requestID: String) async {
        let writer = ResponseWriter { await self.write(key, $0) }
        do {
            switch source {
            case .stream(let body): try await body(writer)
            case .events(let body): try await body(EventStream(writer))
            case .none, .bytes, .problem: break
            }
            await finishStream(key, isWhole: true)
        } catch {
            if !(error is ResponseStreamError) && !(error is CancellationError) { api.logUnknown(error, requestID, template) }
            await finishStream(key, isWhole: false)
        }
    }

    private func write(_ key: ConnectionKey, _ bytes: [UInt8]) async -> ResponseStreamError? {
        guard let connection = connection(key), case .streaming(let isEvents, let isChunked) = connection.exchange?.stage else {
            return .disconnected
        }
        if isEvents, isStopping { return .stopping }
        if bytes.isEmpty { return nil }
        precondition(connection.writer == nil, "a streamed answer has one writer at a time")
        append(connection, bytes, isChunked: isChunked)
        settle(connection)
        guard self.connection(key) === connection else { return .disconnected }
        if connection.pendingBytes < 65_536 { return nil }
        return await withCheckedContinuation { connection.writer = $0 }
    }

    private func append(_ connection: Connection, _ bytes: [UInt8], isChunked: Bool) {
        if isChunked { connection.output.append(contentsOf: Array((String(bytes.count, radix: 16) + "\r\n").utf8)) }
        connection.output.append(contentsOf: bytes)
        if isChunked { connection.output.append(contentsOf: [0x0D, 0x0A]) }
    }

    /// A body that broke off is cut without its last chunk, so that nobody takes it for whole.
    private func finishStream(_ key: ConnectionKey, isWhole: Bool) {
        guard let connection = connection(key), case .streaming(let isEvents, let isChunked) = connection.exchange?.stage else { return }
        guard isWhole || isEvents else {
            disconnect(connection)
            return
        }
        if isChunked { connection.output.append(contentsOf: Array("0\r\n\r\n".utf8)) }
        endExchange(connection)
        process(connection)
    }

    /// A comment line every so often keeps proxies from closing a quiet stream and finds clients that vanished.
    func scheduleHeartbeat(_ key: ConnectionKey) {
        loop.schedule(after: times.heartbeat) { self.assumeIsolated { $0.beat(key) } }
    }

    private func beat(_ key: ConnectionKey) {
        guard let connection = connection(key), case .streaming(isEvents: true, let isChunked) = connection.exchange?.stage else { return }
        if connection.pendingBytes == 0 {
            append(connection, Array(": still here\n\n".utf8), isChunked: isChunked)
            settle(connection)
        }
        if self.connection(key) === connection { scheduleHeartbeat(key) }
    }

    /// The connection is gone: whoever reads or writes it is told, and a stream's task is cancelled.
    ///
    /// A handler that decides is left alone: what it does counts, whether or not its client hears of it.
    func abandonExchange(_ connection: Connection) {
        endStream(connection, .failure(.disconnected))
        if let writer = connection.writer {
            connection.writer = nil
            writer.resume(returning: .disconnected)
        }
        if case .streaming = connection.exchange?.stage { connection.exchange?.task?.cancel() }
        connection.exchange = nil
    }
}
