package import HTTP
package import Runtime

/// What a controller holds for the time alone: policy, keys, and whom to refuse.
package struct DoorSync: Codable, Sendable, APIType {
    /// Minutes of a day at which a door is open, from the first to before the second; beyond 1440 they reach into the next day.
    package struct Hours: Codable, Hashable, Sendable {
        package let from: Int
        package let until: Int

        static let schema = Schema.object(
            "DoorHours", "Minutes from midnight on the station's clock",
            [
                .required("from", .integer(0...2_880), "The first minute that is open"),
                .required("until", .integer(0...2_880), "The first that is closed again; beyond 1440 on the next day"),
            ])
    }

    /// One calendar of opening hours.
    package struct Opening: Codable, Sendable {
        package let week: [[Hours]]
        package let exceptions: [String: [Hours]]

        static let schema = Schema.object(
            "DoorOpening", "One calendar of opening hours",
            [
                .required("week", .array(of: .array(of: Hours.schema, 0...100), 7...7), "By weekday, Monday first"),
                .required("exceptions", .map(of: .array(of: Hours.schema, 0...100)), "By date, in place of its weekday's"),
            ])
    }

    /// What of the policy and the station's state a controller can apply alone.
    package struct Policy: Codable, Sendable {
        package var isOpen: Bool
        package var servesEntries: Bool
        package var stationIsOpen: Bool
        package var stationOpensAt: Int64?
        package var openings: [Opening]
        package var zoneSeconds: Int
        package var asksForAttributes: Bool
        package var admitsProvisional: Bool
        package var relayMilliseconds: Int32
        package var offlineLimitHours: Int16
        package var whenOfflineTooLong: String
        package var state: String

        static let schema = Schema.object(
            "DoorPolicy", "What a controller applies alone",
            [
                .required("isOpen", .boolean), .required("servesEntries", .boolean, "Whether people go in here at all"),
                .required("stationIsOpen", .boolean),
                .optional("stationOpensAt", .integer(0...Int64.max), "When it opens again, microseconds since 1970"),
                .required("openings", .array(of: Opening.schema, 0...2), "All of them must be open"),
                .required("zoneSeconds", .integer(-86_400...86_400), "What the station's clock is ahead of UTC"),
                .required("asksForAttributes", .boolean, "Whether it asks for what a controller does not know of a member"),
                .required("admitsProvisional", .boolean), .required("relayMilliseconds", .integer(0...60_000)),
                .required("offlineLimitHours", .integer(1...720)),
                .required("whenOfflineTooLong", .oneOf(["stay_shut", "open_for_valid_codes"])),
                .required("state", .oneOf(["normal", "locked_down", "unlocked"]), "Of the station"),
            ])
    }

    package struct PublicKey: Codable, Sendable {
        package let id: UInt8
        package let key: String

        static let schema = Schema.object(
            "DoorPublicKey", "Proves codes without being able to make them",
            [
                .required("id", .integer(0...255), "As in the code"), .required("key", .string(43...43), "Ed25519, Base64url"),
            ])
    }

    /// The list of refused ids, or what has changed of it. Sets of ids are Base64url of the distances between them in LEB128.
    package struct Refusals: Codable, Sendable {
        package var version: Int64
        package var digest: String
        package var isFull: Bool
        package var members = ""
        package var provisional = ""
        package var cards = ""
        package var pinCards = ""
        package var membersCleared = ""
        package var provisionalCleared = ""
        package var cardsCleared = ""
        package var pinCardsCleared = ""

        private static let ids = Schema.string(0...64_000_000)

        static let schema = Schema.object(
            "DoorRefusals", "Whom a controller refuses: ascending ids, the distance of each from the one before in LEB128, in Base64url",
            [
                .required("version", .integer(0...Int64.max), "To ask for the changes since"),
                .required(
                    "digest", .string(16...16),
                    "Of the whole list, hexadecimal: the exclusive or, over all refused, of the first 8 bytes of SHA-256 of kind:id"),
                .required("isFull", .boolean, "Whether it is the whole list, and not only the changes since the version asked for"),
                .required("members", ids, "Neither active nor provisional"), .required("provisional", ids),
                .required("cards", ids, "Revoked"), .required("pinCards", ids, "Cards with a PIN, which only the server can check"),
                .required("membersCleared", ids, "No longer on that list; so with the others"), .required("provisionalCleared", ids),
                .required("cardsCleared", ids), .required("pinCardsCleared", ids),
            ])
    }

    package let serverTime: String
    package let accessPointId: ID<AccessPoint>
    package let policyVersion: Int32
    package let policy: Policy
    package let publicKeys: [PublicKey]
    package let refusals: Refusals

    package static let schema = Schema.object(
        "DoorSync", "What a controller holds for the time alone",
        [
            .required("serverTime", .dateTime, "When all of it was so"), .required("accessPointId", .id),
            .required("policyVersion", .integer(1...Int64(Int32.max))), .required("policy", Policy.schema),
            .required("publicKeys", .array(of: PublicKey.schema, 0...256)), .required("refusals", Refusals.schema),
        ])
}
