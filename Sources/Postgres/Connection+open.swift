import CLibPQ
import Runtime

extension Connection {
    /// Starts to connect; `report` is called on the loop, with `.ready` once and with `.closed` once.
    /// - Parameter attempt: counts from 0; turns the list of hosts.
    func open(attempt: Int, report: @escaping @Sendable (Event) -> Void) {
        precondition(state == .fresh, "a connection is opened once")
        self.report = report
        state = .connecting
        guard let fresh = LibPQHandle(settings.parameters(attempt: attempt)), PQstatus(fresh.pointer) != CONNECTION_BAD else {
            return close(.unavailable)
        }
        handle = fresh
        connectTimer = loop.schedule(after: settings.connectTimeout) { [weak self] in
            self?.assumeIsolated { if $0.state == .connecting { $0.close(.unavailable) } }
        }
        // libpq's contract: behave at first as if PQconnectPoll had returned PGRES_POLLING_WRITING.
        watchConnecting(.write)
    }

    func pollConnect() {
        guard let handle else { return }
        switch PQconnectPoll(handle.pointer) {
        case PGRES_POLLING_READING: watchConnecting(.read)
        case PGRES_POLLING_WRITING: watchConnecting(.write)
        case PGRES_POLLING_OK: finishConnect(handle)
        default: close(connectError(handle))
        }
    }

    private func connectError(_ handle: LibPQHandle) -> PostgresError {
        guard let text = PQerrorMessage(handle.pointer) else { return .unavailable }
        // Wrong passwords and missing databases don't mend themselves, and the message holds no data of ours. Whatever else a server says
        // at this point (starting, recovering, full) passes.
        let message = String(cString: text)
        refusal = message.split(whereSeparator: \.isNewline).first.map(String.init)
        let fatal = message.split(whereSeparator: \.isNewline).first { line in
            ["password", "authentication failed", "does not exist", "pg_hba.conf", "not permitted", "certificate"].contains {
                line.contains($0)
            }
        }
        return fatal.map { .configuration(String($0)) } ?? .unavailable
    }

    /// The descriptor may change between two polls, when libpq goes on to another host; so it is watched anew each time.
    private func watchConnecting(_ interest: EventInterest) {
        guard let handle else { return }
        if descriptor >= 0 { loop.remove(descriptor) }
        descriptor = PQsocket(handle.pointer)
        do throws(SystemError) {
            try loop.add(descriptor, interest, self)
        } catch {
            descriptor = -1
            close(.unavailable)
        }
    }

    private func finishConnect(_ handle: LibPQHandle) {
        watchConnecting(.read)
        guard state == .connecting else { return }
        guard PQsetnonblocking(handle.pointer, 1) == 0, PQenterPipelineMode(handle.pointer) == 1 else { return close(.unavailable) }
        guard PQserverVersion(handle.pointer) >= 150_000 else {
            return close(.configuration("PostgreSQL 15 or newer is needed; this one is \(PQserverVersion(handle.pointer) / 10_000)"))
        }
        if let connectTimer { loop.cancel(connectTimer) }
        connectTimer = nil
        state = .ready
        report?(.ready)
    }
}
