import FoundationEssentials
import Postgres
import Registry
import Runtime
import Scheduler

/// What `waystation jobs` shows.
struct JobScreen {
    private let clock: Clock
    /// Leases, runs and failures are dated by the machine's own clock, what is due by the service's.
    private let machine = Clock()

    init(_ clock: Clock) { self.clock = clock }

    func lists(_ recurring: [RecurringJob], _ queued: [QueuedJob]) -> String {
        var again = Grid([.left, .left, .right, .right, .right, .left, .left])
        again.add(["RECURRING", "STATE", "EVERY", "RUNS", "FAILED", "LAST RUN", "HELD BY"])
        for job in recurring {
            again.add([
                job.name, state(job), job.interval.map(span) ?? "", grouped(Int(job.runs)), grouped(Int(job.failures)),
                ago(job.finishedAt), job.leasedBy ?? "",
            ])
        }
        var once = Grid([.right, .left, .left, .left, .left, .right, .left])
        once.add(["QUEUED", "KIND", "SUBJECT", "STATE", "PROGRESS", "TRIES", "FAILURE"])
        for job in queued {
            once.add([
                String(job.id), job.kind, job.subject, state(job), progress(job), "\(job.attempts)/\(job.attemptsMax)", job.failure ?? "",
            ])
        }
        let work = queued.isEmpty ? ["  No work is queued."] : once.lines()
        return (again.lines() + [""] + work).joined(separator: "\n") + "\n"
    }

    func details(_ job: QueuedJob) -> String {
        rows([
            ("job", String(job.id)), ("kind", job.kind), ("subject", job.subject), ("key", job.key), ("state", state(job)),
            ("progress", progress(job)), ("due", job.dueAt.description), ("attempts", "\(job.attempts) of \(job.attemptsMax)"),
            ("failure", job.failure ?? ""), ("held by", job.leasedBy ?? ""), ("lease until", job.leasedUntil?.description ?? ""),
            ("heartbeat", ago(job.heartbeatAt)), ("asked by", job.requestedBy), ("asked", job.createdAt.description),
            ("started", job.startedAt?.description ?? ""), ("ended", job.finishedAt?.description ?? ""),
        ])
    }

    func details(_ job: RecurringJob) -> String {
        rows([
            ("job", job.name), ("state", state(job)), ("every", job.interval.map(span) ?? ""), ("runs", grouped(Int(job.runs))),
            ("last run", job.finishedAt?.description ?? ""), ("failures", grouped(Int(job.failures))),
            ("in a row", job.failuresInRow > 0 ? String(job.failuresInRow) : ""), ("failed", job.failedAt?.description ?? ""),
            ("failure", job.failure ?? ""), ("rests until", job.restsUntil?.description ?? ""), ("held by", job.leasedBy ?? ""),
            ("since", job.leasedBy == nil ? "" : job.startedAt?.description ?? ""), ("lease until", job.leasedUntil?.description ?? ""),
            ("heartbeat", ago(job.heartbeatAt)),
        ])
    }

    private func rows(_ pairs: [(String, String)]) -> String {
        var grid = Grid([.left, .left])
        for (name, value) in pairs where !value.isEmpty { grid.add([name, value]) }
        return grid.lines().joined(separator: "\n") + "\n"
    }

    private func state(_ job: RecurringJob) -> String {
        if job.isStopped { return "stopped" }
        if job.isAsked { return "asked" }
        if job.restsUntil != nil { return "rests" }
        guard let until = job.leasedUntil else { return "free" }
        return until.microseconds > machine.nowMicroseconds ? "held" : "lease over"
    }

    private func state(_ job: QueuedJob) -> String {
        switch job.state {
        case .queued where job.dueAt.microseconds > clock.nowMicroseconds:
            "due in " + span(.microseconds(job.dueAt.microseconds - clock.nowMicroseconds))
        case .running where job.isCancelAsked: "to be cancelled"
        case .running where (job.leasedUntil?.microseconds ?? 0) < machine.nowMicroseconds: "lease over"
        case .queued, .running, .done, .dead, .cancelled: job.state.rawValue
        }
    }

    private func progress(_ job: QueuedJob) -> String {
        guard let progress = job.progress, job.state == .running || job.state == .done else { return "" }
        return partBar(progress.fraction, width: 10) + " \(Int(progress.fraction * 100)) % " + progress.phase
    }

    private func ago(_ time: Timestamp?) -> String {
        guard let time else { return "" }
        return span(.microseconds(max(0, machine.nowMicroseconds - time.microseconds))) + " ago"
    }

    /// `5 s`, `3 min`, `2 h`, `4 days`, rounded down.
    private func span(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        switch seconds {
        case ..<1: return "\(duration.milliseconds) ms"
        case ..<120: return "\(seconds) s"
        case ..<7_200: return "\(seconds / 60) min"
        case ..<172_800: return "\(seconds / 3_600) h"
        default: return "\(seconds / 86_400) days"
        }
    }

    // MARK: For machines

    private struct Lists: Encodable {
        let recurring: [Recurring]
        let queued: [JobAnswer]
    }

    private struct Recurring: Encodable {
        let name: String
        let isStopped: Bool
        let runs: Int64
        let failures: Int64
        let failuresInRow: Int
        let failure: String?
        let finishedAt: String?
        let failedAt: String?
        let restsUntil: String?
        let leasedBy: String?
        let leasedUntil: String?

        init(_ job: RecurringJob) {
            name = job.name
            isStopped = job.isStopped
            runs = job.runs
            failures = job.failures
            failuresInRow = job.failuresInRow
            failure = job.failure
            finishedAt = job.finishedAt?.description
            failedAt = job.failedAt?.description
            restsUntil = job.restsUntil?.description
            leasedBy = job.leasedBy
            leasedUntil = job.leasedUntil?.description
        }
    }

    static func json(_ recurring: [RecurringJob], _ queued: [QueuedJob]) throws -> String {
        try text(Lists(recurring: recurring.map(Recurring.init), queued: queued.map { JobAnswer($0) }))
    }

    static func json(_ job: QueuedJob) throws -> String { try text(JobAnswer(job)) }
    static func json(_ job: RecurringJob) throws -> String { try text(Recurring(job)) }

    private static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self) + "\n"
    }
}
