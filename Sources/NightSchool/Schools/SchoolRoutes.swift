import HTTP
import Postgres
import Registry
import Runtime

/// Schools, made, changed and read by those who organize them.
struct SchoolRoutes: Sendable {
    let desk: SchoolDesk

    private typealias P = RegistryPermission
    static let id = Parameter.path("id", .id, "The school")

    var all: [Route] { [create, list, read, change] }

    private var create: Route {
        Route(
            .post, "/v1/schools", summary: "Adds a night school", tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [IdempotencyStore.parameter], body: .json(SchoolBody.self, limitBytes: 4_096),
            responses: [.json(201, School.self, "The school")],
            problems: SchoolDesk.creating + [SchoolProblem.organizationUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(SchoolBody.self)
            return try await SchoolDesk.named(["school_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let scope = request.scope(of: P.schoolsWrite)
                    guard let made = try await desk.schools.create(body, within: scope, by: request.actor, in: querying) else {
                        throw Problem(SchoolProblem.organizationUnknown)
                    }
                    try await desk.record("school.created", "school:\(made.id)", of: made.organizationId, request, in: querying)
                    return SchoolDesk.answer(made, version: made.version, status: 201, location: "/v1/schools/\(made.id)")
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/schools", summary: "Lists night schools in the order of their numbers", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead), parameters: PageCursor.parameters, responses: [.json(200, SchoolList.self, "A page")],
            problems: SchoolDesk.reading
        ) { request in
            let (after, limit) = PageCursor.read(request, of: School.self)
            let found = try await desk.schools.schools(within: request.scope(of: P.schoolsRead), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(SchoolList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/schools/{id}", summary: "One night school", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, School.self, "The school; its ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            return SchoolDesk.answer(school, version: school.version)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/schools/{id}", summary: "Renames a night school", tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [Self.id, EntityTag.ifMatch], body: .json(SchoolBody.self, limitBytes: 4_096),
            responses: [.json(200, School.self, "As it is now")],
            problems: SchoolDesk.changing + [
                SchoolProblem.schoolUnknown, SchoolProblem.organizationUnknown, SchoolProblem.nameTaken,
            ]
        ) { request in
            let body = try request.json(SchoolBody.self)
            return try await SchoolDesk.named(["school_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let before = try await desk.school(
                        request.parameter("id"), request, P.schoolsWrite, isHeld: true, in: querying)
                    try SchoolDesk.check(before.version, request)
                    // Whose it is does not change: scopes hang on it.
                    guard body.organizationId == before.organizationId else { throw Problem(SchoolProblem.organizationUnknown) }
                    let after = try await desk.schools.change(before.id, name: body.name, in: querying)
                    try await desk.record("school.changed", "school:\(after.id)", of: after.organizationId, request, in: querying)
                    return SchoolDesk.answer(after, version: after.version)
                }
            }
        }
    }
}
