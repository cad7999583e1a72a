package import HTTP
import Registry
package import Runtime

/// How full a station is, as a share of the people its room holds.
package enum Crowding: String, Codable, CaseIterable, Sendable {
    /// Under a third.
    case low
    /// Under four fifths.
    case medium
    case high

    /// Nil where nobody counted how many the room holds.
    init?(people: Int32, capacity: Int32?) {
        guard let capacity, capacity > 0 else { return nil }
        let share = Double(people) / Double(capacity)
        self = share < 1 / 3.0 ? .low : share < 0.8 ? .medium : .high
    }
}

/// What everybody may know of a station.
package struct PublicStation: Codable, Sendable, APIType {
    package let id: ID<Station>
    package let nameZh: String
    package let nameEn: String?
    package let address: String?
    package let latitude: Double?
    package let longitude: Double?
    package let kind: StationKind
    package let isOpen: Bool
    package let closedUntil: String?
    package let timeZone: String
    package let hours: [WeekdayHours]?
    package let exceptions: [HoursException]
    package let amenities: [String]
    package let capacity: Int32?
    package let peopleInside: Int32
    package let crowding: Crowding?

    package static let schema = Schema.object(
        "PublicStation", "What everybody may know of a station",
        [
            .required("id", .id),
            .required("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)),
            .optional("address", .string(0...200)),
            .optional("latitude", .number(-90...90)),
            .optional("longitude", .number(-180...180)),
            .required("kind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .required("isOpen", .boolean, "Now: by its hours, and neither closed for a time nor locked down"),
            .optional("closedUntil", .dateTime, "When it opens again, where it is closed for a time"),
            .required("timeZone", .string(1...64), "In which its hours are read"),
            .optional("hours", .array(of: WeekdayHours.schema, 0...70), "Absent: round the clock"),
            .required("exceptions", .array(of: HoursException.schema, 0...366), "Dates with hours of their own"),
            .required("amenities", .array(of: .string(1...50), 0...100)),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"),
            .required("peopleInside", .integer(0...Int64(Int32.max))),
            .optional(
                "crowding", .oneOf(Crowding.allCases.map(\.rawValue)),
                "low: under a third of the capacity; medium: under four fifths; absent where the capacity is not known"),
        ])
}

/// A page of stations for everybody.
package struct PublicStationList: Codable, Sendable, APIType {
    package let items: [PublicStation]
    package let next: String?

    package static let schema = Schema.object(
        "PublicStationList", "A page of stations", [.required("items", [PublicStation].schema), PageCursor.next])
}
