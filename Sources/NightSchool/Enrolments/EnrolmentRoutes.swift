import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// What members do about their seats.
struct EnrolmentRoutes: Sendable {
    let enrolments: EnrolmentStore
    let whys: EnrolmentWhyStore

    private typealias P = RegistryPermission
    private static let tag = "Me"
    private static let id = Parameter.path("id", .id, "The enrolment")

    var all: [Route] {
        [
            enrol, list, find, why, change, step("confirm", .seated, "Takes the seat that is offered"),
            step("decline", .declined, "Leaves the seat that is offered to the next in the queue"),
            step("withdraw", .withdrawn, "Gives up a seat or a place in the queue; whoever comes again goes to its end"),
        ]
    }

    private var enrol: Route {
        Route(
            .post, "/v1/me/enrolments",
            summary: "Asks for a seat in a course: the dearest wish with a free seat, or one place in the queue for all of them",
            tag: Self.tag, access: .permission(P.me), body: .json(EnrolmentBody.self, limitBytes: 2_048),
            responses: [.json(200, EnrolmentAnswer.self, "How it went")],
            problems: [SchoolProblem.classUnknown, SchoolProblem.requestIDReused, RegistryProblem.databaseUnavailable]
        ) { request in
            let me = request.member
            let body = try request.json(EnrolmentBody.self)
            guard let id = UUID(requestID: body.requestId) else { throw Problem(HTTPProblem.invalidBody) }
            let outcome = try await enrolments.enrol(
                EnrolmentRequest(memberID: me.memberID, requestID: id, wishes: body.wishes, subject: me.subject))
            return try Self.answer(outcome, id, request)
        }
    }

    private static func answer(_ outcome: EnrolmentRequest.Outcome, _ id: UUID, _ request: Request) throws -> Response {
        guard let answer = EnrolmentAnswer(outcome, id, request.language) else {
            if case .conflict = outcome { throw Problem(SchoolProblem.requestIDReused) }
            throw Problem(SchoolProblem.classUnknown)
        }
        return .json(answer)
    }

    private var change: Route {
        Route(
            .put, "/v1/me/enrolments/{id}/wishes",
            summary: "Replaces the wishes of an application while the window of its draw is open: handed in anew, under another number",
            tag: Self.tag, access: .permission(P.me), parameters: [Self.id], body: .json(EnrolmentBody.self, limitBytes: 2_048),
            responses: [.json(200, EnrolmentAnswer.self, "How it went; refused: the application is as it was")],
            problems: SchoolDesk.reading + [
                SchoolProblem.enrolmentUnknown, SchoolProblem.wrongState, SchoolProblem.classUnknown, SchoolProblem.requestIDReused,
            ]
        ) { request in
            let me = request.member
            let body = try request.json(EnrolmentBody.self)
            guard let id = UUID(requestID: body.requestId) else { throw Problem(HTTPProblem.invalidBody) }
            switch try await enrolments.change(
                request.parameter("id"),
                to: EnrolmentRequest(memberID: me.memberID, requestID: id, wishes: body.wishes, subject: me.subject))
            {
            case .decided(let outcome): return try Self.answer(outcome, id, request)
            case .enrolmentUnknown: throw Problem(SchoolProblem.enrolmentUnknown)
            case .notAllowed: throw Problem(SchoolProblem.wrongState)
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/me/enrolments", summary: "Your seats, offers and places in queues, the newest first", tag: Self.tag,
            access: .permission(P.me), responses: [.json(200, OwnEnrolmentList.self, "The enrolments")], problems: SchoolDesk.reading
        ) { request in
            Response.json(OwnEnrolmentList(items: try await enrolments.list(of: request.member.memberID)))
                .with("Cache-Control", "no-store")
        }
    }

    private var find: Route {
        Route(
            .get, "/v1/me/enrolments/{id}", summary: "How one of your enrolments stands", tag: Self.tag, access: .permission(P.me),
            parameters: [Self.id], responses: [.json(200, OwnEnrolment.self, "The enrolment")],
            problems: SchoolDesk.reading + [SchoolProblem.enrolmentUnknown]
        ) { request in
            guard var found = try await enrolments.find(request.parameter("id"), of: request.member.memberID) else {
                throw Problem(SchoolProblem.enrolmentUnknown)
            }
            if let place = found.place { found.odds = try await whys.odds(of: found, at: place) }
            return Response.json(found).with("Cache-Control", "no-store")
        }
    }

    private var why: Route {
        Route(
            .get, "/v1/me/enrolments/{id}/why", summary: "Why one of your enrolments stands as it does, in plain words", tag: Self.tag,
            access: .permission(P.me), parameters: [Self.id], responses: [.json(200, EnrolmentWhy.self, "One line for each fact")],
            problems: SchoolDesk.reading + [SchoolProblem.enrolmentUnknown]
        ) { request in
            let id: ID<Enrolment> = request.parameter("id")
            let member = request.member.memberID
            guard let found = try await enrolments.find(id, of: member), let facts = try await whys.facts(of: found, member) else {
                throw Problem(SchoolProblem.enrolmentUnknown)
            }
            return Response.json(EnrolmentWhy(found, facts, request.language))
                .with("Cache-Control", "no-store").with("Content-Language", request.language.rawValue)
        }
    }

    private func step(_ name: String, _ state: Enrolment.State, _ summary: String) -> Route {
        Route(
            .post, "/v1/me/enrolments/{id}/\(name)", summary: summary, tag: Self.tag, access: .permission(P.me), parameters: [Self.id],
            responses: [.json(200, OwnEnrolment.self, "How it stands now")],
            problems: SchoolDesk.reading + [SchoolProblem.enrolmentUnknown, SchoolProblem.wrongState, SchoolProblem.offerOver]
        ) { request in
            let me = request.member
            let id: ID<Enrolment> = request.parameter("id")
            switch try await enrolments.move(id, of: me.memberID, to: state, by: me.subject) {
            case .moved, .unchanged: break
            case .enrolmentUnknown: throw Problem(SchoolProblem.enrolmentUnknown)
            case .notAllowed, .notDue: throw Problem(SchoolProblem.wrongState)
            case .offerOver: throw Problem(SchoolProblem.offerOver)
            }
            guard let found = try await enrolments.find(id, of: me.memberID) else { throw Problem(SchoolProblem.enrolmentUnknown) }
            return Response.json(found).with("Cache-Control", "no-store")
        }
    }
}
