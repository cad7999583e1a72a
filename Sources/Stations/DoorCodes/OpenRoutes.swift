import FoundationEssentials
package import HTTP
import Postgres
import Registry
import Runtime

/// The other direction: a worker scans the door's own code, and asks for it to be opened.
struct OpenRoutes: Sendable {
    let access: AccessStore
    let codes: DoorCodes
    let prints: DoorPrintStore
    let desks: CommandDesks
    let clock: Clock
    let figures: ScanFigures

    var all: [Route] { [open] }

    private var open: Route {
        Route(
            .post, "/v1/access-points/{id}/open",
            summary: "Asks for a door to be opened, with the code that it shows; its controller is told at once", tag: "Me",
            access: .permission(RegistryPermission.me),
            parameters: [.path("id", .id, "The number in the door's code")], body: .json(OpenBody.self, limitBytes: 2_048),
            responses: [.json(200, ScanAnswer.self, "The decision; a door that stays shut says why")],
            problems: [
                StationProblem.accessPointUnknown, StationProblem.requestIDReused, StationProblem.invalid,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let body = try request.json(OpenBody.self)
            guard let requestID = UUID(uuidString: body.requestId), let occurredAt = Timestamp(dateTime: body.occurredAt) else {
                preconditionFailure("the schema lets only uuids and times through")
            }
            guard occurredAt.microseconds >= 0 else {
                throw Problem(StationProblem.invalid, violations: [AccessRoutes.occurredBefore1970])
            }
            let id = request.parameter("id", as: ID<AccessPoint>.self)
            let scan = AccessScan(
                requestID: requestID, deviceID: nil, accessPointID: id, direction: body.direction, occurredAt: occurredAt,
                credential: .doorCode(request.member.memberID, code: body.doorCode, refusal: try await refusal(of: body.doorCode, at: id)))
            let admission = try await access.admit(scan)
            figures.count(admission)
            switch admission {
            case .decided(let decision, let isRepeat):
                // Other servers hear it from the database.
                if decision.isOpen, !isRepeat { desks.ring() }
                return .json(ScanAnswer(decision, requestID: requestID.lowercased, language: request.language))
            case .conflict: throw Problem(StationProblem.requestIDReused)
            case .foreign: throw Problem(StationProblem.accessPointUnknown)
            }
        }
    }

    /// What the door's code itself is refused for.
    private func refusal(of code: String, at id: ID<AccessPoint>) async throws(PostgresError) -> AccessReason? {
        switch codes.verify(code, of: id, nowMicroseconds: clock.nowMicroseconds) {
        case .current: nil
        case .expired: .doorCodeExpired
        case .forged: .doorCodeForged
        case .printed(let print): try await prints.number(of: id).map(Int64.init) == Int64(print) ? nil : .doorCodeExpired
        }
    }
}

/// What a worker's phone asks at a door.
package struct OpenBody: Codable, Sendable, APIType {
    package var doorCode: String
    package var direction: AccessDirection
    package var requestId: String
    package var occurredAt: String

    package init(doorCode: String, direction: AccessDirection, requestId: String, occurredAt: String) {
        self.doorCode = doorCode
        self.direction = direction
        self.requestId = requestId
        self.occurredAt = occurredAt
    }

    package static let schema = Schema.object(
        "OpenBody", "A door's own code, scanned by a worker",
        [
            .required("doorCode", .anySigns(0...256), "As scanned: WSD1:…"),
            .required("direction", .oneOf(AccessDirection.allCases.map(\.rawValue))),
            .required("requestId", .uuid, "A UUIDv7 made by the phone. The same request again gets the first answer, for ever"),
            .required("occurredAt", .dateTime, "When it was scanned, by the phone's clock"),
        ])
}
