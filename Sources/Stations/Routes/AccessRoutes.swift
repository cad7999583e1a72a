import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// The scan and the list of what was scanned.
struct AccessRoutes: Sendable {
    let access: AccessStore
    let reach: StationReachStore
    let reader: ScanReader
    let members: ScanMembers
    let clock: Clock
    let figures: ScanFigures

    var all: [Route] { [scan, events] }

    private var scan: Route {
        Route(
            .post, "/v1/access/scans", summary: "Decides whether a door opens for a code", tag: "Stations",
            access: .permission(RegistryPermission.scansCreate),
            body: .json(ScanBody.self, orText: ScanLines.schema, limitBytes: 8_192),
            responses: [
                .json(200, ScanAnswer.self, "The decision; a door that stays shut says why"),
                .text(200, "The same as one line, for those who ask in lines or accept only plain text"),
            ],
            problems: [
                StationProblem.accessPointForeign, StationProblem.deviceOnly, StationProblem.requestIDReused, StationProblem.invalid,
                CredentialProblem.lineMalformed, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            guard let device = request.principal as? DevicePrincipal else { throw Problem(StationProblem.deviceOnly) }
            let scan = try request.isPlainText ? scan(ScanLines(request.bytes), device) : scan(request.json(ScanBody.self), device)
            let admission = try await access.admit(scan)
            figures.count(admission)
            switch admission {
            case .decided(let decision, _):
                if request.isPlainText || request.prefers("text/plain", to: "application/json") { return .text(ScanLines.line(decision)) }
                var member: ScanMember?
                if device.profile == .guardPost, let id = decision.memberID { member = try await members.find(id) }
                return .json(
                    ScanAnswer(decision, requestID: scan.requestID.lowercased, language: request.language, member: member))
            case .conflict: throw Problem(StationProblem.requestIDReused)
            case .foreign: throw Problem(StationProblem.accessPointForeign)
            }
        }
    }

    private func scan(_ body: ScanBody, _ device: DevicePrincipal) throws(Problem) -> AccessScan {
        guard let requestID = UUID(uuidString: body.requestId), let occurredAt = Timestamp(dateTime: body.occurredAt) else {
            preconditionFailure("the schema lets only uuids and times through")
        }
        guard occurredAt.microseconds >= 0 else { throw Problem(StationProblem.invalid, violations: [Self.occurredBefore1970]) }
        return AccessScan(
            requestID: requestID, deviceID: device.deviceID, accessPointID: body.accessPointId, direction: body.direction,
            occurredAt: occurredAt, credential: reader.read(body.code, pin: body.pin, nowMicroseconds: clock.nowMicroseconds))
    }

    private func scan(_ lines: ScanLines, _ device: DevicePrincipal) -> AccessScan {
        let now = clock.nowMicroseconds
        return AccessScan(
            requestID: lines.requestID, deviceID: device.deviceID, accessPointID: lines.accessPoint, direction: lines.direction,
            occurredAt: lines.occurredAt ?? Timestamp(microseconds: now), saysWhen: lines.occurredAt != nil,
            credential: reader.read(lines.code, pin: lines.pin, nowMicroseconds: now))
    }

    static let occurredBefore1970 = Violation(
        "access.occurred_before_1970", pointer: "/occurredAt", zh: "刷码时间早于 1970 年", en: "The scan is said to be from before 1970")

    private var events: Route {
        Route(
            .get, "/v1/access/events", summary: "Lists the scans of a station, the newest first", tag: "Stations",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [
                .query("stationId", .id, "Whose scans", required: true),
                .query("after", .uuid, "The answer before gave it as next"),
                .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
                .query("from", .date, "Not from before this day on the station's clock"),
                .query("to", .date, "Up to this day"),
                .query("hour", .integer(0...23), "Of this hour of the day on the station's clock"),
                .query("weekday", .integer(1...7), "Of this day of the week; 1 is Monday"),
                .query(
                    "result", .oneOf(AccessEventFilter.Result.allCases.map(\.rawValue)),
                    "entered: let in, unless it was taken back; left: let out by a scan or by the night; refused"),
            ],
            responses: [.json(200, AccessEventList.self, "Scans, accepted and refused")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let cursor = request.optionalParameter("after", as: String.self).flatMap { UUID(uuidString: $0) }
            let station = request.parameter("stationId", as: ID<Station>.self)
            guard try await reach.station(station, request.scope(of: RegistryPermission.stationsRead)) else {
                return .json(AccessEventList(items: [], next: nil))
            }
            let found = try await access.events(of: station, Self.filter(request), before: cursor, limit: limit + 1)
            let items = Array(found.prefix(limit))
            return .json(AccessEventList(items: items, next: found.count > limit ? items.last?.requestId : nil))
        }
    }

    private static func filter(_ request: Request) -> AccessEventFilter {
        var filter = AccessEventFilter()
        filter.from = request.optionalParameter("from")
        filter.to = request.optionalParameter("to")
        filter.hour = request.optionalParameter("hour", as: Int.self).map { Int32($0) }
        filter.weekday = request.optionalParameter("weekday", as: Int.self).map { Int32($0) }
        filter.result = request.optionalParameter("result")
        return filter
    }
}
