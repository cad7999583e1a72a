package import HTTP
import Postgres
import Registry
package import Runtime

/// The code that a door shows: on its screen from its device, on its wall from an organizer.
struct DoorCodeRoutes: Sendable {
    let prints: DoorPrintStore
    let codes: DoorCodes
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [rotating, printed, renew] }

    private static let responses: [ResponseDeclaration] = [
        .json(200, DoorCodeAnswer.self, "The code"), .bytes(200, ["image/svg+xml"], "The same as a picture, A6"),
    ]

    private var rotating: Route {
        Route(
            .get, "/v1/access-points/{id}/door-code", summary: "The code for the door's screen, new every 15 seconds", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            parameters: [.path("id", .id, "An access point that the device serves")], responses: Self.responses,
            problems: [StationProblem.accessPointForeign, StationProblem.deviceOnly, RegistryProblem.databaseUnavailable]
        ) { request in
            guard let device = (request.principal as? DevicePrincipal)?.deviceID else { throw Problem(StationProblem.deviceOnly) }
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            guard let name = try await prints.name(of: id, servedBy: device) else { throw Problem(StationProblem.accessPointForeign) }
            let (text, expires) = codes.rotating(id, nowMicroseconds: clock.nowMicroseconds)
            let answer = DoorCodeAnswer(
                accessPointId: id, code: text, print: nil, refreshAt: Timestamp(microseconds: expires * 1_000_000).description)
            return Self.answer(answer, name: name, note: "每 15 秒更新 · new every 15 seconds", request)
        }
    }

    private var printed: Route {
        Route(
            .get, "/v1/access-points/{id}/door-print", summary: "The code for the door's wall, good until another print is made",
            tag: "Stations", access: .permission(RegistryPermission.stationsOperate),
            parameters: [.path("id", .id, "The access point")], responses: Self.responses,
            problems: [StationProblem.accessPointUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            guard let print = try await prints.print(of: id, within: request.scope(of: RegistryPermission.stationsOperate)) else {
                throw Problem(StationProblem.accessPointUnknown)
            }
            return answer(print, request)
        }
    }

    private var renew: Route {
        Route(
            .post, "/v1/access-points/{id}/door-print", summary: "Makes another print: all prints before open nothing any more",
            tag: "Stations", access: .permission(RegistryPermission.stationsOperate),
            parameters: [.path("id", .id, "The access point"), IdempotencyStore.parameter],
            responses: [.json(201, DoorCodeAnswer.self, "The new print")],
            problems: [StationProblem.accessPointUnknown] + IdempotencyStore.problems
        ) { request in
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            let scope = request.scope(of: RegistryPermission.stationsOperate)
            return try await idempotency.once(request) { querying in
                guard let print = try await prints.renew(id, within: scope, in: querying) else {
                    throw Problem(StationProblem.accessPointUnknown)
                }
                try await audit.record(
                    "access_point.door_print_renewed", subject: "access_point:\(id)", organization: print.organization,
                    details: ["print": String(print.number)], request, in: querying)
                return Response.json(json(print), status: 201).with("Location", "/v1/access-points/\(id)/door-print")
            }
        }
    }

    private func json(_ print: DoorPrintStore.Print) -> DoorCodeAnswer {
        DoorCodeAnswer(
            accessPointId: print.accessPoint, code: codes.printed(print.accessPoint, print: UInt32(print.number)), print: print.number,
            refreshAt: nil)
    }

    private func answer(_ print: DoorPrintStore.Print, _ request: Request) -> Response {
        Self.answer(json(print), name: print.name, note: "\(print.accessPoint) · \(print.number)", request)
    }

    private static func answer(_ code: DoorCodeAnswer, name: String, note: String, _ request: Request) -> Response {
        guard request.prefers("image/svg+xml", to: "application/json") else {
            return Response.json(code).with("Cache-Control", "no-store")
        }
        let picture = DoorPicture(code: code.code, name: name, note: note)
        return Response.bytes(Array(picture.svg.utf8), contentType: "image/svg+xml").with("Cache-Control", "no-store")
    }
}

/// A door's own code.
package struct DoorCodeAnswer: Codable, Sendable, APIType {
    package let accessPointId: ID<AccessPoint>
    package let code: String
    /// Of a print: its number.
    package let print: Int32?
    /// Of a screen: when the next one is to be shown.
    package let refreshAt: String?

    package static let schema = Schema.object(
        "DoorCode", "A door's own code, for workers to scan",
        [
            .required("accessPointId", .id),
            .required("code", .string(10...64), "WSD1:, the access point's number, a colon, then Base45. It is asked with at that number"),
            .optional("print", .integer(1...Int64(Int32.max)), "Of a print: its number"),
            .optional("refreshAt", .dateTime, "Of a screen: when the next one is to be shown. It opens for 30 seconds more"),
        ])
}
