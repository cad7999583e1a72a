import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime

/// The scan and the list of what was scanned.
struct AccessRoutes: Sendable {
    let access: AccessStore
    let verifier: MemberCodeVerifier
    let clock: Clock
    let figures: ScanFigures

    var all: [Route] { [scan, events] }

    private var scan: Route {
        Route(
            .post, "/v1/access/scans", summary: "Decides whether a door opens for a code", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            body: .json(ScanBody.self, limitBytes: 8_192),
            responses: [.json(200, ScanAnswer.self, "The decision; a door that stays shut says why")],
            problems: [
                StationProblem.accessPointForeign, StationProblem.deviceOnly, StationProblem.requestIDReused, StationProblem.invalid,
                RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            let body = try request.json(ScanBody.self)
            guard let requestID = UUID(uuidString: body.requestId), let occurredAt = Timestamp(dateTime: body.occurredAt) else {
                preconditionFailure("the schema lets only uuids and times through")
            }
            guard occurredAt.microseconds >= 0 else { throw Problem(StationProblem.invalid, violations: [Self.occurredBefore1970]) }
            let scan = AccessScan(
                requestID: requestID, deviceID: device.deviceID, accessPointID: body.accessPointId, direction: body.direction,
                occurredAt: occurredAt, code: body.code,
                verdict: verifier.verify(body.code, nowMicroseconds: clock.nowMicroseconds))
            let admission = try await access.admit(scan)
            figures.count(admission)
            switch admission {
            case .decided(let decision, _):
                return .json(ScanAnswer(decision, requestID: requestID.lowercased, language: request.language))
            case .conflict: throw Problem(StationProblem.requestIDReused)
            case .foreign: throw Problem(StationProblem.accessPointForeign)
            }
        }
    }

    private static let occurredBefore1970 = Violation(
        "access.occurred_before_1970", pointer: "/occurredAt", zh: "刷码时间早于 1970 年", en: "The scan is said to be from before 1970")

    private var events: Route {
        Route(
            .get, "/v1/access/events", summary: "Lists the scans of a station, the newest first", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [
                .query("stationId", .id, "Whose scans", required: true),
                .query("after", .uuid, "The answer before gave it as next"),
                .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
            ],
            responses: [.json(200, AccessEventList.self, "Scans, accepted and refused")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let cursor = request.optionalParameter("after", as: String.self).flatMap { UUID(uuidString: $0) }
            let found = try await access.events(of: request.parameter("stationId"), before: cursor, limit: limit + 1)
            let items = Array(found.prefix(limit))
            return .json(AccessEventList(items: items, next: found.count > limit ? items.last?.requestId : nil))
        }
    }
}
