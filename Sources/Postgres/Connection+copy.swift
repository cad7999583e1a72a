import CLibPQ
import Glibc
import Runtime

/// What pipeline mode does not do: scripts of several statements, and COPY. The connection must be leased and idle.
extension Connection {
    /// Runs a script of any number of statements in the simple protocol, as one transaction unless it says otherwise.
    func script(_ text: String) async throws(PostgresError) {
        let handle = try beginExclusive()
        defer { endExclusive() }
        guard PQsendQuery(handle.pointer, text) == 1 else { throw lost() }
        try await finishCommand(handle)
    }

    /// Starts `copy … from stdin`; end it by `finishCopyIn`.
    func startCopyIn(_ statement: String) async throws(PostgresError) {
        let handle = try beginExclusive()
        guard PQsendQuery(handle.pointer, statement) == 1 else { throw lost() }
        let result = try await nextResult(handle)
        guard let result, PQresultStatus(result.pointer) == PGRES_COPY_IN else {
            let error = result.map { PostgresError.server(ServerError($0.pointer)) } ?? .connectionLost
            await discardResults(handle)
            endExclusive()
            throw error
        }
    }

    /// Hands a piece of the stream to the socket and waits until it has taken it, so that memory stays bounded.
    func putCopyData(_ bytes: [UInt8]) async throws(PostgresError) {
        guard let handle, state == .exclusive else { throw .connectionLost }
        let queued = bytes.withUnsafeBytes {
            PQputCopyData(handle.pointer, $0.assumingMemoryBound(to: CChar.self).baseAddress, CInt($0.count))
        }
        guard queued == 1 else { throw lost() }
        while state == .exclusive, !flush() { await readiness() }
        if state != .exclusive { throw .connectionLost }
    }

    /// Ends the stream; with a reason the server discards what was sent.
    /// - Returns: the rows copied.
    func finishCopyIn(refusing reason: String?) async throws(PostgresError) -> Int {
        guard let handle, state == .exclusive else { throw .connectionLost }
        defer { endExclusive() }
        guard PQputCopyEnd(handle.pointer, reason) == 1 else { throw lost() }
        return try await finishCommand(handle)
    }

    /// Runs `copy … to stdout`, handing pieces of some 64 kB to `take`.
    func copyOut(_ statement: String, _ take: @Sendable ([UInt8]) async throws -> Void) async throws {
        let handle = try beginExclusive()
        defer { endExclusive() }
        guard PQsendQuery(handle.pointer, statement) == 1 else { throw lost() }
        guard let result = try await nextResult(handle) else { throw PostgresError.connectionLost }
        guard PQresultStatus(result.pointer) == PGRES_COPY_OUT else {
            await discardResults(handle)
            throw PostgresError.server(ServerError(result.pointer))
        }
        var piece: [UInt8] = []
        reading: while true {
            var row: UnsafeMutablePointer<CChar>?
            let count = PQgetCopyData(handle.pointer, &row, 1)
            switch count {
            case 1...:
                if let row { piece.append(contentsOf: UnsafeRawBufferPointer(start: row, count: Int(count))) }
                PQfreemem(row)
                guard piece.count >= 65_536 else { continue }
                do { try await take(piece) } catch {
                    // The rest of the stream cannot be skipped cheaply.
                    close(.connectionLost)
                    throw error
                }
                piece.removeAll(keepingCapacity: true)
            case 0:
                await readiness()
                if state != .exclusive { throw PostgresError.connectionLost }
            case -1: break reading
            default: throw lost()
            }
        }
        if !piece.isEmpty { try await take(piece) }
        try await finishCommand(handle)
    }

    private func beginExclusive() throws(PostgresError) -> LibPQHandle {
        guard state == .ready, let handle else { throw .unavailable }
        precondition(load == 0, "a script or copy has its connection to itself")
        guard PQexitPipelineMode(handle.pointer) == 1 else { throw lost() }
        state = .exclusive
        return handle
    }

    private func endExclusive() {
        guard state == .exclusive, let handle else { return }
        state = .ready
        if PQenterPipelineMode(handle.pointer) != 1 { close(.connectionLost) }
    }

    private func lost() -> PostgresError {
        close(.connectionLost)
        return .connectionLost
    }

    private func readiness() async {
        await withCheckedContinuation { waiter = $0 }
    }

    private func nextResult(_ handle: LibPQHandle) async throws(PostgresError) -> ResultHandle? {
        while state == .exclusive {
            flush()
            if PQisBusy(handle.pointer) == 0 { return PQgetResult(handle.pointer).map(ResultHandle.init) }
            await readiness()
        }
        throw .connectionLost
    }

    /// After a refusal: the error that came first is the one that counts.
    private func discardResults(_ handle: LibPQHandle) async {
        do throws(PostgresError) { try await finishCommand(handle) } catch { return }
    }

    /// Takes results until the command has ended; the first error wins.
    @discardableResult
    private func finishCommand(_ handle: LibPQHandle) async throws(PostgresError) -> Int {
        var affected = 0
        var failure: PostgresError?
        while let result = try await nextResult(handle) {
            switch PQresultStatus(result.pointer) {
            case PGRES_FATAL_ERROR: failure = failure ?? .server(ServerError(result.pointer))
            case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
                // Only our own statements come here; a copy nobody feeds would wait for ever.
                throw lost()
            default: affected = Int(String(cString: PQcmdTuples(result.pointer))) ?? affected
            }
        }
        if let failure { throw failure }
        return affected
    }
}
