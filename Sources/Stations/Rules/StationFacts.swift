package import HTTP

/// All of a station that its organizers write.
package struct StationFacts: Hashable, Sendable {
    package var nameZh: String
    package var nameEn: String?
    package var address: String?
    /// Degrees north and east (WGS 84), both or neither.
    package var latitude: Double?
    package var longitude: Double?
    package var kind: StationKind
    /// How many people the room holds, where somebody counted.
    package var capacity: Int32?
    /// Whether nobody is let in beyond `capacity`; otherwise it is only shown.
    package var capacityEnforced: Bool
    package var opening: OpeningHours
    /// It promises to be open round the clock: silence of its doors raises an alarm.
    package var promisedOpen: Bool
    package var amenities: [Amenity]
    package var status: StationStatus
    /// Why it is not open, for those who stand before it.
    package var statusReason: String?
    /// When it opens by itself again; RFC 3339 in UTC. Nil: not before somebody says so.
    package var closedUntil: String?
    package var timeZone: String

    package init(_ draft: StationDraft) {
        nameZh = draft.nameZh
        nameEn = draft.nameEn
        address = draft.address
        latitude = draft.latitude
        longitude = draft.longitude
        kind = draft.kind ?? .plain
        capacity = draft.capacity
        capacityEnforced = draft.capacityEnforced ?? false
        opening = OpeningHours(hours: draft.hours, exceptions: draft.exceptions ?? [])
        promisedOpen = draft.promisedOpen ?? false
        amenities = draft.amenities ?? []
        status = .open
        statusReason = nil
        closedUntil = nil
        timeZone = draft.timeZone ?? "Asia/Shanghai"
    }

    /// What is wrong between its fields; what is wrong with one of them the schema says.
    package var violations: [Violation] {
        var violations = opening.violations(at: "")
        if (latitude == nil) != (longitude == nil) {
            violations.append(
                Violation(
                    "station.place_half_given", pointer: latitude == nil ? "/latitude" : "/longitude", zh: "纬度与经度须同时填写或同时留空",
                    en: "Give both latitude and longitude, or neither"))
        }
        if capacityEnforced, capacity == nil {
            violations.append(
                Violation(
                    "station.capacity_missing", pointer: "/capacity", zh: "限制人数须先填写容纳人数",
                    en: "A capacity that is kept to must be given"))
        }
        if Set(amenities).count < amenities.count {
            violations.append(
                Violation("station.amenity_twice", pointer: "/amenities", zh: "设施重复", en: "An amenity stands twice"))
        }
        if status == .closedTemporarily, statusReason == nil {
            violations.append(
                Violation(
                    "station.status_reason_missing", pointer: "/statusReason", zh: "暂停开放须说明原因",
                    en: "A station that is closed says why"))
        }
        if status != .closedTemporarily, closedUntil != nil {
            violations.append(
                Violation(
                    "station.closed_until_without_closing", pointer: "/closedUntil", zh: "只有暂停开放的驿站才有恢复时间",
                    en: "Only a station that is closed temporarily opens again by itself"))
        }
        return violations
    }

    package static let fields: [Schema.Field] =
        [
            .required("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)),
            .optional("address", .string(0...200)),
            .optional("latitude", .number(-90...90), "Degrees north (WGS 84)"),
            .optional("longitude", .number(-180...180), "Degrees east"),
            .required("kind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .required("capacityEnforced", .boolean, "Whether nobody is let in beyond it"),
        ] + OpeningHours.fields + [
            .required("promisedOpen", .boolean, "It promises to be open round the clock"),
            .required("amenities", amenitiesSchema),
            .required("status", .oneOf(StationStatus.allCases.map(\.rawValue))),
            .optional("statusReason", .string(1...200), "Why it is not open"),
            .optional("closedUntil", .dateTime, "When it opens by itself again"),
            .required("timeZone", .string(1...64), "In which its hours are read"),
        ]

    static let amenitiesSchema = Schema.array(of: .oneOf(Amenity.allCases.map(\.rawValue)), 0...Amenity.allCases.count)
}

extension StationFacts: Codable {
    private enum CodingKeys: String, CodingKey {
        case nameZh, nameEn, address, latitude, longitude, kind, capacity, capacityEnforced, hours, exceptions, promisedOpen, amenities
        case status, statusReason, closedUntil, timeZone
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        nameZh = try container.decode(String.self, forKey: .nameZh)
        nameEn = try container.decodeIfPresent(String.self, forKey: .nameEn)
        address = try container.decodeIfPresent(String.self, forKey: .address)
        latitude = try container.decodeIfPresent(Double.self, forKey: .latitude)
        longitude = try container.decodeIfPresent(Double.self, forKey: .longitude)
        kind = try container.decode(StationKind.self, forKey: .kind)
        capacity = try container.decodeIfPresent(Int32.self, forKey: .capacity)
        capacityEnforced = try container.decode(Bool.self, forKey: .capacityEnforced)
        opening = try OpeningHours(from: decoder)
        promisedOpen = try container.decode(Bool.self, forKey: .promisedOpen)
        amenities = try container.decode([Amenity].self, forKey: .amenities)
        status = try container.decode(StationStatus.self, forKey: .status)
        statusReason = try container.decodeIfPresent(String.self, forKey: .statusReason)
        closedUntil = try container.decodeIfPresent(String.self, forKey: .closedUntil)
        timeZone = try container.decode(String.self, forKey: .timeZone)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(nameZh, forKey: .nameZh)
        try container.encodeIfPresent(nameEn, forKey: .nameEn)
        try container.encodeIfPresent(address, forKey: .address)
        try container.encodeIfPresent(latitude, forKey: .latitude)
        try container.encodeIfPresent(longitude, forKey: .longitude)
        try container.encode(kind, forKey: .kind)
        try container.encodeIfPresent(capacity, forKey: .capacity)
        try container.encode(capacityEnforced, forKey: .capacityEnforced)
        try container.encodeIfPresent(opening.hours, forKey: .hours)
        try container.encode(opening.exceptions, forKey: .exceptions)
        try container.encode(promisedOpen, forKey: .promisedOpen)
        try container.encode(amenities, forKey: .amenities)
        try container.encode(status, forKey: .status)
        try container.encodeIfPresent(statusReason, forKey: .statusReason)
        try container.encodeIfPresent(closedUntil, forKey: .closedUntil)
        try container.encode(timeZone, forKey: .timeZone)
    }
}
