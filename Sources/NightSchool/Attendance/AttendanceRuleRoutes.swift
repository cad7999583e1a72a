import HTTP
import Postgres
import Registry
import Runtime

/// Rules, read and set by those who organize.
struct AttendanceRuleRoutes: Sendable {
    let desk: SchoolDesk
    let rules: AttendanceRuleStore

    private typealias P = RegistryPermission

    var all: [Route] { [read, setOfSchool, setOfTerm] }

    private var read: Route {
        Route(
            .get, "/v1/school-terms/{id}/attendance-rules", summary: "The rules that hold in a term: its own, else its school's",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead), parameters: [TermRoutes.id],
            responses: [.json(200, AttendanceRules.self, "The rules")], problems: SchoolDesk.reading + [SchoolProblem.termUnknown]
        ) { request in
            .json(try await rules.rules(of: try await desk.term(request.parameter("id"), request, P.schoolsRead).id))
        }
    }

    private var setOfSchool: Route {
        Route(
            .put, "/v1/schools/{id}/attendance-rules", summary: "Sets the rules of a school, for its terms that have none of their own",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [SchoolRoutes.id],
            body: .json(AttendanceRules.self, limitBytes: 4_096), responses: [.json(200, AttendanceRules.self, "As they are now")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown, RegistryProblem.idempotencyKeyReused]
        ) { request in
            let body = try request.json(AttendanceRules.self)
            return try await desk.idempotency.once(request) { querying in
                let school = try await desk.school(request.parameter("id"), request, P.schoolsWrite, isHeld: true, in: querying)
                try await rules.set(body, of: school.id, term: nil, by: request.actor, in: querying)
                try await desk.record("school.rules_set", "school:\(school.id)", of: school.organizationId, request, in: querying)
                return .json(body)
            }
        }
    }

    private var setOfTerm: Route {
        Route(
            .put, "/v1/school-terms/{id}/attendance-rules", summary: "Sets the rules of a term, in place of its school's",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [TermRoutes.id],
            body: .json(AttendanceRules.self, limitBytes: 4_096), responses: [.json(200, AttendanceRules.self, "As they are now")],
            problems: SchoolDesk.reading + [
                SchoolProblem.termUnknown, SchoolProblem.schoolUnknown, RegistryProblem.idempotencyKeyReused,
            ]
        ) { request in
            let body = try request.json(AttendanceRules.self)
            return try await desk.idempotency.once(request) { querying in
                let term = try await desk.term(request.parameter("id"), request, P.schoolsWrite, isHeld: true, in: querying)
                let school = try await desk.school(term.schoolId, request, P.schoolsWrite, in: querying)
                try await rules.set(body, of: school.id, term: term.id, by: request.actor, in: querying)
                try await desk.record("school_term.rules_set", "school_term:\(term.id)", of: school.organizationId, request, in: querying)
                return .json(body)
            }
        }
    }
}
