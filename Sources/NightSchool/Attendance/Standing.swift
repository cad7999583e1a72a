import HTTP
import Postgres
import Registry
import Runtime

/// What absences without excuse brought: a warning, or a lower priority in draws of later terms.
struct Standing: Codable, Sendable, APIType {
    enum Kind: String, Codable, CaseIterable, Sendable {
        case warning
        case lowerPriority = "lower_priority"
    }

    /// On what an appeal rests; what befell the person is not asked.
    enum Ground: String, Codable, CaseIterable, Sendable {
        case wasThere = "was_there"
        case hadAnnounced = "had_announced"
        case work, emergency, other
    }

    struct Appeal: Codable, Sendable {
        enum State: String, Codable, CaseIterable, Sendable { case filed, accepted, refused }

        let ground: Ground
        let state: State
        let filedAt: Timestamp
        let decisionReason: String?
        let decidedAt: Timestamp?

        static let schema = Schema.object(
            "StandingAppeal", "An appeal against it",
            [
                .required("ground", .oneOf(Ground.allCases.map(\.rawValue))), .required("state", .oneOf(State.allCases.map(\.rawValue))),
                .required("filedAt", .dateTime), .optional("decisionReason", .string(1...500)), .optional("decidedAt", .dateTime),
            ])
    }

    let id: ID<Standing>
    let kind: Kind
    let memberId: ID<Member>
    var maskedName: String?
    let termId: ID<SchoolTerm>
    let classId: ID<SchoolClass>
    let title: String
    let label: String
    let enrolmentId: ID<Enrolment>
    let absences: Int32
    let threshold: Int32
    let from: CalendarDate
    let until: CalendarDate
    let createdAt: Timestamp
    let liftedAt: Timestamp?
    let liftReason: String?
    let appeal: Appeal?

    static let schema = Schema.object(
        "EnrolmentStanding", "What absences without excuse brought",
        [
            .required("id", .id),
            .required("kind", .oneOf(Kind.allCases.map(\.rawValue)), "lower_priority counts in draws of later terms, and nowhere else"),
            .required("memberId", .id), .optional("maskedName", .string(1...10), "For organizers"), .required("termId", .id),
            .required("classId", .id), .required("title", .string(1...100)), .required("label", .string(1...40)),
            .required("enrolmentId", .id), .required("absences", .integer(1...400), "When it came about"),
            .required("threshold", .integer(1...400), "What the rules allowed was less"),
            .required("from", .date, "It counts in terms that begin from this day on"), .required("until", .date, "And before this one"),
            .required("createdAt", .dateTime), .optional("liftedAt", .dateTime, "It counts no more since"),
            .optional("liftReason", .oneOf(["absence_corrected", "appeal_accepted"])), .optional("appeal", Appeal.schema),
        ])
}

struct StandingList: Codable, Sendable, APIType {
    let items: [Standing]
    let next: String?

    static let schema = SchoolSchema.list("EnrolmentStandingList", "A page of standings", of: Standing.schema)
}

/// An appeal.
struct AppealBody: Codable, Sendable, APIType {
    let ground: Standing.Ground

    static let schema = Schema.object(
        "AppealBody", "An appeal",
        [.required("ground", .oneOf(Standing.Ground.allCases.map(\.rawValue)), "Never what befell you: only which it is")])
}

/// What an organizer decides of an appeal.
struct AppealDecisionBody: Codable, Sendable, APIType {
    let accepted: Bool
    let reason: String?

    static let schema = Schema.object(
        "AppealDecision", "What is decided of an appeal",
        [
            .required("accepted", .boolean, "Accepted, it lifts the standing"),
            .optional("reason", .string(1...500), "Needed to refuse; the member reads it: no personal data"),
        ])
}
