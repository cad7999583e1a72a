import CLibPQ
package import Runtime

/// One libpq connection in pipeline mode, living on one loop: statements are sent as they come and answered in order.
///
/// Each statement is followed by a sync of its own, so it is its own transaction and a failing one leaves its neighbours alone.
/// A connection lives once: opened, used, closed. Lanes and pools make new ones.
///
/// Nothing here ever cancels a statement: a cancelled COMMIT that waits for a standby is committed locally all the same, so a caller
/// whose deadline passes is told "unknown" and the connection is left to finish.
package actor Connection: EventHandler {
    enum State: Equatable {
        case fresh, connecting, ready
        /// One script or copy has the connection for itself, out of pipeline mode.
        case exclusive
        case closed
    }

    enum Event: Sendable { case ready, closed(PostgresError) }

    typealias Answer = Result<QueryResult, PostgresError>

    struct InFlight {
        var continuation: CheckedContinuation<Answer, Never>?
        let deadline: MonotonicTime?
        var prepared: Prepared?
        var answer: Answer?
    }

    struct StatementKey: Hashable {
        let text: String
        let types: [UInt32]
    }

    /// The prepared statement that a request runs.
    struct Prepared {
        let key: StatementKey
        let name: String
        /// Until the server has prepared it: a failure before that is of the preparing, a later one of the running.
        var isPending: Bool
    }

    /// More distinct statements than this are sent unnamed: the program has some hundred, so this only bounds a mistake.
    private static let preparedMax = 512
    /// A connection whose oldest statement is this late beyond its deadline is given up.
    private static let abandonAfter = Duration.seconds(60)

    package nonisolated let loop: EventLoop
    package nonisolated var unownedExecutor: UnownedSerialExecutor { loop.asUnownedSerialExecutor() }

    let settings: ConnectionSettings
    var handle: LibPQHandle?
    var state = State.fresh
    var descriptor: CInt = -1
    var report: (@Sendable (Event) -> Void)?
    var onNotification: (@Sendable (_ channel: String) -> Void)?
    /// Resumed at the next readiness while a script or a copy waits for the socket.
    var waiter: CheckedContinuation<Void, Never>?
    var connectTimer: EventLoop.TimerToken?
    /// Why connecting failed, in libpq's words, for the log.
    var refusal: String?
    private var inFlight = Queue<InFlight>()
    private var prepared: [StatementKey: String] = [:]
    private var namesGiven = 0
    private var watchTimer: EventLoop.TimerToken?
    private var watchesWrite = false

    init(_ settings: ConnectionSettings, on loop: EventLoop) {
        self.settings = settings
        self.loop = loop
    }

    var isReady: Bool { state == .ready }
    var load: Int { inFlight.count }
    /// Whether no transaction is open and nothing is under way: only then may somebody else have the connection.
    var isIdle: Bool { state == .ready && inFlight.isEmpty && handle.map { PQtransactionStatus($0.pointer) == PQTRANS_IDLE } == true }

    // MARK: Statements

    /// Sends one statement and waits for its answer.
    /// - Parameter deadline: nil waits as long as it takes, for work on a leased connection; with one, the statement is a transaction of
    ///   its own.
    func query(_ sql: SQL, deadline: Duration?) async throws(PostgresError) -> QueryResult {
        let answer = await ask(sql, deadline: deadline)
        // Nothing ran, so it is asked once more, prepared anew; but not within a transaction, which has failed as a whole.
        if case .failure(.server(let error)) = answer, Self.isStale(error), !settings.pooler, deadline != nil || isIdle {
            return try await ask(sql, deadline: deadline).get()
        }
        return try answer.get()
    }

    /// 26000: the server forgot a statement we prepared; 0A000: a migration changed what it returns.
    private static func isStale(_ error: ServerError) -> Bool { error.sqlState == "26000" || error.sqlState == "0A000" }

    private func ask(_ sql: SQL, deadline: Duration?) async -> Answer {
        guard state == .ready, let handle else { return .failure(.unavailable) }
        return await withCheckedContinuation { continuation in
            send(sql, handle.pointer, deadline.map { loop.now + $0 }, continuation)
        }
    }

    private func send(
        _ sql: SQL, _ connection: OpaquePointer, _ deadline: MonotonicTime?, _ continuation: CheckedContinuation<Answer, Never>
    ) {
        let key = StatementKey(text: sql.text, types: sql.binds.types)
        var statement: Prepared?
        if !settings.pooler {
            if let name = prepared[key] {
                statement = Prepared(key: key, name: name, isPending: false)
            } else if prepared.count < Self.preparedMax {
                let name = "w\(namesGiven)"
                namesGiven += 1
                if PQsendPrepare(connection, name, sql.text, CInt(sql.binds.types.count), sql.binds.types) == 1 {
                    prepared[key] = name
                    statement = Prepared(key: key, name: name, isPending: true)
                }
            }
        }
        let sent = sql.binds.withPointers { values, lengths, formats, count in
            if let statement { return PQsendQueryPrepared(connection, statement.name, count, values, lengths, formats, 1) }
            return PQsendQueryParams(connection, sql.text, count, sql.binds.types, values, lengths, formats, 1)
        }
        guard sent == 1, PQpipelineSync(connection) == 1 else {
            close(.connectionLost)
            continuation.resume(returning: .failure(.connectionLost))
            return
        }
        inFlight.append(InFlight(continuation: continuation, deadline: deadline, prepared: statement))
        flush()
        if deadline != nil, watchTimer == nil { watchDeadlines() }
    }

    /// Hands libpq's output to the socket, and asks to be told when the socket takes more.
    @discardableResult
    func flush() -> Bool {
        guard let handle else { return false }
        let pending = PQflush(handle.pointer)
        if pending < 0 { return false }
        if (pending == 1) != watchesWrite, descriptor >= 0 {
            watchesWrite = pending == 1
            loop.change(descriptor, watchesWrite ? [.read, .write] : .read)
        }
        return pending == 0
    }

    // MARK: Readiness

    package nonisolated func ready(_ events: ReadyEvents) {
        assumeIsolated { $0.handle(events) }
    }

    private func handle(_ events: ReadyEvents) {
        guard let handle else { return }
        if state == .connecting { return pollConnect() }
        let consumed = events == .writable || PQconsumeInput(handle.pointer) == 1
        flush()
        while let notification = PQnotifies(handle.pointer) {
            onNotification?(String(cString: notification.pointee.relname))
            PQfreemem(notification)
        }
        if state == .ready { takeAnswers(handle) }
        if let waiting = waiter {
            waiter = nil
            waiting.resume()
        }
        if !consumed || PQstatus(handle.pointer) == CONNECTION_BAD { close(.connectionLost) }
    }

    private func takeAnswers(_ handle: LibPQHandle) {
        while !inFlight.isEmpty, PQisBusy(handle.pointer) == 0 {
            // Nil only ends the results of one command; what we wait for is the sync that follows.
            guard let result = PQgetResult(handle.pointer) else { continue }
            switch PQresultStatus(result) {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                let answer = QueryResult(ResultHandle(result))
                if case .failure = inFlight.first?.answer { break }
                inFlight.updateFirst {
                    $0.answer = .success(answer)
                    $0.prepared?.isPending = false
                }
            case PGRES_PIPELINE_SYNC:
                PQclear(result)
                finishFirst(handle)
            case PGRES_PIPELINE_ABORTED:
                PQclear(result)
            default:
                let lost = PQstatus(handle.pointer) == CONNECTION_BAD
                let error = lost ? PostgresError.connectionLost : .server(ServerError(result))
                PQclear(result)
                forgetPrepared(after: error)
                inFlight.updateFirst { if case .failure = $0.answer {} else { $0.answer = .failure(error) } }
                if lost { return }
            }
        }
    }

    /// Only a statement that the server has not, or no longer, is prepared anew; any other failure leaves it there for the next.
    private func forgetPrepared(after error: PostgresError) {
        guard let statement = inFlight.first?.prepared, prepared[statement.key] == statement.name else { return }
        if case .server(let server) = error, statement.isPending || Self.isStale(server) { prepared[statement.key] = nil }
    }

    private func finishFirst(_ handle: LibPQHandle) {
        guard let done = inFlight.popFirst() else { return }
        let warned = handle.takeReplicationWarning()
        done.continuation?.resume(returning: warned ? .failure(.connectionLost) : done.answer ?? .failure(.connectionLost))
    }

    // MARK: Deadlines and the end

    private func watchDeadlines() {
        watchTimer = loop.schedule(after: .milliseconds(250)) { [weak self] in
            self?.assumeIsolated { $0.expire() }
        }
    }

    private func expire() {
        watchTimer = nil
        guard state != .closed else { return }
        let now = loop.now
        var oldestIsAbandoned = false
        var pending = false
        inFlight.updateEach { request in
            guard let deadline = request.deadline else { return }
            pending = true
            if deadline < now, let continuation = request.continuation {
                request.continuation = nil
                continuation.resume(returning: .failure(.timedOut))
            }
            if deadline + Self.abandonAfter < now { oldestIsAbandoned = true }
        }
        if oldestIsAbandoned { return close(.connectionLost) }
        if pending { watchDeadlines() }
    }

    /// Closes for good; what is in flight has an unknown outcome. Statements already sent are not cancelled.
    func close(_ error: PostgresError) {
        guard state != .closed else { return }
        state = .closed
        if descriptor >= 0 { loop.remove(descriptor) }
        descriptor = -1
        handle = nil
        for timer in [watchTimer, connectTimer] { if let timer { loop.cancel(timer) } }
        while let request = inFlight.popFirst() {
            request.continuation?.resume(returning: request.answer.flatMap(\.definiteFailure) ?? .failure(.connectionLost))
        }
        if let waiting = waiter {
            waiter = nil
            waiting.resume()
        }
        let tell = report
        report = nil
        tell?(.closed(error))
    }
}

extension Connection.Answer {
    /// A refusal that arrived before the connection broke is the outcome; a success without its sync is not.
    fileprivate var definiteFailure: Self? {
        if case .failure = self { return self }
        return nil
    }
}

extension SQL.Binds {
    /// Calls `body` with the parameter arrays of `PQsendQueryPrepared`.
    func withPointers<Value>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<CInt>?, UnsafePointer<CInt>?, CInt) -> Value
    ) -> Value {
        bytes.withUnsafeBytes { buffer in
            let base = buffer.assumingMemoryBound(to: CChar.self).baseAddress
            let values = spans.map { $0.length < 0 ? nil : base?.advanced(by: $0.start) }
            let lengths = spans.map { CInt(max(0, $0.length)) }
            let formats = [CInt](repeating: 1, count: spans.count)
            return body(values, lengths, formats, CInt(spans.count))
        }
    }
}
