package import HTTP
import Registry
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
            .optional("next", TimeCursor.schema, "Where the list goes on; absent on the last page"),
        ])
}
