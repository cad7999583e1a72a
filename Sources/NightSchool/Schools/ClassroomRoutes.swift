import HTTP
import Postgres
import Registry
import Runtime

/// A school's rooms and its own categories.
struct ClassroomRoutes: Sendable {
    let desk: SchoolDesk
    let rooms: ClassroomStore

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The room")

    var all: [Route] { [create, list, read, change, categories, putCategory] }

    private var create: Route {
        Route(
            .post, "/v1/schools/{id}/rooms", summary: "Adds a room to a school", tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [SchoolRoutes.id, IdempotencyStore.parameter], body: .json(ClassroomBody.self, limitBytes: 4_096),
            responses: [.json(201, Classroom.self, "The room")],
            problems: SchoolDesk.creating + [SchoolProblem.schoolUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(ClassroomBody.self)
            return try await SchoolDesk.named(["classroom_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let school = try await desk.school(request.parameter("id"), request, P.schoolsWrite, in: querying)
                    let made = try await rooms.create(body, of: school.id, by: request.actor, in: querying)
                    try await desk.record("classroom.created", "classroom:\(made.id)", of: school.organizationId, request, in: querying)
                    return SchoolDesk.answer(made, version: made.version, status: 201, location: "/v1/school-rooms/\(made.id)")
                }
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/schools/{id}/rooms", summary: "Lists a school's rooms", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [SchoolRoutes.id] + PageCursor.parameters, responses: [.json(200, ClassroomList.self, "A page")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            let (after, limit) = PageCursor.read(request, of: Classroom.self)
            let found = try await rooms.rooms(of: school.id, after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(ClassroomList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/school-rooms/{id}", summary: "One room", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, Classroom.self, "The room; its ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.roomUnknown]
        ) { request in
            guard let room = try await rooms.room(request.parameter("id"), within: request.scope(of: P.schoolsRead)) else {
                throw Problem(SchoolProblem.roomUnknown)
            }
            return SchoolDesk.answer(room, version: room.version)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/school-rooms/{id}", summary: "Changes a room; it keeps the seats of the classes that are taught in it",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(ClassroomBody.self, limitBytes: 4_096), responses: [.json(200, Classroom.self, "As it is now")],
            problems: SchoolDesk.changing + [SchoolProblem.roomUnknown, SchoolProblem.schoolUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(ClassroomBody.self)
            return try await SchoolDesk.named(["classroom_name_is_its_own"]) {
                try await desk.idempotency.once(request) { querying in
                    let scope = request.scope(of: P.schoolsWrite)
                    guard let before = try await rooms.room(request.parameter("id"), within: scope, isHeld: true, in: querying) else {
                        throw Problem(SchoolProblem.roomUnknown)
                    }
                    try SchoolDesk.check(before.version, request)
                    if let largest = try await rooms.largestClass(in: before.id, querying), largest.capacity > body.seats {
                        try SchoolDesk.check([
                            Violation(
                                "school.room_too_small", pointer: "/seats", zh: "班 \(largest.id) 有 \(largest.capacity) 个名额在此上课",
                                en: "class \(largest.id) with \(largest.capacity) seats is taught here")
                        ])
                    }
                    let after = try await rooms.change(before.id, to: body, in: querying)
                    let school = try await desk.school(after.schoolId, request, P.schoolsWrite, in: querying)
                    try await desk.record("classroom.changed", "classroom:\(after.id)", of: school.organizationId, request, in: querying)
                    return SchoolDesk.answer(after, version: after.version)
                }
            }
        }
    }

    // MARK: Categories

    private var categories: Route {
        Route(
            .get, "/v1/schools/{id}/categories", summary: "What a school's catalogue is divided into: four that all have, and its own",
            tag: SchoolDesk.tag, access: .permission(P.schoolsRead), parameters: [SchoolRoutes.id],
            responses: [.json(200, CourseCategoryList.self, "The categories")],
            problems: SchoolDesk.reading + [SchoolProblem.schoolUnknown]
        ) { request in
            let school = try await desk.school(request.parameter("id"), request, P.schoolsRead)
            return .json(CourseCategoryList(items: try await rooms.categories(of: school.id)))
        }
    }

    private var putCategory: Route {
        Route(
            .put, "/v1/schools/{id}/categories/{code}", summary: "Adds a category of the school's own, or renames it",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite),
            parameters: [SchoolRoutes.id, .path("code", CourseCategory.codeSchema, "The category's code, for ever")],
            body: .json(CourseCategoryBody.self, limitBytes: 4_096),
            responses: [.json(200, CourseCategoryList.self, "All categories as they are now")],
            problems: SchoolDesk.changing + [SchoolProblem.schoolUnknown, SchoolProblem.nameTaken]
        ) { request in
            let body = try request.json(CourseCategoryBody.self)
            let code: String = request.parameter("code")
            return try await desk.idempotency.once(request) { querying in
                let school = try await desk.school(request.parameter("id"), request, P.schoolsWrite, isHeld: true, in: querying)
                let before = try await rooms.categories(of: school.id, in: querying)
                if before.contains(where: { $0.code == code && $0.isFixed }) { throw Problem(SchoolProblem.nameTaken) }
                if !before.contains(where: { $0.code == code }), before.count(where: { !$0.isFixed }) >= ClassroomStore.categoriesMax {
                    try SchoolDesk.check([
                        Violation("school.categories_too_many", zh: "自设类别最多 100 个", en: "A school has 100 categories of its own at most")
                    ])
                }
                try await rooms.putCategory(code, body, of: school.id, in: querying)
                try await desk.record(
                    "school.category_put", "school:\(school.id)", of: school.organizationId, details: ["code": code], request, in: querying)
                return .json(CourseCategoryList(items: try await rooms.categories(of: school.id, in: querying)))
            }
        }
    }
}
