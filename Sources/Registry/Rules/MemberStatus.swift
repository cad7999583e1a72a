/// Where a membership stands (会籍状态).
package enum MemberStatus: String, Codable, CaseIterable, Sendable {
    case provisional, active, suspended, left

    /// What may follow. Who left can come back.
    package var successors: Set<MemberStatus> {
        switch self {
        case .provisional: [.active, .left]
        case .active: [.suspended, .left]
        case .suspended: [.active, .left]
        case .left: [.provisional, .active]
        }
    }

    package func mayBecome(_ next: MemberStatus) -> Bool { successors.contains(next) }

    /// What is done to a membership, by the member or an organizer.
    package enum Event: String, CaseIterable, Sendable {
        /// An application was approved.
        case approve
        /// An application was turned down.
        case reject
        case leave
        case suspend
        /// Back from leaving or from a suspension, by an organizer.
        case rejoin
        /// Back from leaving by a join code; the organization has to approve.
        case reapply
    }

    /// The status after `event`; nil where it is not allowed.
    package func after(_ event: Event) -> MemberStatus? {
        switch (self, event) {
        case (.provisional, .approve): .active
        case (.provisional, .reject): .left
        case (.provisional, .leave), (.active, .leave), (.suspended, .leave): .left
        case (.active, .suspend): .suspended
        case (.suspended, .rejoin), (.left, .rejoin): .active
        case (.left, .reapply): .provisional
        case (.active, .approve), (.suspended, .approve), (.left, .approve), (.active, .reject), (.suspended, .reject), (.left, .reject),
            (.left, .leave), (.provisional, .suspend), (.suspended, .suspend), (.left, .suspend), (.provisional, .rejoin),
            (.active, .rejoin), (.provisional, .reapply), (.active, .reapply), (.suspended, .reapply):
            nil
        }
    }

    /// Whether a member code is given out and doors open: the provisional card is a card.
    package var holdsCard: Bool { self == .active || self == .provisional }
}
