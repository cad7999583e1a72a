import FoundationEssentials
package import HTTP
package import Postgres
import Registry
package import Runtime

/// A request for a seat, as a member's phone makes it.
struct EnrolmentBody: Codable, Sendable, APIType {
    let requestId: String
    let wishes: [ID<SchoolClass>]

    static let schema = Schema.object(
        "EnrolmentBody", "A request for a seat in a course",
        [
            .required("requestId", .uuid, "Made by the phone. The same request again gets the same answer"),
            .required("wishes", .array(of: .id, 1...8), "Classes of one course and term, the dearest first: one seat or one place for all"),
        ])
}

/// How a request for a seat went.
struct EnrolmentAnswer: Codable, Sendable, APIType, DirectJSON {
    enum Result: String, Codable, CaseIterable, Sendable { case applied, seated, waitlisted, refused }

    struct Reason: Codable, Hashable, Sendable {
        let code: String
        let pointer: String?
        let text: String

        static let schema = Schema.object(
            "EnrolmentReason", "Why not",
            [
                .required("code", .oneOf(EnrolmentReason.allCases.map(\.rawValue)), "Stable"),
                .optional("pointer", .string(0...100), "The wish that it is about: /wishes/0"),
                .required("text", .string(1...1_000), "In the language asked for"),
            ])
    }

    let requestId: String
    let result: Result
    let reasons: [Reason]
    let enrolmentId: ID<Enrolment>?
    let classId: ID<SchoolClass>?
    let place: Int32?

    /// Nil for an outcome that is a problem.
    init?(_ outcome: EnrolmentRequest.Outcome, _ request: UUID, _ language: Language) {
        requestId = request.requestIDText
        switch outcome {
        case .seated(let id, let seat): (result, reasons, enrolmentId, classId, place) = (.seated, [], id, seat, nil)
        case .applied(let id): (result, reasons, enrolmentId, classId, place) = (.applied, [], id, nil, nil)
        case .waitlisted(let id, let place):
            (result, reasons, enrolmentId, classId, self.place) = (.waitlisted, [], id, nil, place)
        case .repeated(let id, let told):
            (result, reasons, enrolmentId, classId, place) = (Result(rawValue: told.rawValue) ?? .waitlisted, [], id, nil, nil)
        case .refused(let faults):
            result = .refused
            reasons = faults.map { Reason(code: $0.code, pointer: $0.pointer, text: $0.detail[language]) }
            (enrolmentId, classId, place) = (nil, nil, nil)
        case .classUnknown, .memberUnknown, .conflict: return nil
        }
    }

    func write(to json: inout JSONWriter) {
        json.object { json in
            if let classId { json.member("classId", classId.rawValue) }
            if let enrolmentId { json.member("enrolmentId", enrolmentId.rawValue) }
            if let place { json.member("place", Int64(place)) }
            json.member(
                "reasons",
                elements: { json in
                    for reason in reasons {
                        json.object { json in
                            json.member("code", reason.code)
                            json.member("pointer", reason.pointer)
                            json.member("text", reason.text)
                        }
                    }
                })
            json.member("requestId", requestId)
            json.member("result", result.rawValue)
        }
    }

    static let schema = Schema.object(
        "EnrolmentAnswer", "How a request for a seat went",
        [
            .required("requestId", .uuid, "As in the request, in lower case"),
            .required("result", .oneOf(Result.allCases.map(\.rawValue))),
            .required("reasons", .array(of: Reason.schema, 0...64), "Every reason that applies; of who was refused"),
            .optional("enrolmentId", .id, "Of who was not refused; how it stands now is told there"),
            .optional("classId", .id, "Of who has a seat, at the first answer"),
            .optional("place", .integer(1...1_000_000), "Of who waits: the best place in a queue, at the first answer"),
        ])
}

/// An enrolment as its person sees it.
package struct OwnEnrolment: Codable, Sendable, APIType {
    package let id: ID<Enrolment>
    package let state: Enrolment.State
    package let termId: ID<SchoolTerm>
    package let courseId: ID<Course>
    package let title: String
    package let titleEn: String?
    package let classId: ID<SchoolClass>?
    package let label: String?
    package let wishes: [ID<SchoolClass>]
    package let place: Int32?
    package var odds: EnrolmentOdds?
    package let offeredUntil: Timestamp?
    package let reason: String?
    package let version: Int32
    package let enrolledAt: Timestamp
    package let changedAt: Timestamp

    package static let schema = Schema.object(
        "OwnEnrolment", "How a request for a seat stands",
        [
            .required("id", .id), .required("state", .oneOf(Enrolment.State.allCases.map(\.rawValue))), .required("termId", .id),
            .required("courseId", .id), .required("title", .string(1...100)), .optional("titleEn", .string(1...100)),
            .optional("classId", .id, "Where the seat is or was"), .optional("label", .string(1...40), "Of that class"),
            .required("wishes", .array(of: .id, 1...8)),
            .optional("place", .integer(1...1_000_000), "Of who waits: the best place in a queue now"),
            .optional("odds", EnrolmentOdds.schema, "Of who waits, read one by one: absent where too little is known"),
            .optional("offeredUntil", .dateTime, "The seat is kept until then"), .optional("reason", .string(1...500)),
            .required("version", .integer(1...2_147_483_647)), .required("enrolledAt", .dateTime), .required("changedAt", .dateTime),
        ])
}

package struct OwnEnrolmentList: Codable, Sendable, APIType {
    package let items: [OwnEnrolment]

    package static let schema = Schema.object(
        "OwnEnrolmentList", "Requests for seats, the newest first", [.required("items", .array(of: OwnEnrolment.schema, 0...200))])
}
