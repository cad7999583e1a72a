package import FoundationEssentials
package import HTTP
package import Postgres
package import Runtime

/// A member's time at a station.
package struct MemberVisit: Codable, Sendable, APIType {
    package let stationId: ID<Station>
    package let stationNameZh: String
    package let stationNameEn: String?
    package let enteredAt: String
    package let leftAt: String?
    package let isAutomatic: Bool

    package static let schema = Schema.object(
        "MemberVisit", "A member's time at a station",
        [
            .required("stationId", .id),
            .required("stationNameZh", .string(1...100)),
            .optional("stationNameEn", .string(1...100)),
            .required("enteredAt", .dateTime, "When the door was opened"),
            .optional("leftAt", .dateTime, "Absent while inside, or when nothing tells of an exit"),
            .required("isAutomatic", .boolean, "The night ended the visit because no exit was scanned: leftAt is no time of day then"),
        ])
}

/// A page of visits.
package struct MemberVisitList: Codable, Sendable, APIType {
    package let items: [MemberVisit]
    package let next: String?

    package static let schema = Schema.object(
        "MemberVisitList", "A page of visits, the newest first",
        [
            .required("items", [MemberVisit].schema),
            .optional("next", VisitCursor.schema, "Where the list goes on; absent on the last page"),
        ])
}

/// Where a list of visits goes on: after this entry.
package struct VisitCursor: Hashable, Sendable {
    package let enteredAt: Timestamp
    package let requestID: UUID

    package init(enteredAt: Timestamp, requestID: UUID) {
        self.enteredAt = enteredAt
        self.requestID = requestID
    }

    /// Microseconds since 1970, an underscore, the request id.
    init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count == 2, let microseconds = Int64(parts[0]), let id = UUID(uuidString: String(parts[1])) else { return nil }
        self.init(enteredAt: Timestamp(microseconds: microseconds), requestID: id)
    }

    var text: String { "\(enteredAt.microseconds)_\(requestID.lowercased)" }

    /// Up to 18 digits, so that all of them are an `Int64`.
    static let schema = Schema.string(
        38...55,
        pattern: Pattern("^[0-9]{1,18}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$") { text in
            let parts = text.split(separator: 0x5F, omittingEmptySubsequences: false)
            guard parts.count == 2, (1...18).contains(parts[0].count), parts[1].count == 36 else { return false }
            let isHyphen = { (index: Int) in [8, 13, 18, 23].contains(index) }
            return parts[0].allSatisfy { (0x30...0x39).contains($0) }
                && parts[1].enumerated().allSatisfy { index, byte in
                    isHyphen(index) ? byte == 0x2D : (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte)
                }
        })
}
