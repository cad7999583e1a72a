import Runtime

extension ServerLoop {
    /// Works out until when the client has time. The timer is moved only when the deadline comes nearer; otherwise it looks again when it
    /// fires,
    /// so a busy connection touches the wheel about once a minute.
    func updateDeadline(_ connection: Connection) {
        let deadline = deadline(of: connection)
        connection.deadline = deadline
        guard let deadline else { return }
        if connection.timer != nil {
            if connection.timerDue <= deadline { return }
            cancelTimer(connection)
        }
        let key = connection.key
        connection.timerDue = deadline
        connection.timer = loop.schedule(after: deadline - loop.now) { self.assumeIsolated { $0.fire(key) } }
    }

    private func cancelTimer(_ connection: Connection) {
        guard let timer = connection.timer else { return }
        loop.cancel(timer)
        connection.timer = nil
    }

    private func deadline(of connection: Connection) -> MonotonicTime? {
        if let started = connection.writeStarted { return started + times.allowance(times.write, bytes: connection.writtenBytes) }
        if connection.phase == .lingering { return started(connection) + times.linger }
        if let exchange = connection.exchange {
            // A body still coming has `headStarted`; the handler's own time is its own matter, as is a body that it does not read.
            guard let started = connection.headStarted else { return nil }
            if let feed = exchange.stream, feed.outcome != nil || feed.waiting.count >= BodyFeed.bufferedBytesMax { return nil }
            return started + times.allowance(times.body, bytes: exchange.bodyBytes)
        }
        if connection.parser.isWithinRequest { return started(connection) + times.header }
        connection.headStarted = nil
        return loop.now + times.idle
    }

    /// When the phase that is timed began: now, if it begins.
    private func started(_ connection: Connection) -> MonotonicTime {
        if let started = connection.headStarted { return started }
        connection.headStarted = loop.now
        return loop.now
    }

    private func fire(_ key: ConnectionKey) {
        guard let connection = connection(key) else { return }
        connection.timer = nil
        guard let deadline = connection.deadline else { return }
        if deadline > loop.now {
            updateTimer(connection, deadline)
        } else {
            timeOut(connection)
        }
    }

    private func updateTimer(_ connection: Connection, _ deadline: MonotonicTime) {
        let key = connection.key
        connection.timerDue = deadline
        connection.timer = loop.schedule(after: deadline - loop.now) { self.assumeIsolated { $0.fire(key) } }
    }

    private func timeOut(_ connection: Connection) {
        if connection.writeStarted != nil || connection.phase != .open || connection.isIdle {
            if connection.writeStarted != nil { load.timedOut.increment() }
            disconnect(connection)
            return
        }
        load.timedOut.increment()
        connection.headStarted = nil
        closeAfter(connection)
        if connection.exchange?.stream != nil {
            endStream(connection, .failure(.tooSlow))
            updateInterest(connection)
            return
        }
        date.refresh(loop.now)
        if connection.exchange == nil {
            connection.exchange = Exchange(withoutRequest: ids.next(), started: loop.now)
        }
        respond(connection, .problem(Problem(HTTPProblem.timeout)), subject: nil)
        settle(connection)
    }

    // MARK: Stopping

    /// Ends within `grace`: idle connections and event streams at once, requests under way when they are answered.
    func stop(grace: Duration) async {
        stopListening()
        isStopping = true
        for connection in connections.compactMap({ $0 }) { beginStopping(connection) }
        if count == 0 { return }
        let timer = loop.schedule(after: grace) { self.assumeIsolated { $0.cut() } }
        await withCheckedContinuation { drained = $0 }
        loop.cancel(timer)
    }

    private func beginStopping(_ connection: Connection) {
        if case .streaming(isEvents: true, let isChunked) = connection.exchange?.stage {
            connection.closesAfterExchange = true
            connection.exchange?.task?.cancel()
            if isChunked { connection.output.append(contentsOf: Array("0\r\n\r\n".utf8)) }
            endExchange(connection)
            settle(connection)
            return
        }
        // A request may lie in the socket already.
        if connection.isIdle { receive(connection) }
        guard self.connection(connection.key) === connection else { return }
        if connection.isIdle { disconnect(connection) }
    }

    private func cut() {
        api.log.warning("http.cut", ["connections": .integer(Int64(count))])
        for connection in connections.compactMap({ $0 }) { disconnect(connection) }
    }
}
