package import HTTP
package import Registry
package import Runtime

/// What a member shows at a door instead of a telephone.
package enum CredentialKind: String, Codable, CaseIterable, Sendable {
    /// Printed, with a signed QR.
    case card
    /// The number of an NFC card, a bracelet or an identity card's chip.
    case number
    /// Eight digits for a day.
    case dayCode = "day_code"
}

/// A card, a number or a day code of a member, as it is kept. Times are RFC 3339 in UTC.
package struct AccessCredential: Codable, Sendable, APIType {
    package let id: ID<AccessCredential>
    package let kind: CredentialKind
    package let memberId: ID<Member>
    /// A day code opens only stations of this organization and those below it.
    package let organizationId: ID<Organization>?
    /// What a list shows of it: a number's last digits.
    package let label: String?
    package let hasPIN: Bool
    /// Locked after five wrong PINs.
    package let isPINLocked: Bool
    package let validFrom: String
    /// Nil: until it is revoked.
    package let validUntil: String?
    package let revokedAt: String?
    package let revokedReason: String?
    package let createdAt: String
    package let createdBy: String

    package static let schema = Schema.object(
        "AccessCredential", "A card, a number or a day code of a member",
        [
            .required("id", .id, "A card's number"),
            .required("kind", .oneOf(CredentialKind.allCases.map(\.rawValue))),
            .required("memberId", .id),
            .optional("organizationId", .id, "A day code opens only stations of this organization and those below it"),
            .optional("label", .string(1...20), "A number's last digits"),
            .required("hasPIN", .boolean),
            .required("isPINLocked", .boolean, "After five wrong PINs, until an organizer unlocks it"),
            .required("validFrom", .dateTime),
            .optional("validUntil", .dateTime, "Absent: until it is revoked"),
            .optional("revokedAt", .dateTime),
            .optional("revokedReason", .oneOf(RevocationReason.allCases.map(\.rawValue))),
            .required("createdAt", .dateTime),
            .required("createdBy", .string(1...100), "account:1"),
        ])
}

/// Why a credential ended before its time.
package enum RevocationReason: String, Codable, CaseIterable, Sendable {
    case lost
    case stolen
    case replaced
    case damaged
    case mistake
    case other
}
