package import HTTP

/// Whom an access point lets in, and when. `stations_admit` applies it; exits ask only for a good code.
package struct AccessPolicy: Hashable, Codable, Sendable, APIType {
    /// Closed, it refuses every entry.
    package var isOpen: Bool
    package var directions: ServedDirections
    /// On the station's clock; nil with `closesAt` means round the clock, later than it means over midnight.
    package var opensAt: TimeOfDay?
    /// The first minute that is closed again.
    package var closesAt: TimeOfDay?
    /// For so long after an entry a further one needs an exit in between; 0 to 1440, 0 for no such rule.
    package var reentryMinutes: Int16
    /// How long the relay is held on opening; 100 to 60,000.
    package var relayMilliseconds: Int32

    /// Open round the clock, both ways, the relay held for 3 seconds.
    package static let standard = AccessPolicy()

    package init(
        isOpen: Bool = true, directions: ServedDirections = .both, opensAt: TimeOfDay? = nil, closesAt: TimeOfDay? = nil,
        reentryMinutes: Int16 = 0, relayMilliseconds: Int32 = 3_000
    ) {
        self.isOpen = isOpen
        self.directions = directions
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.reentryMinutes = reentryMinutes
        self.relayMilliseconds = relayMilliseconds
    }

    /// What is wrong between its fields; what is wrong with one of them the schema says. `pointer` leads to the policy in the body.
    package func violations(at pointer: String = "") -> [Violation] {
        guard (opensAt == nil) == (closesAt == nil) else {
            return [
                Violation(
                    "station.hours_half_given", pointer: pointer + (opensAt == nil ? "/opensAt" : "/closesAt"),
                    zh: "开放与关闭时间须同时填写或同时留空", en: "Give both the opening and the closing time, or neither")
            ]
        }
        guard opensAt == nil || opensAt != closesAt else {
            return [
                Violation(
                    "station.hours_empty", pointer: pointer + "/closesAt",
                    zh: "开放与关闭时间不能相同；全天开放请都留空", en: "Opening and closing time differ; leave both out for round the clock")
            ]
        }
        return []
    }

    package static let schema = Schema.object(
        "AccessPolicy", "Whom an access point lets in, and when; an exit with a good code always opens",
        [
            .required("isOpen", .boolean, "A closed access point refuses every entry"),
            .required("directions", .oneOf(ServedDirections.allCases.map(\.rawValue)), "Which ways people go here"),
            .optional(
                "opensAt", TimeOfDay.schema, "On the station's clock; absent with closesAt: round the clock; later than it: over midnight"),
            .optional("closesAt", TimeOfDay.schema, "The first minute that is closed again"),
            .required(
                "reentryMinutes", .integer(0...1_440),
                "For so long after an entry a further one needs an exit in between; 0: no such rule"),
            .required("relayMilliseconds", .integer(100...60_000), "How long the relay is held on opening"),
        ])
}
