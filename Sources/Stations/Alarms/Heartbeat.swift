package import HTTP

/// What a door's contact tells.
package enum DoorState: String, Codable, CaseIterable, Sendable {
    case closed, open
    /// Opened without being told to.
    case forced
    /// Open for longer than a passage takes.
    case held
}

/// A controller's word that it is alive, and how it fares.
package struct Heartbeat: Codable, Sendable, APIType {
    package var occurredAt: String
    package var softwareVersion: String
    /// Decisions that wait to be uploaded.
    package var journalLength: Int32
    /// Nil when it has no list yet.
    package var refusalListAgeSeconds: Int64?
    package var doorState: DoorState

    package init(
        occurredAt: String, softwareVersion: String, journalLength: Int32 = 0, refusalListAgeSeconds: Int64? = nil,
        doorState: DoorState = .closed
    ) {
        self.occurredAt = occurredAt
        self.softwareVersion = softwareVersion
        self.journalLength = journalLength
        self.refusalListAgeSeconds = refusalListAgeSeconds
        self.doorState = doorState
    }

    package static let schema = Schema.object(
        "Heartbeat", "A controller's word that it is alive",
        [
            .required("occurredAt", .dateTime, "By the controller's clock, right now: more than 90 seconds off raises an alarm"),
            .required("softwareVersion", .string(1...64)),
            .required("journalLength", .integer(0...Int64(Int32.max)), "Decisions that wait to be uploaded"),
            .optional("refusalListAgeSeconds", .integer(0...1_000_000_000), "Absent when it has no list yet"),
            .required("doorState", .oneOf(DoorState.allCases.map(\.rawValue)), "forced: opened without being told to; held: open too long"),
        ])
}

/// The answer to a heartbeat.
package struct HeartbeatAnswer: Codable, Sendable, APIType {
    package let receivedAt: String

    package static let schema = Schema.object(
        "HeartbeatAnswer", "The heartbeat was heard", [.required("receivedAt", .dateTime, "By the server's clock, to set one's own by")])
}
