import HTTP
import Postgres
import Registry
import Runtime

/// Teachers and the pool of experts, with their terms of office.
struct TeacherRoutes: Sendable {
    let desk: SchoolDesk
    let teachers: TeacherStore

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The teacher")

    var all: [Route] { [create, list, read, change] }

    private static func made(_ outcome: TeacherStore.Outcome) throws -> Teacher {
        switch outcome {
        case .made(let teacher): return teacher
        case .organizationUnknown: throw Problem(SchoolProblem.organizationUnknown)
        case .memberUnknown:
            throw SchoolProblem.invalid([
                Violation("school.teacher_member_unknown", pointer: "/memberId", zh: "没有这位会员", en: "There is no such member")
            ])
        }
    }

    private var create: Route {
        Route(
            .post, "/v1/teachers", summary: "Adds a teacher, or an expert to the pool", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite), parameters: [IdempotencyStore.parameter],
            body: .json(TeacherBody.self, limitBytes: 16_384), responses: [.json(201, Teacher.self, "The teacher")],
            problems: SchoolDesk.creating + [SchoolProblem.organizationUnknown]
        ) { request in
            let body = try request.json(TeacherBody.self)
            try SchoolDesk.check(body.faults())
            return try await desk.idempotency.once(request) { querying in
                let scope = request.scope(of: P.schoolsWrite)
                let made = try Self.made(try await teachers.create(body, within: scope, by: request.actor, in: querying))
                try await desk.record("teacher.created", "teacher:\(made.id)", of: made.organizationId, request, in: querying)
                return SchoolDesk.answer(made, version: made.version, status: 201, location: "/v1/teachers/\(made.id)")
            }
        }
    }

    private var list: Route {
        Route(
            .get, "/v1/teachers", summary: "Lists teachers and experts in the order of their numbers", tag: SchoolDesk.tag,
            access: .permission(P.schoolsRead),
            parameters: PageCursor.parameters + [.query("kind", .oneOf(Teacher.Kind.allCases.map(\.rawValue)), "Of this kind only")],
            responses: [.json(200, TeacherList.self, "A page")], problems: SchoolDesk.reading
        ) { request in
            let (after, limit) = PageCursor.read(request, of: Teacher.self)
            let kind: String? = request.optionalParameter("kind")
            let found = try await teachers.list(
                within: request.scope(of: P.schoolsRead), kind: kind.flatMap(Teacher.Kind.init(rawValue:)), after: after, limit: limit + 1)
            let (items, next) = PageCursor.page(found, limit: limit, id: \.id)
            return .json(TeacherList(items: items, next: next))
        }
    }

    private var read: Route {
        Route(
            .get, "/v1/teachers/{id}", summary: "One teacher", tag: SchoolDesk.tag, access: .permission(P.schoolsRead),
            parameters: [Self.id], responses: [.json(200, Teacher.self, "The teacher; the ETag names the version")],
            problems: SchoolDesk.reading + [SchoolProblem.teacherUnknown]
        ) { request in
            guard let found = try await teachers.teacher(request.parameter("id"), within: request.scope(of: P.schoolsRead)) else {
                throw Problem(SchoolProblem.teacherUnknown)
            }
            return SchoolDesk.answer(found, version: found.version)
        }
    }

    private var change: Route {
        Route(
            .put, "/v1/teachers/{id}", summary: "Changes a teacher and the terms of office, as far as no lesson to come needs them",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id, EntityTag.ifMatch],
            body: .json(TeacherBody.self, limitBytes: 16_384), responses: [.json(200, Teacher.self, "As it is now")],
            problems: SchoolDesk.changing + [SchoolProblem.teacherUnknown, SchoolProblem.organizationUnknown]
        ) { request in
            let body = try request.json(TeacherBody.self)
            try SchoolDesk.check(body.faults())
            return try await desk.idempotency.once(request) { querying in
                let scope = request.scope(of: P.schoolsWrite)
                guard let before = try await teachers.teacher(request.parameter("id"), within: scope, isHeld: true, in: querying) else {
                    throw Problem(SchoolProblem.teacherUnknown)
                }
                try SchoolDesk.check(before.version, request)
                // Whose they are does not change: the schools that may have them hang on it.
                guard body.organizationId == before.organizationId else { throw Problem(SchoolProblem.organizationUnknown) }
                let after = try Self.made(try await teachers.change(before.id, to: body, within: scope, in: querying))
                try SchoolDesk.check(
                    try await desk.schools.outOfOffice(after.id, querying).map {
                        $0.violation("school.lesson_needs_office", at: "/offices", zh: "在聘期之外", en: "would be out of office")
                    })
                try await desk.record("teacher.changed", "teacher:\(after.id)", of: after.organizationId, request, in: querying)
                return SchoolDesk.answer(after, version: after.version)
            }
        }
    }
}
