package import HTTP
package import Registry
package import Runtime

/// A scan as it is kept, accepted or refused. Times are RFC 3339 in UTC.
package struct AccessEvent: Codable, Sendable, APIType {
    package let requestId: String
    package let accessPointId: ID<AccessPoint>
    /// Nil when a member's own phone asked, or a job decided.
    package let deviceId: ID<Device>?
    /// Nil when the code was not authentic.
    package let memberId: ID<Member>?
    package let direction: AccessDirection
    /// When the device says it happened.
    package let occurredAt: String
    /// When it was decided.
    package let recordedAt: String
    package let open: Bool
    package let reasons: [String]
    package let peopleInside: Int32
    package let credentialKind: ScanCredentialKind
    package let decidedBy: AccessDecider
    /// On an accepted exit of a member who was inside: since the entry.
    package let dwellSeconds: Int32?
    /// What did not keep the door shut but would have.
    package let softReasons: [String]

    package static let schema = Schema.object(
        "AccessEvent", "A scan as it is kept, accepted or refused",
        [
            .required("requestId", .uuid),
            .required("accessPointId", .id),
            .optional("deviceId", .id, "Absent when a member's own phone asked, or a job decided"),
            .optional("memberId", .id, "Absent when the code was not authentic"),
            .required("direction", .oneOf(AccessDirection.allCases.map(\.rawValue))),
            .required("occurredAt", .dateTime, "When the device says it happened"),
            .required("recordedAt", .dateTime, "When it was decided"),
            .required("open", .boolean),
            .required("reasons", .array(of: .string(1...100), 0...100), "Every failing condition; none exactly when open"),
            .required("peopleInside", .integer(Int64(Int32.min)...Int64(Int32.max)), "After this scan"),
            .required("credentialKind", .oneOf(ScanCredentialKind.allCases.map(\.rawValue)), "By what it was asked"),
            .required("decidedBy", .oneOf(AccessDecider.allCases.map(\.rawValue))),
            .optional("dwellSeconds", .integer(0...Int64(Int32.max)), "On an accepted exit: since the entry"),
            .required(
                "softReasons", .array(of: .string(1...100), 0...100),
                "What would have kept the door shut, but for soft anti-passback or an unlocked station"),
        ])
}
