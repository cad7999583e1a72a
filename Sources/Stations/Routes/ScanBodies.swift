package import HTTP
import Postgres
import Registry
package import Runtime

/// What a device asks at its door.
package struct ScanBody: Codable, Sendable, APIType {
    package var code: String
    package var accessPointId: ID<AccessPoint>
    package var direction: AccessDirection
    package var occurredAt: String
    package var requestId: String
    package var pin: String?

    package init(
        code: String, accessPointId: ID<AccessPoint>, direction: AccessDirection, occurredAt: String, requestId: String,
        pin: String? = nil
    ) {
        self.code = code
        self.accessPointId = accessPointId
        self.direction = direction
        self.occurredAt = occurredAt
        self.requestId = requestId
        self.pin = pin
    }

    package static let schema = Schema.object(
        "Scan", "A code shown at a door",
        [
            .required(
                "code", .anySigns(0...1_024),
                "As read or typed: a member code (WS1:), a printed card (WC1:), a card's number (NFC: and its bytes in hexadecimal) or a "
                    + "day code (eight digits). What is none of them is refused with its reason"),
            .required("accessPointId", .id, "A door that the device serves"),
            .required("direction", .oneOf(AccessDirection.allCases.map(\.rawValue))),
            .required(
                "occurredAt", .dateTime,
                "When it was read, by the device's clock. Kept; the decision goes by the server's clock. "
                    + "An entry is refused when it is more than 5 seconds ahead or 72 hours behind"),
            .required("requestId", .uuid, "A UUIDv7 made by the device. The same request again gets the first answer, for ever"),
            .optional("pin", .string(0...16), "Typed with a card or number; asked for when the refusal is door.pin_missing"),
        ])
}

extension ScanBody: DirectlyReadable {
    package init?(from json: inout JSONReader) {
        var (code, occurredAt, requestId, pin): (String?, String?, String?, String?)
        var accessPointId: Int64?
        var direction: AccessDirection?
        let isRead = json.object { key, json in
            switch key {
            case "code":
                code = json.string()
                return code != nil
            case "accessPointId":
                accessPointId = json.integer()
                return accessPointId != nil
            case "direction":
                direction = json.string().flatMap { AccessDirection(rawValue: $0) }
                return direction != nil
            case "occurredAt":
                occurredAt = json.string()
                return occurredAt != nil
            case "requestId":
                requestId = json.string()
                return requestId != nil
            case "pin":
                pin = json.string()
                return pin != nil
            default: return false
            }
        }
        guard isRead, let code, let accessPointId, let direction, let occurredAt, let requestId else { return nil }
        self.init(
            code: code, accessPointId: ID(accessPointId), direction: direction, occurredAt: occurredAt, requestId: requestId, pin: pin)
    }
}

/// The answer to a device: yes or no and why, and nothing about the member, except to a guard.
///
/// A repeat gets the first answer byte for byte; only the reasons' texts follow the `Accept-Language` of each request.
package struct ScanAnswer: Codable, Sendable, APIType {
    package struct Reason: Codable, Sendable {
        package let code: String
        package let text: String
    }

    package let open: Bool
    package let relayMilliseconds: Int32
    package let reasons: [Reason]
    package let peopleInside: Int32
    package let decidedAt: String
    package let requestId: String
    package let member: ScanMember?

    /// - Parameter member: for a guard.
    init(_ decision: AccessDecision, requestID: String, language: Language, member: ScanMember? = nil) {
        self.member = member
        open = decision.isOpen
        relayMilliseconds = decision.relayMilliseconds
        reasons = decision.reasons.map { Reason(code: $0.rawValue, text: $0.text[language]) }
        peopleInside = decision.peopleInside
        decidedAt = decision.decidedAt.description
        requestId = requestID
    }

    package static let schema = Schema.object(
        "ScanAnswer", "Whether the door opens",
        [
            .required("open", .boolean),
            .required("relayMilliseconds", .integer(0...60_000), "How long to hold the relay; 0 when the door stays shut"),
            .required(
                "reasons",
                .array(
                    of: .object(
                        "ScanReason", "Why the door stays shut",
                        [
                            .required("code", .oneOf(AccessReason.allCases.map(\.rawValue)), "Stable"),
                            .required("text", .string(1...200), "In the language asked for"),
                        ]), 0...AccessReason.allCases.count),
                "Every failing condition; none exactly when open"),
            .required("peopleInside", .integer(Int64(Int32.min)...Int64(Int32.max)), "After this scan, as far as known"),
            .required("decidedAt", .dateTime),
            .required("requestId", .uuid, "As in the request, in lower case"),
            .optional("member", ScanMember.schema, "Only to a guard's device: whose credential it was, on a refusal too; masked"),
        ])
}

/// A page of stations.
package struct StationList: Codable, Sendable, APIType {
    package let items: [Station]
    package let next: String?

    package static let schema = Schema.object(
        "StationList", "A page of stations",
        [.required("items", [Station].schema), PageCursor.next])
}

/// A page of access points.
package struct AccessPointList: Codable, Sendable, APIType {
    package let items: [AccessPoint]
    package let next: String?

    package static let schema = Schema.object(
        "AccessPointList", "A page of access points",
        [.required("items", [AccessPoint].schema), PageCursor.next])
}

/// A page of events.
package struct AccessEventList: Codable, Sendable, APIType {
    package let items: [AccessEvent]
    package let next: String?

    package static let schema = Schema.object(
        "AccessEventList", "A page of scans, the newest first",
        [.required("items", [AccessEvent].schema), .optional("next", .uuid, "Where the list goes on; absent on the last page")])
}
