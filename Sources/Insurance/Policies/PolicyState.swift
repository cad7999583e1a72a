/// Where a policy is. Each is in exactly one place, and a batch's places always add up to the batch.
package enum PolicyState: String, Codable, CaseIterable, Sendable {
    /// Meant for a person, and the insurer does not know yet.
    case reserved
    /// The insurer was asked to write it.
    case sent
    /// The insurer did not write it, and said why.
    case rejected
    /// Written: with number and days, and to be accepted where the product asks for it.
    case issued
    case accepted
    /// It covers.
    case active
    /// A claim under it was paid.
    case claimed
    /// By the member; the place in the batch is free again.
    case refused
    /// Taken back before it covers, by an organizer, or not accepted in time, or of who has another; the place is free again.
    case returned
    case expired
    /// Ended before its time; the place is spent.
    case cancelled

    /// What may follow. `insurance_may_follow` in SQL says the same.
    package var next: [PolicyState] {
        switch self {
        case .reserved: [.sent, .refused, .returned]
        case .sent: [.issued, .rejected, .returned]
        case .rejected: [.reserved, .refused, .returned]
        case .issued: [.accepted, .active, .refused, .returned, .cancelled]
        case .accepted: [.active, .refused, .returned, .cancelled]
        case .active: [.claimed, .expired, .cancelled]
        case .claimed, .refused, .returned, .expired, .cancelled: []
        }
    }

    /// Whether nobody else may cover the person on those days.
    package var holds: Bool { self != .refused && self != .returned && self != .cancelled }

    /// Whether the insurer has said that the person is covered, now or from a day to come.
    package var isCover: Bool { self == .issued || self == .accepted || self == .active || self == .claimed }
}
