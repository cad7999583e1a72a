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

/// Whether a station serves at all. Exits open whatever it is.
package enum StationStatus: String, Codable, CaseIterable, Sendable {
    case open
    case closedTemporarily = "closed_temporarily"
    case decommissioned
}

/// What all doors of a station do, whatever their policies say.
package enum StationDoorState: String, Codable, CaseIterable, Sendable {
    case normal
    /// Nobody goes in; everybody goes out.
    case lockedDown = "locked_down"
    /// Every door opens for everybody, readable code or not; what happens is recorded.
    case unlocked
}

/// What a station has for those who rest there.
package enum Amenity: String, Codable, CaseIterable, Sendable {
    case water, microwave, charging, heating, cooling
    case firstAid = "first_aid"
    case toilet
    case readingCorner = "reading_corner"
    case coldLocker = "cold_locker"
    case mothersRoom = "mothers_room"
    case wifi
    case restSeats = "rest_seats"
    case umbrella, medicine, television, printing
}

/// An unattended rest stop (驿站), its doors opened by a scan.
package struct Station: Sendable {
    package let id: ID<Station>
    package let organizationId: ID<Organization>
    package let facts: StationFacts
    package let doorState: StationDoorState
    package let peopleInside: Int32
    /// Rises with every change.
    package let version: Int32
    /// Of a change just made.
    package var warnings: [PolicyWarning]?

    package var nameZh: String { facts.nameZh }
    package var nameEn: String? { facts.nameEn }
    package var kind: StationKind { facts.kind }
    package var capacity: Int32? { facts.capacity }
    package var timeZone: String { facts.timeZone }

    /// The strong entity tag of this version.
    package var entityTag: String { EntityTag.of(version: version) }
}

extension Station: Codable, APIType {
    private enum CodingKeys: String, CodingKey {
        case id, organizationId, doorState, peopleInside, version, warnings
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            id: try container.decode(ID<Station>.self, forKey: .id),
            organizationId: try container.decode(ID<Organization>.self, forKey: .organizationId),
            facts: try StationFacts(from: decoder), doorState: try container.decode(StationDoorState.self, forKey: .doorState),
            peopleInside: try container.decode(Int32.self, forKey: .peopleInside),
            version: try container.decode(Int32.self, forKey: .version),
            warnings: try container.decodeIfPresent([PolicyWarning].self, forKey: .warnings))
    }

    package func encode(to encoder: any Encoder) throws {
        try facts.encode(to: encoder)
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(id, forKey: .id)
        try container.encode(organizationId, forKey: .organizationId)
        try container.encode(doorState, forKey: .doorState)
        try container.encode(peopleInside, forKey: .peopleInside)
        try container.encode(version, forKey: .version)
        try container.encodeIfPresent(warnings, forKey: .warnings)
    }

    package static let schema = Schema.object(
        "Station", "An unattended rest stop",
        [
            .required("id", .id),
            .required("organizationId", .id, "Whose station it is"),
            .required(
                "doorState", .oneOf(StationDoorState.allCases.map(\.rawValue)), "locked_down lets nobody in, unlocked lets everybody in"),
            .required("peopleInside", .integer(0...Int64(Int32.max)), "Entries without an exit since"),
            .required("version", .integer(1...Int64(Int32.max)), "Rises with every change; in quotes it is the ETag"),
            .optional("warnings", StationFinding.listSchema, "What should be known of the hours just set"),
        ] + StationFacts.fields)
}
