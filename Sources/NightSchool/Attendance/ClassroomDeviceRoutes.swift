import HTTP
import Postgres
import Registry
import Runtime

/// In which room a device stands.
struct ClassroomDeviceRoutes: Sendable {
    let desk: SchoolDesk
    let rooms: ClassroomStore
    let rolls: LessonRollStore
    let devices: DeviceStore

    private typealias P = RegistryPermission
    private static let id = Parameter.path("id", .id, "The room")
    private static let deviceID = Parameter.path("deviceId", .id, "A device of the profile classroom")

    var all: [Route] { [bind, unbind] }

    private func room(_ request: Request, in querying: any Querying) async throws -> (Classroom, School) {
        guard let room = try await rooms.room(request.parameter("id"), within: request.scope(of: P.schoolsWrite), in: querying) else {
            throw Problem(SchoolProblem.roomUnknown)
        }
        return (room, try await desk.school(room.schoolId, request, P.schoolsWrite, in: querying))
    }

    private var bind: Route {
        Route(
            .put, "/v1/school-rooms/{id}/devices/{deviceId}", summary: "Says that a device stands in a room, wherever it stood before",
            tag: SchoolDesk.tag, access: .permission(P.schoolsWrite), parameters: [Self.id, Self.deviceID],
            responses: [.json(200, Classroom.self, "The room; again changes nothing")],
            problems: [
                SchoolProblem.roomUnknown, SchoolProblem.schoolUnknown, AttendanceProblem.deviceUnknown, AttendanceProblem.deviceProfile,
            ] + IdempotencyStore.problems
        ) { request in
            try await desk.idempotency.once(request) { querying in
                let (room, school) = try await room(request, in: querying)
                let scope = request.scope(of: P.schoolsWrite)
                guard let device = try await devices.device(request.parameter("deviceId"), within: scope, in: querying),
                    device.revokedAt == nil
                else { throw Problem(AttendanceProblem.deviceUnknown) }
                guard device.profile == .classroom else { throw Problem(AttendanceProblem.deviceProfile) }
                if try await rolls.bind(device.id, to: room.id, by: request.actor, in: querying) {
                    try await desk.record(
                        "classroom.device_bound", "classroom:\(room.id)", of: school.organizationId, details: ["device": "\(device.id)"],
                        request, in: querying)
                }
                return .json(room)
            }
        }
    }

    private var unbind: Route {
        Route(
            .delete, "/v1/school-rooms/{id}/devices/{deviceId}", summary: "Takes a device away from a room", tag: SchoolDesk.tag,
            access: .permission(P.schoolsWrite), parameters: [Self.id, Self.deviceID],
            responses: [.json(200, Classroom.self, "The room; again changes nothing")],
            problems: [SchoolProblem.roomUnknown, SchoolProblem.schoolUnknown] + IdempotencyStore.problems
        ) { request in
            try await desk.idempotency.once(request) { querying in
                let (room, school) = try await room(request, in: querying)
                let device: ID<Device> = request.parameter("deviceId")
                if try await rolls.unbind(device, from: room.id, in: querying) {
                    try await desk.record(
                        "classroom.device_unbound", "classroom:\(room.id)", of: school.organizationId, details: ["device": "\(device)"],
                        request, in: querying)
                }
                return .json(room)
            }
        }
    }
}
