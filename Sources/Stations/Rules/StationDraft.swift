package import HTTP
package import Registry
package import Runtime

/// What is needed to make a station.
package struct StationDraft: Codable, Sendable, APIType {
    package var organizationId: ID<Organization>
    package var nameZh: String
    package var nameEn: String?
    package var address: String?
    package var latitude: Double?
    package var longitude: Double?
    /// `plain` when absent.
    package var kind: StationKind?
    package var capacity: Int32?
    package var capacityEnforced: Bool?
    package var hours: [WeekdayHours]?
    package var exceptions: [HoursException]?
    package var promisedOpen: Bool?
    package var amenities: [Amenity]?
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
            .optional("latitude", .number(-90...90), "Degrees north (WGS 84)"),
            .optional("longitude", .number(-180...180), "Degrees east"),
            .optional("kind", .oneOf(StationKind.allCases.map(\.rawValue)), "plain when absent"),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .optional("capacityEnforced", .boolean, "Whether nobody is let in beyond it; not when absent"),
        ] + OpeningHours.fields + [
            .optional("promisedOpen", .boolean, "It promises to be open round the clock"),
            .optional("amenities", StationFacts.amenitiesSchema),
            .optional("timeZone", .string(1...64), "As in the tz database; Asia/Shanghai when absent"),
        ])
}

/// A change of some of a station's facts: what is absent stays, and null takes away what need not be there.
package struct StationChange: Sendable, APIType {
    /// What a field is to become.
    package enum Field<Value: Decodable & Sendable>: Sendable {
        case kept
        case cleared
        case set(Value)

        func applied(to current: Value?) -> Value? {
            switch self {
            case .kept: current
            case .cleared: nil
            case .set(let value): value
            }
        }
    }

    private let nameZh: String?
    private let nameEn: Field<String>
    private let address: Field<String>
    private let latitude: Field<Double>
    private let longitude: Field<Double>
    private let kind: StationKind?
    private let capacity: Field<Int32>
    private let capacityEnforced: Bool?
    private let hours: Field<[WeekdayHours]>
    private let exceptions: [HoursException]?
    private let promisedOpen: Bool?
    private let amenities: [Amenity]?
    private let status: StationStatus?
    private let statusReason: Field<String>
    private let closedUntil: Field<String>
    private let timeZone: String?

    /// The facts as they are to be. What is open again keeps no reason for having been closed.
    package func applied(to facts: StationFacts) -> StationFacts {
        var facts = facts
        facts.nameZh = nameZh ?? facts.nameZh
        facts.nameEn = nameEn.applied(to: facts.nameEn)
        facts.address = address.applied(to: facts.address)
        facts.latitude = latitude.applied(to: facts.latitude)
        facts.longitude = longitude.applied(to: facts.longitude)
        facts.kind = kind ?? facts.kind
        facts.capacity = capacity.applied(to: facts.capacity)
        facts.capacityEnforced = capacityEnforced ?? facts.capacityEnforced
        facts.opening = OpeningHours(hours: hours.applied(to: facts.opening.hours), exceptions: exceptions ?? facts.opening.exceptions)
        facts.promisedOpen = promisedOpen ?? facts.promisedOpen
        facts.amenities = amenities ?? facts.amenities
        if let status, status != facts.status {
            facts.status = status
            facts.statusReason = nil
            facts.closedUntil = nil
        }
        facts.statusReason = statusReason.applied(to: facts.statusReason)
        facts.closedUntil = closedUntil.applied(to: facts.closedUntil)
        facts.timeZone = timeZone ?? facts.timeZone
        return facts
    }

    package static let schema = Schema.object(
        "StationChange", "Facts of a station to be changed: what is absent stays, null takes away what need not be there",
        [
            .optional("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)),
            .optional("address", .string(0...200)),
            .optional("latitude", .number(-90...90), "Degrees north (WGS 84)"),
            .optional("longitude", .number(-180...180), "Degrees east"),
            .optional("kind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .optional("capacityEnforced", .boolean, "Whether nobody is let in beyond it"),
            .optional("hours", .array(of: WeekdayHours.schema, 0...70), "null: round the clock; none: never, but for the exceptions"),
            .optional("exceptions", .array(of: HoursException.schema, 0...366), "Dates with hours of their own"),
            .optional("promisedOpen", .boolean, "It promises to be open round the clock"),
            .optional("amenities", StationFacts.amenitiesSchema),
            .optional("status", .oneOf(StationStatus.allCases.map(\.rawValue)), "A change of it takes reason and closedUntil away"),
            .optional("statusReason", .string(1...200), "Why it is not open; needed when closed_temporarily"),
            .optional("closedUntil", .dateTime, "When it opens by itself again"),
            .optional("timeZone", .string(1...64), "As in the tz database"),
        ])
}

extension StationChange: Decodable {
    private enum CodingKeys: String, CodingKey {
        case nameZh, nameEn, address, latitude, longitude, kind, capacity, capacityEnforced, hours, exceptions, promisedOpen, amenities
        case status, statusReason, closedUntil, timeZone
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func field<Value>(_ key: CodingKeys, _ type: Value.Type = Value.self) throws -> Field<Value> {
            guard container.contains(key) else { return .kept }
            return try container.decodeIfPresent(Value.self, forKey: key).map { .set($0) } ?? .cleared
        }
        nameZh = try container.decodeIfPresent(String.self, forKey: .nameZh)
        nameEn = try field(.nameEn)
        address = try field(.address)
        latitude = try field(.latitude)
        longitude = try field(.longitude)
        kind = try container.decodeIfPresent(StationKind.self, forKey: .kind)
        capacity = try field(.capacity)
        capacityEnforced = try container.decodeIfPresent(Bool.self, forKey: .capacityEnforced)
        hours = try field(.hours)
        exceptions = try container.decodeIfPresent([HoursException].self, forKey: .exceptions)
        promisedOpen = try container.decodeIfPresent(Bool.self, forKey: .promisedOpen)
        amenities = try container.decodeIfPresent([Amenity].self, forKey: .amenities)
        status = try container.decodeIfPresent(StationStatus.self, forKey: .status)
        statusReason = try field(.statusReason)
        closedUntil = try field(.closedUntil)
        timeZone = try container.decodeIfPresent(String.self, forKey: .timeZone)
    }
}

/// Why the doors of a station are told something.
package struct DoorStateReason: Codable, Sendable, APIType {
    package var reason: String

    package init(reason: String) {
        self.reason = reason
    }

    package static let schema = Schema.object(
        "DoorStateReason", "Why, for those who look at it later",
        [.required("reason", .string(1...200), "Kept in the station's history; names of people do not belong into it")])
}
