package import FoundationEssentials
package import HTTP
package import Postgres
package import Registry
package import Runtime

/// A door says that nobody went through after it had opened for an entry.
package struct Annulment: Sendable {
    /// Of the scan.
    package let requestID: UUID
    package let deviceID: ID<Device>
    package let accessPointID: ID<AccessPoint>
    package let reason: Reason

    package enum Reason: String, Codable, CaseIterable, Sendable {
        case nobodyEntered = "nobody_entered"
        case doorStuck = "door_stuck"
        /// The answer came too late: the controller had decided by itself.
        case replyLost = "reply_lost"
        case other
    }

    package init(requestID: UUID, deviceID: ID<Device>, accessPointID: ID<AccessPoint>, reason: Reason = .nobodyEntered) {
        self.requestID = requestID
        self.deviceID = deviceID
        self.accessPointID = accessPointID
        self.reason = reason
    }
}

/// What came of an annulment.
package enum AnnulmentOutcome: Hashable, Sendable {
    /// Now, or by the same request before: the first answer.
    case annulled(at: Timestamp, presenceRestored: Bool, peopleInside: Int32)
    /// The device does not serve that access point, or another device asked for the scan.
    case foreign
    case unknown
    /// The scan was refused, or was an exit.
    case notAnEntry
    case tooLate
    case exitSince
}

/// What a device says of an entry through which nobody went.
package struct AnnulmentBody: Codable, Sendable, APIType {
    package var requestId: String
    package var accessPointId: ID<AccessPoint>
    package var reason: Annulment.Reason?

    package init(requestId: String, accessPointId: ID<AccessPoint>, reason: Annulment.Reason? = nil) {
        self.requestId = requestId
        self.accessPointId = accessPointId
        self.reason = reason
    }

    package static let schema = Schema.object(
        "AnnulmentBody", "An entry through which nobody went",
        [
            .required("requestId", .uuid, "Of the scan"),
            .required("accessPointId", .id, "Where it was"),
            .optional("reason", .oneOf(Annulment.Reason.allCases.map(\.rawValue)), "nobody_entered when absent"),
        ])
}

/// An entry taken back.
package struct AnnulmentAnswer: Codable, Sendable, APIType {
    package let requestId: String
    package let annulledAt: String
    package let presenceRestored: Bool
    package let peopleInside: Int32

    package static let schema = Schema.object(
        "Annulment", "An entry taken back; the same again gets the same answer",
        [
            .required("requestId", .uuid),
            .required("annulledAt", .dateTime),
            .required(
                "presenceRestored", .boolean,
                "Whether the member counts again as before it; not when the member did something else at the station since"),
            .required("peopleInside", .integer(Int64(Int32.min)...Int64(Int32.max)), "After it, as far as known"),
        ])
}
