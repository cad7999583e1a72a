package import HTTP
import Registry
import Runtime

extension AccessPolicy: Codable, APIType {
    private enum CodingKeys: String, CodingKey {
        case isOpen, directions, hours, exceptions, organizationIds, attributes, admitsProvisional, entryIntervalMinutes, reentryMinutes
        case antiPassback, resetHours, relayMilliseconds, offlineLimitHours, whenOfflineTooLong, exitAfterHours
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        func field<T: Decodable>(_ key: CodingKeys, _ standard: T) throws -> T {
            try container.decodeIfPresent(T.self, forKey: key) ?? standard
        }
        let standard = AccessPolicy.standard
        self.init(
            isOpen: try field(.isOpen, standard.isOpen), directions: try field(.directions, standard.directions),
            opening: try OpeningHours(from: decoder), organizationIds: try field(.organizationIds, []),
            attributes: try field(.attributes, []), admitsProvisional: try field(.admitsProvisional, standard.admitsProvisional),
            entryIntervalMinutes: try field(.entryIntervalMinutes, standard.entryIntervalMinutes),
            reentryMinutes: try field(.reentryMinutes, standard.reentryMinutes),
            antiPassback: try field(.antiPassback, standard.antiPassback), resetHours: try field(.resetHours, standard.resetHours),
            relayMilliseconds: try field(.relayMilliseconds, standard.relayMilliseconds),
            offlineLimitHours: try field(.offlineLimitHours, standard.offlineLimitHours),
            whenOfflineTooLong: try field(.whenOfflineTooLong, standard.whenOfflineTooLong),
            exitAfterHours: try field(.exitAfterHours, standard.exitAfterHours))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(isOpen, forKey: .isOpen)
        try container.encode(directions, forKey: .directions)
        try container.encodeIfPresent(opening.hours, forKey: .hours)
        try container.encode(opening.exceptions, forKey: .exceptions)
        try container.encode(organizationIds, forKey: .organizationIds)
        try container.encode(attributes, forKey: .attributes)
        try container.encode(admitsProvisional, forKey: .admitsProvisional)
        try container.encode(entryIntervalMinutes, forKey: .entryIntervalMinutes)
        try container.encode(reentryMinutes, forKey: .reentryMinutes)
        try container.encode(antiPassback, forKey: .antiPassback)
        try container.encode(resetHours, forKey: .resetHours)
        try container.encode(relayMilliseconds, forKey: .relayMilliseconds)
        try container.encode(offlineLimitHours, forKey: .offlineLimitHours)
        try container.encode(whenOfflineTooLong, forKey: .whenOfflineTooLong)
        try container.encode(exitAfterHours, forKey: .exitAfterHours)
    }

    package static let schema = Schema.object(
        "AccessPolicy", "Whom an access point lets in, and when; an exit with a good code always opens",
        [
            .required("isOpen", .boolean, "A closed access point refuses every entry"),
            .required("directions", .oneOf(ServedDirections.allCases.map(\.rawValue)), "Which ways people go here"),
        ] + OpeningHours.fields + [
            .optional(
                "organizationIds", .array(of: .id, 0...100), "Members of these and of all below them; none or absent lets in those of all"),
            .optional("attributes", .array(of: AttributeRule.schema, 0...4), "Every one must hold"),
            .optional("admitsProvisional", .boolean, "Whether provisional members are let in; true when absent"),
            .optional(
                "entryIntervalMinutes", .integer(0...10_080),
                "For so long after an entry there is no other one, with or without an exit; 0: no such rule"),
            .required(
                "reentryMinutes", .integer(0...1_440),
                "For so long after an entry a further one needs an exit in between; 0: no such rule"),
            .optional(
                "antiPassback", .oneOf(AntiPassback.allCases.map(\.rawValue)),
                "Who is inside does not go in again: soft lets them and marks the event, hard refuses; none when absent"),
            .optional("resetHours", .integer(1...168), "After so long they may; 12 when absent"),
            .required("relayMilliseconds", .integer(100...60_000), "How long the relay is held on opening"),
            .optional(
                "offlineLimitHours", .integer(1...720), "How old a controller's list of refused members may be; 72 when absent"),
            .optional(
                "whenOfflineTooLong", .oneOf(WhenOfflineTooLong.allCases.map(\.rawValue)),
                "What a controller does when it is older; stay_shut when absent"),
            .optional("exitAfterHours", .integer(1...168), "Whoever shows no exit for so long counts as gone; 24 when absent"),
        ])
}
