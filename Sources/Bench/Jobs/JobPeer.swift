import FoundationEssentials
import Glibc
import Postgres
import Runtime
import Scheduler

/// A server that does nothing but queued jobs of the kind `trial`, told by its environment; tests and `job-storm` kill and freeze it.
///
/// A trial's effect is a row in `trial_effect`, whose table would take it twice. It says on standard output where it stands. At the point
/// named by `WAYSTATION_TRIAL_PAUSE` it waits until the file `WAYSTATION_TRIAL_GATE` is there.
struct JobPeer: Work {
    static let name = "job-peer"
    static let summary = "a worker for job-storm and for tests (only when named)"

    init(_ options: BenchOptions) {}

    private let environment = ProcessInfo.processInfo.environment

    func run(_ report: Report) async throws {
        guard let connection = environment["WAYSTATION_TRIAL_DATABASE"] else {
            throw BenchError(description: "job-peer needs WAYSTATION_TRIAL_DATABASE")
        }
        let loop = try EventLoop.start(name: "peer")
        let database = Database(try ConnectionSettings(connection), loops: [loop], leasesMax: 8)
        try await database.start()
        var settings = JobWorker.Settings()
        settings.atOnce = 4
        settings.lease = .milliseconds(environment["WAYSTATION_TRIAL_LEASE"].flatMap { Int($0) } ?? 1_000)
        settings.look = .milliseconds(20)
        settings.backOff = JobBackOff(first: .milliseconds(20), longest: .milliseconds(200))
        let worker = JobWorker(database, handlers: [handler], log: .silent, settings: settings)
        worker.start()
        Output.line("ready")
        // Until it is killed.
        while true { try await Task.sleep(for: .seconds(3_600)) }
    }

    private var handler: QueuedJobHandler {
        QueuedJobHandler("trial", attemptsMax: 1_000_000) { lease in
            do {
                try await pause("begun", lease)
                for step: Int64 in 1...3 {
                    try await lease.progress(step, of: 3, phase: "working")
                    try await Task.sleep(for: .milliseconds(.random(in: 0...10)))
                }
                try await pause("computed", lease)
                try await lease.complete { transaction in
                    _ = try await transaction.query("insert into trial_effect (job_id, fence) values (\(lease.id), \(lease.fence))")
                    try await Task.sleep(for: .milliseconds(.random(in: 0...10)))
                    try await pause("inside", lease)
                }
                Output.line("done \(lease.id) \(lease.fence)")
                try await pause("after", lease)
            } catch {
                Output.line("\(error is JobLeaseLost ? "lost" : "failed") \(lease.id) \(lease.fence)")
                throw error
            }
        }
    }

    private func pause(_ point: String, _ lease: JobLease) async throws {
        guard environment["WAYSTATION_TRIAL_PAUSE"] == point, let gate = environment["WAYSTATION_TRIAL_GATE"] else { return }
        Output.line("at \(point) \(lease.id) \(lease.fence)")
        while access(gate, F_OK) != 0 { try await Task.sleep(for: .milliseconds(5)) }
    }
}
