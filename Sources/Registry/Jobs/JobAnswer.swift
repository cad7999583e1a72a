package import HTTP
import Postgres
package import Scheduler

/// A queued job as organizers and the command line's `--json` see it.
package struct JobAnswer: Codable, Sendable, APIType {
    package struct Progress: Codable, Sendable {
        let done: Int64
        let total: Int64
        let phase: String

        static let schema = Schema.object(
            "JobProgress", "How far a job is",
            [
                .required("done", .integer(0...Int64.max)), .required("total", .integer(0...Int64.max)),
                .required("phase", .string(0...100)),
            ])
    }

    let id: Int64
    let kind: String
    let subject: String
    let state: QueuedJob.State
    let dueAt: String
    let attempts: Int
    let attemptsMax: Int
    let progress: Progress?
    let failure: String?
    let isCancelAsked: Bool
    let requestedBy: String
    let createdAt: String
    let startedAt: String?
    let finishedAt: String?

    package init(_ job: QueuedJob) {
        id = job.id
        kind = job.kind
        subject = job.subject
        state = job.state
        dueAt = job.dueAt.description
        attempts = job.attempts
        attemptsMax = job.attemptsMax
        progress = job.progress.map { Progress(done: $0.done, total: $0.total, phase: $0.phase) }
        failure = job.failure
        isCancelAsked = job.isCancelAsked
        requestedBy = job.requestedBy
        createdAt = job.createdAt.description
        startedAt = job.startedAt?.description
        finishedAt = job.finishedAt?.description
    }

    package static let schema = Schema.object(
        "Job", "One piece of work, done once",
        [
            .required("id", .id), .required("kind", .string(1...100)),
            .required("subject", .string(1...200), "What it is about: program:12"),
            .required("state", .oneOf(QueuedJob.State.allCases.map(\.rawValue)), "dead: given up, can be run again by hand"),
            .required("dueAt", .dateTime, "Not before"), .required("attempts", .integer(0...1_000_000)),
            .required("attemptsMax", .integer(1...1_000_000)), .optional("progress", Progress.schema),
            .optional("failure", .string(1...200), "The kind of the last error, or a refusal's code"),
            .required("isCancelAsked", .boolean), .required("requestedBy", .string(1...200)), .required("createdAt", .dateTime),
            .optional("startedAt", .dateTime, "Of the last attempt"), .optional("finishedAt", .dateTime),
        ])
}

struct JobList: Codable, Sendable, APIType {
    let items: [JobAnswer]
    let next: String?

    static let schema = Schema.object(
        "JobList", "A page of jobs", [.required("items", .array(of: JobAnswer.schema, 0...200)), PageCursor.next])
}
