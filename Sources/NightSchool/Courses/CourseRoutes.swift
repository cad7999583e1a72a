import HTTP
import Postgres
import Registry
import Runtime

/// A school's courses.
struct CourseRoutes: Sendable {
    let desk: SchoolDesk
    let courses: CourseStore
    let rooms: ClassroomStore

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The course")

    var all: [Route] { [create, list, read, change] }

    /// - Throws: `school.invalid` with `school.category_not_there`.
    private func check(_ category: String, of school: ID<School>, in querying: any Querying) async throws {
        let known = try await rooms.categories(of: school, in: querying).map(\.code)
        guard known.contains(category) else {
            throw SchoolProblem.invalid([CourseBody.categoryFault(known, at: "/category")])
        }
    }

    private var create: Route {
        Route(
            .post, "/v1/schools/{id}/courses", summary: "Adds a course to a school's catalogue", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite), parameters: [SchoolRoutes.id, IdempotencyStore.parameter],
            body: .json(CourseBody.self, limitBytes: 32_768), responses: [.json(201, Course.self, "The course")],
            problems: SchoolDesk.creating + [SchoolProblem.schoolUnknown]
        ) { request in
            let body = try request.json(CourseBody.self)
            return try await desk.idempotency.once(request) { querying in
                let school = try await desk.school(request.parameter("id"), request, P.schoolsWrite, in: querying)
                try await check(body.category, of: school.id, in: querying)
                let ids = try await courses.create([body], of: school.id, by: request.actor, in: querying)
                guard let id = ids.first, let made = try await courses.course(id, within: .everything, in: querying) else {
                    throw Problem(SchoolProblem.schoolUnknown)
                }
                try await desk.record("course.created", "course:\(id)", of: school.organizationId, request, in: querying)
                return SchoolDesk.answer(made, version: made.version, status: 201, location: "/v1/courses/\(id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/schools/{id}/courses", summary: "Lists a school's courses", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [SchoolRoutes.id] + PageCursor.parameters, responses: [.json(200, CourseList.self, "A page")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            let (after, limit) = PageCursor.read(request, of: Course.self)
            let found = try await courses.courses(of: school.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(CourseList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/courses/{id}", summary: "One course", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, Course.self, "The course; its ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.courseUnknown]
        ) { request in
            guard let found = try await courses.course(request.parameter("id"), within: request.scope(of: P.schoolsRead)) else {
                throw Problem(SchoolProblem.courseUnknown)
            }
            return SchoolDesk.answer(found, version: found.version)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/courses/{id}", summary: "Changes what is said of a course", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(CourseBody.self, limitBytes: 32_768), responses: [.json(200, Course.self, "As it is now")],
            problems: SchoolDesk.changing + [SchoolProblem.courseUnknown, SchoolProblem.schoolUnknown]
        ) { request in
            let body = try request.json(CourseBody.self)
            return try await desk.idempotency.once(request) { querying in
                let scope = request.scope(of: P.schoolsWrite)
                guard let before = try await courses.course(request.parameter("id"), within: scope, isHeld: true, in: querying) else {
                    throw Problem(SchoolProblem.courseUnknown)
                }
                try SchoolDesk.check(before.version, request)
                try await check(body.category, of: before.schoolId, in: querying)
                try await courses.change(before.id, to: body, in: querying)
                guard let after = try await courses.course(before.id, within: .everything, in: querying) else {
                    throw Problem(SchoolProblem.courseUnknown)
                }
                let school = try await desk.school(after.schoolId, request, P.schoolsWrite, in: querying)
                try await desk.record("course.changed", "course:\(after.id)", of: school.organizationId, request, in: querying)
                return SchoolDesk.answer(after, version: after.version)
            }
        }
    }
}

extension CourseBody {
    static func categoryFault(_ known: [String], at pointer: String) -> Violation {
        let list = known.joined(separator: ", ")
        return Violation("school.category_not_there", pointer: pointer, zh: "应为其中之一：\(list)", en: "One of: \(list)")
    }
}
