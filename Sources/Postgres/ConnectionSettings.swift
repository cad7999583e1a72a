import CLibPQ

/// Where PostgreSQL is and how it is talked to.
package struct ConnectionSettings: Sendable {
    /// Every keyword of the connection string that was given, environment (`PGHOST`, `PGPASSWORD` …) filling in as libpq does.
    let parameters: [(keyword: String, value: String)]

    /// Unnamed statements only and no LISTEN, so that a pooler may give every transaction another server connection.
    package let pooler: Bool

    /// After this the caller is told that the outcome is unknown; the statement itself goes on.
    package let deadline: Duration

    /// For one attempt to connect; from `connect_timeout` of the connection string, 5 s by default.
    let connectTimeout: Duration

    /// - Parameter connectionString: key-value or URI, as libpq reads it; several hosts are tried in turn. Name addresses
    ///   (`hostaddr`) where you can: looking up a name blocks the loop.
    package init(_ connectionString: String, pooler: Bool = false, deadline: Duration = .seconds(10)) throws(PostgresError) {
        var message: UnsafeMutablePointer<CChar>?
        guard let options = PQconninfoParse(connectionString, &message) else {
            let text = message.map { String(cString: $0) } ?? "unreadable"
            PQfreemem(message)
            throw .configuration("connection string: \(text.split(whereSeparator: \.isNewline).first ?? "unreadable")")
        }
        defer { PQconninfoFree(options) }
        var given: [(keyword: String, value: String)] = []
        var option = options
        while let keyword = option.pointee.keyword {
            if let value = option.pointee.val { given.append((String(cString: keyword), String(cString: value))) }
            option += 1
        }
        func lacks(_ keyword: String) -> Bool { !given.contains { $0.keyword == keyword } }
        let timeout = given.first { $0.keyword == "connect_timeout" }.flatMap { Int($0.value) } ?? 0
        connectTimeout = .seconds(timeout > 0 ? timeout : 5)
        // Notices a peer that vanished without a word within 10 s instead of the kernel's quarter of an hour.
        if lacks("tcp_user_timeout") { given.append(("tcp_user_timeout", "10000")) }
        if lacks("keepalives_idle") { given.append(("keepalives_idle", "10")) }
        if lacks("application_name") { given.append(("application_name", "waystation")) }
        given.removeAll { $0.keyword == "client_encoding" }
        given.append(("client_encoding", "UTF8"))
        parameters = given
        self.pooler = pooler
        self.deadline = deadline
    }

    /// The parameters with the list of hosts turned by `attempt`: libpq would spend every attempt on the first host if that one swallows
    /// packets, because in non-blocking use the time limit is ours and ends the whole attempt.
    func parameters(attempt: Int) -> [(keyword: String, value: String)] {
        parameters.map { parameter in
            guard ["host", "hostaddr", "port"].contains(parameter.keyword) else { return parameter }
            let entries = parameter.value.split(separator: ",", omittingEmptySubsequences: false)
            let shift = attempt % entries.count
            return (parameter.keyword, (entries[shift...] + entries[..<shift]).joined(separator: ","))
        }
    }

    /// The value of one keyword, for messages; never ask for the password.
    package func value(_ keyword: String) -> String? { parameters.first { $0.keyword == keyword }?.value }
}

/// How long to wait before the next attempt: doubles from 50 ms to 1 s, each time shortened at random by up to half, so that many
/// clients of a restarted server don't come back in step.
struct BackOff: Sendable {
    private(set) var failures = 0

    mutating func next() -> Duration {
        let full = min(1_000.0, 50 * Double(1 << min(failures, 10)))
        failures += 1
        return .milliseconds(Int64(full * Double.random(in: 0.5...1)))
    }

    mutating func reset() { failures = 0 }
}
