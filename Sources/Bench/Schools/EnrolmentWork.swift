import HTTP
import NightSchool
import Postgres
import Runtime

/// A term that opens: a crowd on all of its classes at once, beside pgbench with one transaction an enrolment.
struct EnrolmentWork: Work {
    static let name = "enrolment"
    static let summary = "50,000 enrolments in 30 classes that open at once, over HTTP, beside pgbench with one transaction each"

    private static let classes: Int32 = 30
    private static let seats: Int32 = 500
    private static let members = 25_000
    private static let crowd = 50_000
    private static let connections = 256

    let options: BenchOptions

    init(_ options: BenchOptions) {
        self.options = options
    }

    func run(_ report: Report) async throws {
        report.title("enrolment: \(Self.crowd) enrolments of \(Self.members) members in \(Self.classes) classes; PostgreSQL durable")
        try await EnrolmentHouse.with(members: Self.members) { house in
            let pgbench = try house.bench.pgbench()
            report.note("warming up")
            _ = try await race(house, term: 0, crowd: 5_000)
            var (ours, peer, p50, p99): ([Double], [Double], [Double], [Double]) = ([], [], [], [])
            for run in 1...options.runs {
                report.note("enrolments \(run)/\(options.runs)")
                let load = try await race(house, term: run, crowd: Self.crowd)
                ours.append(load.perSecond)
                p50.append(load.percentileMilliseconds(0.5))
                p99.append(load.percentileMilliseconds(0.99))
                // A term of its own, of as many classes with as many seats.
                let classes = try await house.openTerm(100 + run, classes: Self.classes, seats: Self.seats).map(\.rawValue)
                peer.append(
                    try await pgbench.run(
                        EnrolmentPeer.script,
                        defines: ["members": "\(Self.members)", "first": "\(classes.min() ?? 0)", "last": "\(classes.max() ?? 0)"],
                        seconds: options.seconds ?? 3, folder: house.bench.folder))
            }
            try report.figure(
                Self.name, "enrolments", ours: median(ours), peer: median(peer), peerName: "pgbench, one transaction", unit: "enrolments/s",
                runs: options.runs, promise: "5 x")
            try report.figure(Self.name, "half within", ours: median(p50), unit: "ms", runs: options.runs)
            try report.figure(Self.name, "99 % within", ours: median(p99), unit: "ms", runs: options.runs, promise: "300 ms")
            try await measureReading(house, report)
        }
    }

    /// A crowd on a fresh term, counted afterwards.
    private func race(_ house: EnrolmentHouse, term: Int, crowd: Int) async throws -> LoadGenerator.Outcome {
        let classes = try await house.openTerm(term, classes: Self.classes, seats: Self.seats)
        return try await enter(house, classes, seats: Self.seats, term: term, crowd: crowd)
    }

    /// A fresh term, as many of whose seats are taken.
    /// - Returns: its classes.
    func open(_ house: EnrolmentHouse, term: Int, classes: Int32, seats: Int32, crowd: Int) async throws -> [ID<SchoolClass>] {
        let classes = try await house.openTerm(term, classes: classes, seats: seats)
        _ = try await enter(house, classes, seats: seats, term: term, crowd: crowd)
        return classes
    }

    private func enter(
        _ house: EnrolmentHouse, _ classes: [ID<SchoolClass>], seats: Int32, term: Int, crowd: Int
    ) async throws -> LoadGenerator.Outcome {
        let requests = try EnrolmentRequests(classes: classes, tokens: house.tokens, first: term * Self.crowd, count: crowd)
        let load = try await LoadGenerator(house.loop, port: house.server.port) { _, _ in
            requests.next()
        }.run(connections: Self.connections, duration: .seconds(120))
        guard load.failures == 0, load.answers == crowd, load.byStatus[200] == crowd else {
            throw BenchError(description: "not every enrolment was answered: \(load.byStatus), \(load.failures) connections broken")
        }
        let account = try await house.account(of: classes)
        guard account.seated == min(crowd, classes.count * Int(seats)), account.seated + account.waiting == crowd, account.isCounted,
            account.isInOrder
        else { throw BenchError(description: "the term does not add up: \(account)") }
        return load
    }
}
