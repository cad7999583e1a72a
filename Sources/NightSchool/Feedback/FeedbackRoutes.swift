import HTTP
import Postgres
import Registry
import Runtime

/// Feedback: those who completed a class give it, organizers read it without names.
struct FeedbackRoutes: Sendable {
    let list: ClassListStore
    let teachers: TeacherStore
    let rolls: LessonRollStore
    let feedback: FeedbackStore
    let members: MemberStore

    private typealias P = RegistryPermission
    private static let enrolment = Parameter.path("id", .id, "The enrolment")

    var all: [Route] { [give, own, ofClass, ofTeacher] }

    /// - Throws: `school.enrolment_unknown`.
    private func seat(_ request: Request) async throws -> (member: ID<Member>, state: Enrolment.State) {
        let numbers = try await members.numbers(of: request.member.memberID)
        guard let seat = try await rolls.seat(request.parameter("id"), of: numbers) else { throw Problem(SchoolProblem.enrolmentUnknown) }
        return (seat.member, seat.state)
    }

    private var give: Route {
        Route(
            .put, "/v1/me/enrolments/{id}/feedback",
            summary: "Stars and a line for a class you completed, which may be changed for some days",
            tag: "Me", access: .permission(P.me), parameters: [Self.enrolment], body: .json(FeedbackBody.self, limitBytes: 4_096),
            responses: [.json(200, OwnFeedback.self, "As it is now")],
            problems: SchoolDesk.reading + [
                SchoolProblem.enrolmentUnknown, AttendanceProblem.notCompleted, AttendanceProblem.feedbackClosed,
            ]
        ) { request in
            let body = try request.json(FeedbackBody.self)
            let seat = try await seat(request)
            guard seat.state == .completed else { throw Problem(AttendanceProblem.notCompleted) }
            let id: ID<Enrolment> = request.parameter("id")
            guard try await feedback.give(body, of: id, member: seat.member, in: feedback.database) else {
                throw Problem(AttendanceProblem.feedbackClosed)
            }
            return try await given(id)
        }
    }

    private func given(_ id: ID<Enrolment>) async throws -> Response {
        guard let found = try await feedback.find(id, in: feedback.database) else { throw Problem(SchoolProblem.enrolmentUnknown) }
        return Response.json(found).with("Cache-Control", "no-store")
    }

    private var own: Route {
        Route(
            .get, "/v1/me/enrolments/{id}/feedback", summary: "What you said of a class", tag: "Me", access: .permission(P.me),
            parameters: [Self.enrolment], responses: [.json(200, OwnFeedback.self, "The feedback")],
            problems: SchoolDesk.reading + [SchoolProblem.enrolmentUnknown]
        ) { request in
            _ = try await seat(request)
            return try await given(request.parameter("id"))
        }
    }

    private var ofClass: Route {
        Route(
            .get, "/v1/classes/{id}/feedback", summary: "What those who completed a class say, without names; nothing of a few",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead), parameters: [ClassRoutes.id],
            responses: [.json(200, FeedbackSummary.self, "Average and lines")], problems: SchoolDesk.reading + [SchoolProblem.classUnknown]
        ) { request in
            var filter = ClassListStore.Filter()
            filter.scope = request.scope(of: P.schoolsRead)
            guard let found = try await list.find(request.parameter("id"), filter) else { throw Problem(SchoolProblem.classUnknown) }
            return .json(try await feedback.summary(of: found.id))
        }
    }

    private var ofTeacher: Route {
        Route(
            .get, "/v1/teachers/{id}/feedback",
            summary: "What is said of a teacher's classes, of those that show themselves, without names", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: [.path("id", .id, "The teacher")],
            responses: [.json(200, FeedbackSummary.self, "Average and lines")],
            problems: SchoolDesk.reading + [SchoolProblem.teacherUnknown]
        ) { request in
            let scope = request.scope(of: P.schoolsRead)
            guard let found = try await teachers.teacher(request.parameter("id"), within: scope) else {
                throw Problem(SchoolProblem.teacherUnknown)
            }
            return .json(try await feedback.summary(of: found.id, within: scope))
        }
    }
}
