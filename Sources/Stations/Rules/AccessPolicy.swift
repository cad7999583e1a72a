package import HTTP
package import Registry
package import Runtime

/// What happens to an entry of somebody who is inside already.
package enum AntiPassback: String, Codable, CaseIterable, Sendable {
    case none
    /// It opens, and the event says so.
    case soft
    case hard
}

/// What a controller does when it has been without network for longer than the policy allows.
package enum WhenOfflineTooLong: String, Codable, CaseIterable, Sendable {
    case stayShut = "stay_shut"
    /// A frost night: better a stranger than nobody.
    case openForValidCodes = "open_for_valid_codes"
}

/// Whom an access point lets in, and when. `stations_admit` applies it; exits ask only for a good code.
///
/// Fields that are absent from JSON have their standard values.
package struct AccessPolicy: Hashable, Sendable {
    /// Closed, it refuses every entry.
    package var isOpen: Bool
    package var directions: ServedDirections
    /// Both these and the station's must be open.
    package var opening: OpeningHours
    /// Members of these and of all below them; none lets in those of all. At most 100.
    package var organizationIds: [ID<Organization>]
    /// Every one must hold; none lets in everybody.
    package var attributes: [AttributeRule]
    package var admitsProvisional: Bool
    /// For so long after an entry there is no other one, with or without an exit; 0 to 10,080, 0 for no such rule.
    package var entryIntervalMinutes: Int16
    /// For so long after an entry a further one needs an exit in between; 0 to 1440, 0 for no such rule.
    package var reentryMinutes: Int16
    package var antiPassback: AntiPassback
    /// After so long whoever is inside may enter again; 1 to 168.
    package var resetHours: Int16
    /// How long the relay is held on opening; 100 to 60,000.
    package var relayMilliseconds: Int32
    /// How old a controller's list of refused members may be; 1 to 720.
    package var offlineLimitHours: Int16
    package var whenOfflineTooLong: WhenOfflineTooLong
    /// Whoever shows no exit for so long counts as gone; 1 to 168.
    package var exitAfterHours: Int16

    /// Open round the clock for every active or provisional member, both ways, the relay held for 3 seconds.
    package static let standard = AccessPolicy()

    package init(
        isOpen: Bool = true, directions: ServedDirections = .both, opening: OpeningHours = .roundTheClock,
        organizationIds: [ID<Organization>] = [], attributes: [AttributeRule] = [], admitsProvisional: Bool = true,
        entryIntervalMinutes: Int16 = 0, reentryMinutes: Int16 = 0, antiPassback: AntiPassback = .none, resetHours: Int16 = 12,
        relayMilliseconds: Int32 = 3_000, offlineLimitHours: Int16 = 72, whenOfflineTooLong: WhenOfflineTooLong = .stayShut,
        exitAfterHours: Int16 = 24
    ) {
        self.isOpen = isOpen
        self.directions = directions
        self.opening = opening
        self.organizationIds = organizationIds
        self.attributes = attributes
        self.admitsProvisional = admitsProvisional
        self.entryIntervalMinutes = entryIntervalMinutes
        self.reentryMinutes = reentryMinutes
        self.antiPassback = antiPassback
        self.resetHours = resetHours
        self.relayMilliseconds = relayMilliseconds
        self.offlineLimitHours = offlineLimitHours
        self.whenOfflineTooLong = whenOfflineTooLong
        self.exitAfterHours = exitAfterHours
    }

    /// What is wrong between its fields; what is wrong with one of them the schema says. `pointer` leads to the policy in the body.
    package func violations(at pointer: String = "") -> [Violation] {
        opening.violations(at: pointer) + AttributeRule.violations(attributes, at: pointer + "/attributes")
    }
}
