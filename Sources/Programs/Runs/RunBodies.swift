import AllocationFiles
import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler

/// A run as organizers see it.
struct RunAnswer: Codable, Sendable, APIType {
    let programId: ID<UnionProgram>
    let number: Int32
    let state: ProgramRun.State
    let madeBy: String
    let madeAt: String
    let applicants: Int
    let excluded: Int
    let placed: Int
    let waiting: Int
    let figures: RunFigures
    let inputsHash: String
    let auditHash: String?
    let milliseconds: Int64
    let reviewedBy: String?
    let reviewedAt: String?
    let reviewNote: String?
    let publishedBy: String?
    let publishedAt: String?

    init(_ run: ProgramRun) {
        programId = run.programID
        number = run.number
        state = run.state
        madeBy = run.madeBy
        madeAt = run.madeAt.description
        applicants = run.applicants
        excluded = run.excluded
        placed = run.placed
        waiting = run.waiting
        figures = run.figures
        inputsHash = Hex.encode(run.inputsHash)
        auditHash = run.auditHash.map { Hex.encode($0) }
        milliseconds = run.microseconds / 1_000
        reviewedBy = run.reviewedBy
        reviewedAt = run.reviewedAt?.description
        reviewNote = run.reviewNote
        publishedBy = run.publishedBy
        publishedAt = run.publishedAt?.description
    }

    private static let count = Schema.integer(0...Int64(Int32.max))

    static let schema = Schema.object(
        "ProgramRun", "One sharing out of a program",
        [
            .required("programId", .id), .required("number", .integer(1...Int64(Int32.max)), "1 for the program's first"),
            .required("state", .oneOf(ProgramRun.State.allCases.map(\.rawValue)), "replaced: another run was made after it"),
            .required("madeBy", .string(1...100)), .required("madeAt", .dateTime), .required("applicants", count),
            .required("excluded", count), .required("placed", count), .required("waiting", count),
            .required("figures", RunFigures.schema),
            .required("inputsHash", .string(64...64), "Of the applications, as the program has it"),
            .optional("auditHash", .string(64...64), "The digest in the last line of the audit file"),
            .required("milliseconds", .integer(0...Int64.max), "From the first row read to the last one written"),
            .optional("reviewedBy", .string(1...100)), .optional("reviewedAt", .dateTime), .optional("reviewNote", .string(1...500)),
            .optional("publishedBy", .string(1...100)), .optional("publishedAt", .dateTime),
        ])
}

struct RunList: Codable, Sendable, APIType {
    let items: [RunAnswer]

    static let schema = Schema.object(
        "ProgramRunList", "The newest hundred, the newest first", [.required("items", .array(of: RunAnswer.schema, 0...100))])
}

/// A run that was asked for: how far it is.
struct RunRequestAnswer: Codable, Sendable, APIType {
    let id: Int64
    let state: QueuedJob.State
    let phase: String?
    let done: Int64?
    let total: Int64?
    /// A problem's code, or the kind of an error.
    let failure: String?

    init(_ job: QueuedJob) {
        id = job.id
        state = job.state
        phase = job.progress?.phase
        done = job.progress?.done
        total = job.progress?.total
        failure = job.failure
    }

    static let schema = Schema.object(
        "RunRequest", "A run that was asked for",
        [
            .required("id", .id),
            .required("state", .oneOf(QueuedJob.State.allCases.map(\.rawValue)), "dead: it cannot be made, see failure"),
            .optional("phase", .string(0...100), "reading, sharing, writing"), .optional("done", .integer(0...Int64.max), "Applicants"),
            .optional("total", .integer(0...Int64.max)),
            .optional("failure", .string(1...200), "A problem's code, or the kind of an error"),
        ])
}

/// What the second organizer found.
struct RunReviewBody: Codable, Sendable, APIType {
    enum Decision: String, Codable, CaseIterable, Sendable { case accept, reject }

    let decision: Decision
    let note: String?

    static let schema = Schema.object(
        "RunReview", "What the second organizer found",
        [
            .required("decision", .oneOf(Decision.allCases.map(\.rawValue))),
            .optional("note", .string(1...500), "Kept with the run; say why one is rejected"),
        ])
}

/// The public number that the lottery is drawn with.
struct BeaconBody: Codable, Sendable, APIType {
    let beacon: String

    static let schema = Schema.object(
        "Beacon", "The public number that was named when the program was announced",
        [
            .required(
                "beacon",
                .string(2...512, pattern: Pattern("^([0-9a-f]{2})+$") { text in Hex.decode(String(decoding: text, as: UTF8.self)) != nil }),
                "Its bytes in hex digits")
        ])
}

/// Floors, quotas and capacities to be tried side by side.
struct SimulationBody: Codable, Sendable, APIType {
    struct Variant: Codable, Sendable {
        let group: String
        let sizes: [Int]

        static let schema = Schema.object(
            "FloorVariant", "Sizes of one group's floor",
            [.required("group", .string(1...100)), .required("sizes", .array(of: .integer(0...1_000_000_000), 1...8))])
    }

    struct SessionVariant: Codable, Sendable {
        let number: Int32
        let sizes: [Int]

        static let schema = Schema.object(
            "CapacityVariant", "Seats of one session",
            [
                .required("number", .integer(1...65_535), "The session's"),
                .required("sizes", .array(of: .integer(1...1_000_000_000), 1...8), "Held and walk-in seats among them"),
            ])
    }

    let floors: [Variant]?
    let quotas: [Int]?
    let capacities: [SessionVariant]?
    let applicantsOf: ID<UnionProgram>?

    static let schema = Schema.object(
        "SimulationBody", "What is to be tried; nothing is written",
        [
            .optional("floors", .array(of: Variant.schema, 0...8), "Each combination of all three is a column, at most 8"),
            .optional("quotas", .array(of: .integer(1...1_000_000_000), 1...8), "Places of the program, those held already among them"),
            .optional("capacities", .array(of: SessionVariant.schema, 0...8)),
            .optional("applicantsOf", .id, "Another program, last year's perhaps, whose applicants are taken"),
        ])
}

struct SimulationFigures: Codable, Sendable {
    let placed: Int
    let waiting: Int
    let figures: RunFigures

    static let schema = Schema.object(
        "SimulationFigures", "What would come out",
        [
            .required("placed", .integer(0...Int64(Int32.max))), .required("waiting", .integer(0...Int64(Int32.max))),
            .required("figures", RunFigures.schema),
        ])
}

struct SimulationAnswer: Codable, Sendable, APIType {
    let applicants: Int
    /// Whether the draw was the program's own, or one for this simulation alone.
    let isOwnDraw: Bool
    let columns: [Column]

    struct TriedFloor: Codable, Hashable, Sendable {
        let group: String
        let size: Int

        static let schema = Schema.object(
            "TriedFloor", "A floor that was tried", [.required("group", .string(1...100)), .required("size", .integer(0...1_000_000_000))])
    }

    struct TriedSession: Codable, Hashable, Sendable {
        let number: Int32
        let capacity: Int

        static let schema = Schema.object(
            "TriedSession", "Seats that were tried",
            [.required("number", .integer(1...65_535)), .required("capacity", .integer(1...1_000_000_000))])
    }

    struct Column: Codable, Sendable {
        let floors: [TriedFloor]
        let quota: Int?
        let capacities: [TriedSession]
        let strict: SimulationFigures
        let fair: SimulationFigures?

        static let schema = Schema.object(
            "SimulationColumn", "One variant: what was asked for of it, and what came out; what is not named is as the program has it",
            [
                .required("floors", .array(of: TriedFloor.schema, 0...8)), .optional("quota", .integer(1...1_000_000_000)),
                .required("capacities", .array(of: TriedSession.schema, 0...8)),
                .required("strict", SimulationFigures.schema, "Every floor as a promise"),
                .optional("fair", SimulationFigures.schema, "Every floor as a target; not in mode local"),
            ])
    }

    static let schema = Schema.object(
        "Simulation", "What would come out; nothing was written",
        [
            .required("applicants", .integer(0...Int64(Int32.max))),
            .required("isOwnDraw", .boolean, "false: drawn for this simulation alone; the program's own is used once it has closed"),
            .required("columns", .array(of: Column.schema, 1...8)),
        ])
}

/// What everybody may know of a program.
struct PublicProgramAnswer: Codable, Sendable, APIType {
    struct Sheet: Codable, Sendable {
        let number: Int32
        let applicants: Int
        let excluded: Int
        let placed: Int
        let waiting: Int
        let figures: RunFigures
        let sessions: [SheetSession]
        let auditHash: String?
        let publishedAt: String?
    }

    struct SheetSession: Codable, Sendable {
        let number: Int32
        let title: String
        let capacity: Int
        let taken: Int
    }

    let program: ProgramAnswer
    /// In hex digits.
    let beacon: String?
    let run: Sheet?

    private static let count = Schema.integer(0...Int64(Int32.max))

    static let schema = Schema.object(
        "PublicProgram", "A program, and once it is published how it was shared out, without anything of a person",
        [
            .required("program", ProgramAnswer.schema), .optional("beacon", .string(2...512), "The public number, in hex digits"),
            .optional(
                "run",
                .object(
                    "RunSheet", "How it was shared out",
                    [
                        .required("number", count), .required("applicants", count), .required("excluded", count),
                        .required("placed", count),
                        .required("waiting", count), .required("figures", RunFigures.schema),
                        .required(
                            "sessions",
                            .array(
                                of: .object(
                                    "RunSheetSession", "A session as it was shared out",
                                    [
                                        .required("number", count), .required("title", .string(1...100)), .required("capacity", count),
                                        .required("taken", count),
                                    ]), 0...65_535)), .optional("auditHash", .string(64...64), "The digest in the audit file's last line"),
                        .optional("publishedAt", .dateTime),
                    ]), "Once it is published"),
        ])
}
