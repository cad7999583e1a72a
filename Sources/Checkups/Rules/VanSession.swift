package import HTTP

/// One bookable time at a van (场次): a session of the program.
package struct VanSession: Codable, Hashable, Sendable {
    /// The session's in its program: what wishes name.
    package let number: Int32
    package let title: String
    package let startsAt: String
    package let endsAt: String
    package let capacity: Int32
    /// Seats of the capacity that are kept for who comes without a place.
    package let walkIn: Int32
    package let taken: Int32

    package static let schema = Schema.object(
        "VanSession", "One bookable time at a van",
        [
            .required("number", .integer(1...65_535), "What wishes name"),
            .required("title", .string(1...100)),
            .required("startsAt", .dateTime),
            .required("endsAt", .dateTime),
            .required("capacity", .integer(0...1_000_000_000)),
            .required("walkIn", .integer(0...1_000_000_000), "Kept for who comes without a place"),
            .required("taken", .integer(0...1_000_000_000)),
        ])
}

/// A visit's sessions.
package struct VanSessionList: Codable, Sendable, APIType {
    package let items: [VanSession]

    package static let schema = Schema.object(
        "VanSessionList", "A visit's sessions, in order of time", [.required("items", .array(of: VanSession.schema, 0...65_535))])
}

/// "Every 30 minutes from 8:00 to 16:30 for three days, 40 each, 10 % for walk-ins".
package struct VanSessionsBody: Codable, Sendable, APIType {
    package var days: [String]?
    package var from: String
    package var to: String
    package var everyMinutes: Int32
    package var capacity: Int32
    package var walkInPercent: Int32?

    package init(
        days: [String]? = nil, from: String, to: String, everyMinutes: Int32, capacity: Int32, walkInPercent: Int32? = nil
    ) {
        self.days = days
        self.from = from
        self.to = to
        self.everyMinutes = everyMinutes
        self.capacity = capacity
        self.walkInPercent = walkInPercent
    }

    private static let time = Schema.string(
        5...5,
        pattern: Pattern("^([01][0-9]|2[0-3]):[0-5][0-9]$") { text in
            let bytes = Array(text)
            guard bytes.count == 5, bytes[2] == 0x3A else { return false }
            let digits = [0, 1, 3, 4].map { Int(bytes[$0]) - 0x30 }
            return digits.allSatisfy { (0...9).contains($0) } && digits[0] * 10 + digits[1] < 24 && digits[2] < 6
        })

    package static let schema = Schema.object(
        "VanSessionsBody", "Sessions in bulk: every so many minutes, on each of these days",
        [
            .optional("days", .array(of: .date, 1...60), "Days of the visit; all of them by default"),
            .required("from", time, "When the first session of a day begins, in the program's time zone"),
            .required("to", time, "When the last one of a day has ended"),
            .required("everyMinutes", .integer(5...720), "How long each session is; the next one follows at once"),
            .required("capacity", .integer(1...10_000), "Seats of each session"),
            .optional("walkInPercent", .integer(0...100), "Of the seats, kept for who comes without a place; 0 by default"),
        ])
}
