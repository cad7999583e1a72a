import HTTP
import Registry
import Runtime

/// How one station stands, on the live board.
struct StationBoardLine: Codable, Hashable, Sendable, APIType {
    let id: ID<Station>
    let organizationId: ID<Organization>
    let nameZh: String
    let nameEn: String?
    let kind: StationKind
    let status: StationStatus
    let doorState: StationDoorState
    let capacity: Int32?
    let peopleInside: Int32
    /// By its hours, and neither closed for a time nor locked down.
    let isOpen: Bool
    let entriesLastHour: Int32
    let refusalsLastHour: Int32
    let lastEntryAt: String?
    let alarmsOpen: Int32
    let worstAlarm: AlarmKind?
    let controllers: Int32
    let controllersSilent: Int32
    /// Of the access point that was silent for longest.
    var heardAt: String?

    /// Whether nobody would see a difference: a heartbeat in its time is none.
    func isAlike(_ other: StationBoardLine) -> Bool {
        var copy = self
        copy.heardAt = other.heardAt
        return copy == other
    }

    private static let count = Schema.integer(0...Int64(Int32.max))

    static let schema = Schema.object(
        "StationBoardLine", "How a station stands now",
        [
            .required("id", .id), .required("organizationId", .id), .required("nameZh", .string(1...100)),
            .optional("nameEn", .string(1...100)), .required("kind", .oneOf(StationKind.allCases.map(\.rawValue))),
            .required("status", .oneOf(StationStatus.allCases.map(\.rawValue))),
            .required("doorState", .oneOf(StationDoorState.allCases.map(\.rawValue))),
            .optional("capacity", .integer(1...100_000), "How many people the room holds"), .required("peopleInside", count),
            .required("isOpen", .boolean, "Now: by its hours, and neither closed for a time nor locked down"),
            .required("entriesLastHour", count, "Within the last 60 minutes, to the minute; a second or two late"),
            .required("refusalsLastHour", count), .optional("lastEntryAt", .dateTime, "Of all times"), .required("alarmsOpen", count),
            .optional("worstAlarm", .oneOf(AlarmKind.allCases.map(\.rawValue)), "The gravest of their kinds"),
            .required("controllers", count, "Access points whose controller ever reported"),
            .required("controllersSilent", count, "Those of them that have been silent for over 2 minutes: offline"),
            .optional(
                "heardAt", .dateTime,
                "The last heartbeat of the access point that has been silent for longest. It alone is no change: while controllersSilent "
                    + "is 0, all were heard within 2 minutes"),
        ])
}

/// All stations within a scope.
struct StationBoard: Codable, Sendable, APIType {
    let items: [StationBoardLine]
    let at: String

    static let schema = Schema.object(
        "StationBoard", "How stations stand now",
        [
            .required("items", .array(of: StationBoardLine.schema, 0...100_000), "In order of their ids; none that was given up"),
            .required("at", .dateTime, "When this was read"),
        ])
}

/// What changed on the board.
struct StationBoardChange: Codable, Sendable {
    let items: [StationBoardLine]
    /// Those that are on it no more.
    let gone: [ID<Station>]
    let at: String
}

/// A line, and which of the roots asked for its station lies below.
struct StationBoardRow: Sendable {
    let line: StationBoardLine
    let reached: [ID<Organization>]

    func isWithin(_ scope: Scope) -> Bool {
        guard let roots = scope.roots else { return true }
        return roots.contains(where: reached.contains)
    }
}
