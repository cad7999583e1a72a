import FoundationEssentials
import Postgres
import Registry
import Runtime
import Scheduler

extension Command {
    private static let asJSON = Option("json", .flag, defaultValue: "false", help: "for machines: JSON on standard output")

    static let listJobs = Command(
        "jobs", summary: "Lists what runs by itself again and again, and the newest work that was queued",
        options: Settings.database + [
            Option(
                "state", .choice(QueuedJob.State.allCases.map(\.rawValue)), placeholder: "STATE",
                help: "only queued work in this state: \(QueuedJob.State.allCases.map(\.rawValue).joined(separator: ", "))"),
            Option("limit", .integer(1...10_000), placeholder: "N", defaultValue: "20", help: "so much of the queued work"),
            asJSON,
        ]
    ) { settings in
        try await withHouse(settings) { house in
            let filter = QueuedJobStore.Filter(
                state: settings.configuration.text("state").flatMap(QueuedJob.State.init(rawValue:)))
            let queued = try await house.queuedJobs.list(filter, limit: settings.configuration.integer("limit"))
            let recurring = try await RecurringJobStore(house.database).list()
            Terminal.output(
                settings.configuration.flag("json")
                    ? try JobScreen.json(recurring, queued) : JobScreen(house.settings.clock).lists(recurring, queued))
        }
    }

    static let showJob = Command(
        "jobs show", operands: "ID|NAME", operandCount: 1...1, summary: "Shows one job: where it stands, who has it, why it failed",
        options: Settings.database + [asJSON]
    ) { settings in
        try await withHouse(settings) { house in
            let screen = JobScreen(house.settings.clock)
            let asJSON = settings.configuration.flag("json")
            switch try await JobName(settings, house) {
            case .queued(let job): Terminal.output(asJSON ? try JobScreen.json(job) : screen.details(job))
            case .recurring(let job): Terminal.output(asJSON ? try JobScreen.json(job) : screen.details(job))
            }
        }
    }

    static let runJob = Command(
        "jobs run", operands: "ID|NAME", operandCount: 1...1,
        summary: "Does a queued job now, here; has a recurring one run at once by the server that holds it",
        options: Settings.database
    ) { settings in
        try await withHouse(settings) { house in
            switch try await JobName(settings, house) {
            case .queued(let job): try await doHere(job, house)
            case .recurring(let job):
                try await change(house, "job.run_asked", "job:\(job.name)") { querying in
                    guard try await RecurringJobStore(house.database).runNow(job.name, in: querying) else {
                        throw CommandError("\(job.name) is stopped: waystation jobs start \(job.name)")
                    }
                }
                Terminal.output("\(job.name) runs at once, on a server that runs or the first that is started.\n")
            }
        }
    }

    static let cancelJob = Command(
        "jobs cancel", operands: "ID", operandCount: 1...1, summary: "Calls a queued job off; one that runs is told to stop",
        options: Settings.database
    ) { settings in
        try await withHouse(settings) { house in
            guard case .queued(let job) = try await JobName(settings, house) else {
                throw CommandError("a recurring job is stopped: waystation jobs stop \(settings.configuration.operands[0])")
            }
            try await change(house, "job.cancel_asked", "job:\(job.id)") { querying in
                switch try await house.queuedJobs.cancel(job.id, in: querying) {
                case .cancelled: Terminal.output("Job \(job.id) is cancelled.\n")
                case .asked: Terminal.output("Job \(job.id) runs; it is told to stop and does not complete.\n")
                case .over(let state): throw CommandError("job \(job.id) is over: \(state.rawValue)")
                case .unknown: throw CommandError("there is no job \(job.id)")
                }
            }
        }
    }

    static let stopJob = Command(
        "jobs stop", operands: "NAME", operandCount: 1...1, summary: "Keeps a recurring job from running on any server",
        options: Settings.database
    ) { settings in
        try await withHouse(settings) { house in
            let job = try await recurring(settings, house)
            try await change(house, "job.stopped", "job:\(job.name)") { querying in
                _ = try await RecurringJobStore(house.database).stop(job.name, in: querying)
            }
            Terminal.output("\(job.name) is stopped; waystation jobs start \(job.name) lets it run again.\n")
        }
    }

    static let startJob = Command(
        "jobs start", operands: "NAME", operandCount: 1...1, summary: "Lets a stopped job run again",
        options: Settings.database
    ) { settings in
        try await withHouse(settings) { house in
            let job = try await recurring(settings, house)
            try await change(house, "job.started", "job:\(job.name)") { querying in
                _ = try await RecurringJobStore(house.database).start(job.name, in: querying)
            }
            Terminal.output("\(job.name) runs again.\n")
        }
    }
}

/// What the operand names: a number a queued job, a word a recurring one.
private enum JobName {
    case queued(QueuedJob)
    case recurring(RecurringJob)

    init(_ settings: Settings, _ house: House) async throws {
        let name = settings.configuration.operands[0]
        if let id = Int64(name) {
            guard let job = try await house.queuedJobs.find(id) else { throw CommandError("there is no job \(id)") }
            self = .queued(job)
        } else {
            let store = RecurringJobStore(house.database)
            guard let job = try await store.find(name) else {
                let nearest = nearestName(to: name, among: try await store.list().map(\.name))
                throw CommandError("there is no job \(name)" + (nearest.map { "; did you mean \($0)?" } ?? ""))
            }
            self = .recurring(job)
        }
    }
}

private func recurring(_ settings: Settings, _ house: House) async throws -> RecurringJob {
    guard case .recurring(let job) = try await JobName(settings, house) else {
        throw CommandError("a queued job is cancelled: waystation jobs cancel \(settings.configuration.operands[0])")
    }
    return job
}

/// Makes a change and its entry in the audit, both or neither.
private func change(
    _ house: House, _ action: String, _ subject: String, _ body: (any Querying) async throws -> Void
) async throws {
    try await house.database.inTransaction { transaction in
        try await body(transaction)
        try await house.registry.audit.record(action, subject: subject, organization: nil, actor: "command:jobs", in: transaction)
    }
}

private func doHere(_ job: QueuedJob, _ house: House) async throws {
    guard house.handlers.contains(where: { $0.kind == job.kind }) else {
        throw CommandError("this waystation knows no work of the kind \(job.kind)")
    }
    if job.state == .done { throw CommandError("job \(job.id) is done") }
    try await change(house, "job.run_asked", "job:\(job.id)") { querying in
        _ = try await house.queuedJobs.runNow(job.id, in: querying)
    }
    let watch = Task {
        var bar = ProgressBar("Job \(job.id)", unit: "steps")
        while !Task.isCancelled {
            if let progress = try await house.queuedJobs.find(job.id)?.progress {
                bar.title = progress.phase
                bar.update(fraction: progress.fraction, count: Int(clamping: progress.done))
            }
            try await Task.sleep(for: .milliseconds(250))
        }
    }
    let outcome: Swift.Result<Void, any Error>
    do { outcome = .success(try await house.makeJobWorker().runOne(job.id)) } catch { outcome = .failure(error) }
    watch.cancel()
    do {
        try outcome.get()
    } catch JobUnavailable.running {
        throw CommandError("job \(job.id) runs on another server: waystation jobs show \(job.id)")
    } catch {
        let now = try await house.queuedJobs.find(job.id)
        throw CommandError("job \(job.id) is \(now?.state.rawValue ?? "gone"): \(now?.failure ?? "unknown")")
    }
    Terminal.output("Job \(job.id) is done.\n")
}
