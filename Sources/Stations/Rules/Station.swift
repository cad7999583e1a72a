package import HTTP
package import Registry
package import Runtime

/// What kind of place a station is.
package enum StationKind: String, Codable, CaseIterable, Sendable {
    case plain
    /// With devices that report: locker, climate, lights.
    case smart
    /// Combined with a day-labour market.
    case dayLabourMarket = "day_labour_market"
}

/// An unattended rest stop (驿站), its doors opened by a scan.
package struct Station: Codable, Sendable, APIType {
    package let id: ID<Station>
    package let organizationId: ID<Organization>
    package let nameZh: String
    package let nameEn: String?
    package let address: String?
    package let kind: StationKind
    /// How many people the room holds, where somebody counted. Shown, not enforced.
    package let capacity: Int32?
    package let timeZone: String
    package let peopleInside: Int32

    package static let schema = Schema.object(
        "Station", "An unattended rest stop",
        [
            .required("id", .id),
            .required("organizationId", .id, "Whose station it is"),
            .required("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)),
            .optional("address", .string(0...200)),
            .required("kind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .required("timeZone", .string(1...64), "In which its hours are read"),
            .required("peopleInside", .integer(0...Int64(Int32.max)), "Entries without an exit since"),
        ])
}

/// What is needed to make a station.
package struct StationDraft: Codable, Sendable, APIType {
    package var organizationId: ID<Organization>
    package var nameZh: String
    package var nameEn: String?
    package var address: String?
    /// `plain` when absent.
    package var kind: StationKind?
    package var capacity: Int32?
    /// `Asia/Shanghai` when absent.
    package var timeZone: String?

    package init(
        organizationId: ID<Organization>, nameZh: String, nameEn: String? = nil, address: String? = nil, kind: StationKind? = nil,
        capacity: Int32? = nil, timeZone: String? = nil
    ) {
        self.organizationId = organizationId
        self.nameZh = nameZh
        self.nameEn = nameEn
        self.address = address
        self.kind = kind
        self.capacity = capacity
        self.timeZone = timeZone
    }

    package static let schema = Schema.object(
        "StationDraft", "A station to be made",
        [
            .required("organizationId", .id, "Whose station it is"),
            .required("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)),
            .optional("address", .string(0...200)),
            .optional("kind", .oneOf(StationKind.allCases.map(\.rawValue)), "plain when absent"),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .optional("timeZone", .string(1...64), "As in the tz database; Asia/Shanghai when absent"),
        ])
}
