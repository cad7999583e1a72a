/// Why a door that decides alone stays shut. The codes are the server's, and never change.
package enum DoorReason: String, CaseIterable, Sendable {
    case codeMalformed = "door.code_malformed"
    case codeUnknownKey = "door.code_unknown_key"
    case codeForged = "door.code_forged"
    case codeExpired = "door.code_expired"
    case codeFromFuture = "door.code_from_future"
    case codeReplayed = "door.code_replayed"
    case memberNotActive = "door.member_not_active"
    case cardRevoked = "door.card_revoked"
    case cardExpired = "door.card_expired"
    case accessPointClosed = "door.access_point_closed"
    case directionNotServed = "door.direction_not_served"
    case outsideHours = "door.outside_hours"
    case stationClosed = "door.station_closed"
    case lockedDown = "door.locked_down"
    /// Numbers, day codes and cards with a PIN are known to the server only.
    case needsNetwork = "door.needs_network"
    /// The policy asks for what a controller alone cannot know: organizations, attributes.
    case offlineUnverifiable = "door.offline_unverifiable"
    /// The list of refused members is older than the policy allows.
    case offlineTooLong = "door.offline_too_long"
    /// No policy and no keys yet: the controller has never reached the server.
    case offlineUnprepared = "door.offline_unprepared"
    /// The key was ended, or the controller does not serve this door any more.
    case controllerShutOut = "door.controller_shut_out"
    /// The controller was stopped between the scan and its decision; the door stayed shut.
    case controllerRestarted = "door.controller_restarted"
    /// The journal cannot be written, so nothing may be promised.
    case journalUnwritable = "door.journal_unwritable"
}
