import HTTP
import Postgres
import Registry
import Runtime

/// What a room's device or an organizer asks with a member's code.
struct LessonScanBody: Codable, Sendable, APIType {
    let code: String
    let pin: String?
    let requestId: String
    let occurredAt: Timestamp

    static let fields: [Schema.Field] = [
        .required(
            "code", .anySigns(0...1_024),
            "As read: a member code (WS1:), a printed card (WC1:) or a card's number (NFC: and its bytes in hexadecimal)"),
        .optional("pin", .string(0...16), "Typed with a card or number"),
        .required("requestId", .uuid, "Made by the device. The same request again gets the first answer, for ever"),
        .required("occurredAt", .dateTime, "When it was read, by the device's clock; kept"),
    ]

    static let schema = Schema.object("LessonScan", "A code shown at a lesson", fields)
}

/// Who it is, masked.
struct LessonMember: Codable, Hashable, Sendable {
    let memberId: ID<Member>
    let maskedName: String?

    static let schema = Schema.object(
        "LessonMember", "Who it is, masked",
        [.required("memberId", .id), .optional("maskedName", .string(1...10), "张*; absent once the person was forgotten")])
}

/// The answer at the room: on the roll, or why not.
struct LessonScanAnswer: Codable, Sendable, APIType {
    enum Outcome: String, Codable, CaseIterable, Sendable {
        case recorded, refused
        /// Of a journal: the request id was used for something else.
        case conflict
        /// Of a journal.
        case lessonUnknown = "lesson_unknown"
    }

    let requestId: String
    let outcome: Outcome
    let state: AttendanceState?
    let isGuest: Bool
    let reasons: [AttendanceReasonAnswer]
    let member: LessonMember?
    let decidedAt: Timestamp?

    static let schema = Schema.object(
        "LessonScanAnswer", "On the roll, or why not",
        [
            .required("requestId", .uuid, "As in the request, in lower case"),
            .required("outcome", .oneOf(Outcome.allCases.map(\.rawValue)), "conflict and lesson_unknown: of a journal only"),
            .optional("state", .oneOf(AttendanceState.allCases.map(\.rawValue)), "Of who was recorded: attended or late"),
            .required("isGuest", .boolean, "In a seat lent for the evening"),
            .required(
                "reasons", .array(of: AttendanceReasonAnswer.schema, 0...AttendanceReason.allCases.count),
                "Every reason that applies; some exactly when refused"),
            .optional("member", LessonMember.schema, "Who has a seat there; nobody else's code is told"),
            .optional("decidedAt", .dateTime),
        ])
}

/// What a device recorded without network.
struct LessonJournalBody: Codable, Sendable, APIType {
    struct Item: Codable, Sendable {
        let classId: ID<SchoolClass>
        let number: Int16
        let code: String
        let pin: String?
        let requestId: String
        let occurredAt: Timestamp
    }

    let items: [Item]

    static let schema = Schema.object(
        "LessonJournal", "What a device recorded without network, in any order",
        [
            .required(
                "items",
                .array(
                    of: .object(
                        "LessonJournalItem", "A code shown at a lesson",
                        [.required("classId", .id), .required("number", .integer(1...400))] + LessonScanBody.fields), 1...500))
        ])
}

struct LessonJournalAnswer: Codable, Sendable, APIType {
    let items: [LessonScanAnswer]

    static let schema = Schema.object(
        "LessonJournalAnswer", "What became of each; all are done with",
        [.required("items", .array(of: LessonScanAnswer.schema, 0...500))])
}

// MARK: Rolls

/// A lesson and who is on its roll.
struct LessonRoll: Codable, Sendable, APIType {
    struct Line: Codable, Sendable {
        let memberIds: [ID<Member>]
        let maskedName: String?
        let isGuest: Bool
        let isLent: Bool
        let state: AttendanceState?
        let source: String?
        let occurredAt: Timestamp?

        static let schema = Schema.object(
            "LessonRollLine", "Somebody with a seat",
            [
                .required("memberIds", .array(of: .id, 1...100), "All numbers that a code of theirs may say, the present one first"),
                .optional("maskedName", .string(1...10)), .required("isGuest", .boolean, "In a seat lent for the evening"),
                .required("isLent", .boolean, "Said they would not come, and somebody else has the seat this evening"),
                .optional("state", .oneOf(AttendanceState.allCases.map(\.rawValue)), "Absent: nothing is recorded yet"),
                .optional("source", .oneOf(["scan", "list", "member", "job"]), "How we know"), .optional("occurredAt", .dateTime),
            ])
    }

    let classId: ID<SchoolClass>
    let number: Int32
    let title: String
    let label: String
    let state: Lesson.State
    let startsAt: Timestamp
    let endsAt: Timestamp
    let opensAt: Timestamp
    let lateAt: Timestamp
    var lines: [Line]

    static let schema = Schema.object(
        "LessonRoll", "A lesson and who is on its roll",
        [
            .required("classId", .id), .required("number", .integer(1...400)), .required("title", .string(1...100)),
            .required("label", .string(1...40)), .required("state", .oneOf(Lesson.State.allCases.map(\.rawValue))),
            .required("startsAt", .dateTime), .required("endsAt", .dateTime), .required("opensAt", .dateTime, "Nobody is recorded before"),
            .required("lateAt", .dateTime, "Who comes later is late"), .required("lines", .array(of: Line.schema, 0...100_000)),
        ])
}

/// What a room's device holds for the time without network.
struct LessonDesk: Codable, Sendable, APIType {
    struct PublicKey: Codable, Sendable {
        let id: UInt8
        let key: String

        static let schema = Schema.object(
            "LessonPublicKey", "Proves member codes and cards without being able to make them",
            [.required("id", .integer(0...255), "As in the code"), .required("key", .string(43...43), "Ed25519, Base64url")])
    }

    let serverTime: Timestamp
    let roomId: ID<Classroom>
    let publicKeys: [PublicKey]
    let lessons: [LessonRoll]

    static let schema = Schema.object(
        "LessonDesk", "What a room's device holds for the time without network",
        [
            .required("serverTime", .dateTime), .required("roomId", .id), .required("publicKeys", .array(of: PublicKey.schema, 0...256)),
            .required("lessons", .array(of: LessonRoll.schema, 0...200), "Of this room, from 12 hours ago to 36 hours from now"),
        ])
}

/// Lines of the teacher's list.
struct LessonMarksBody: Codable, Sendable, APIType {
    struct Item: Codable, Sendable {
        let memberId: ID<Member>
        let state: AttendanceState
        let occurredAt: Timestamp?
    }

    let items: [Item]

    static let schema = Schema.object(
        "LessonMarks", "Lines of the teacher's list: all of them stand, or none",
        [
            .required(
                "items",
                .array(
                    of: .object(
                        "LessonMark", "A line of the list",
                        [
                            .required("memberId", .id), .required("state", .oneOf(AttendanceState.allCases.map(\.rawValue))),
                            .optional("occurredAt", .dateTime, "When it was so, of a list that was kept without network; now when absent"),
                        ]), 1...1_000))
        ])
}

// MARK: Rates

/// How often somebody came.
struct AttendanceRate: Codable, Sendable {
    let attended: Int32
    let late: Int32
    let excused: Int32
    let absent: Int32
    /// Of attended, late and absent; nil while there are none.
    let percent: Int32?

    static let fields: [Schema.Field] = [
        .required("attended", .integer(0...400)), .required("late", .integer(0...400)), .required("excused", .integer(0...400)),
        .required("absent", .integer(0...400)),
        .optional("percent", .integer(0...100), "Attended and late, of all but the excused; absent while there are none"),
    ]
}

/// A member's own marks in a class.
struct OwnAttendance: Codable, Sendable, APIType {
    struct Mark: Codable, Sendable {
        let number: Int32
        let startsAt: Timestamp
        let state: AttendanceState
        let isGuest: Bool
        let source: String

        static let schema = Schema.object(
            "OwnMark", "How it was at one lesson",
            [
                .required("number", .integer(1...400)), .required("startsAt", .dateTime),
                .required("state", .oneOf(AttendanceState.allCases.map(\.rawValue))), .required("isGuest", .boolean),
                .required("source", .oneOf(["scan", "list", "member", "job"])),
            ])
    }

    let rate: AttendanceRate
    let marks: [Mark]

    static let schema = Schema.object(
        "OwnAttendance", "Your marks in a class",
        [
            .required("rate", .object("AttendanceRate", "How often somebody came", AttendanceRate.fields)),
            .required("marks", .array(of: Mark.schema, 0...400)),
        ])
}

/// A class's attendance, for those who organize.
struct ClassAttendance: Codable, Sendable, APIType {
    struct Line: Codable, Sendable {
        let member: LessonMember
        let enrolmentId: ID<Enrolment>
        let state: Enrolment.State
        let rate: AttendanceRate
    }

    let items: [Line]

    static let schema = Schema.object(
        "ClassAttendance", "How often each of a class came",
        [
            .required(
                "items",
                .array(
                    of: .object(
                        "ClassAttendanceLine", "How often one came",
                        [
                            .required("member", LessonMember.schema), .required("enrolmentId", .id),
                            .required("state", .oneOf(Enrolment.State.allCases.map(\.rawValue))),
                            .required("rate", .object("AttendanceRate", "How often somebody came", AttendanceRate.fields)),
                        ]), 0...100_000))
        ])
}
