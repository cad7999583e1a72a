import HTTP
import Postgres
import Registry
import Runtime

/// Terms of a school with their holidays.
struct TermRoutes: Sendable {
    let desk: SchoolDesk

    private typealias P = RegistryPermission
    static let id = Parameter.path("id", .id, "The term")

    var all: [Route] { [create, list, read, change] }

    private var create: Route {
        Route(
            .post, "/v1/schools/{id}/terms", summary: "Adds a term to a school", tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [SchoolRoutes.id, IdempotencyStore.parameter], body: .json(SchoolTermBody.self, limitBytes: 32_768),
            responses: [.json(201, SchoolTerm.self, "The term")],
            problems: SchoolDesk.creating + [SchoolProblem.schoolUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(SchoolTermBody.self)
            try SchoolDesk.check(body.faults())
            return try await SchoolDesk.named(["school_term_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let school = try await desk.school(request.parameter("id"), request, P.schoolsWrite, in: querying)
                    guard let made = try await desk.schools.createTerm(body, of: school.id, by: request.actor, in: querying) else {
                        throw Problem(SchoolProblem.schoolUnknown)
                    }
                    try await desk.record("school_term.created", "school_term:\(made.id)", of: school.organizationId, request, in: querying)
                    return SchoolDesk.answer(made, version: made.version, status: 201, location: "/v1/school-terms/\(made.id)")
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/schools/{id}/terms", summary: "Lists a school's terms", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [SchoolRoutes.id] + PageCursor.parameters, responses: [.json(200, SchoolTermList.self, "A page")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            let (after, limit) = PageCursor.read(request, of: SchoolTerm.self)
            let found = try await desk.schools.terms(of: school.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(SchoolTermList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/school-terms/{id}", summary: "One term", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, SchoolTerm.self, "The term; its ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.termUnknown]
        ) { request in
            let term = try await desk.term(request.parameter("id"), request, P.schoolsRead)
            return SchoolDesk.answer(term, version: term.version)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/school-terms/{id}", summary: "Changes a term and its holidays, as far as no lesson to come stands on such a day",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(SchoolTermBody.self, limitBytes: 32_768), responses: [.json(200, SchoolTerm.self, "As it is now")],
            problems: SchoolDesk.changing + [SchoolProblem.termUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(SchoolTermBody.self)
            try SchoolDesk.check(body.faults())
            return try await SchoolDesk.named(["school_term_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let before = try await desk.term(request.parameter("id"), request, P.schoolsWrite, isHeld: true, in: querying)
                    try SchoolDesk.check(before.version, request)
                    guard let after = try await desk.schools.changeTerm(before.id, to: body, in: querying) else {
                        throw Problem(SchoolProblem.termUnknown)
                    }
                    try SchoolDesk.check(
                        try await desk.schools.stranded(in: after.id, querying).map {
                            $0.violation("school.lesson_in_the_way", at: "", zh: "须先调课或停课", en: "must be moved or cancelled first")
                        })
                    let school = try await desk.school(after.schoolId, request, P.schoolsWrite, in: querying)
                    try await desk.record(
                        "school_term.changed", "school_term:\(after.id)", of: school.organizationId, request, in: querying)
                    return SchoolDesk.answer(after, version: after.version)
                }
            }
        }
    }
}
