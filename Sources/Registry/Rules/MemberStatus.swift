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

    /// Whether the member can show a code: at once after joining, and until the membership rests or ends.
    package var hasCode: Bool { self == .active || self == .provisional }

    package func mayBecome(_ next: MemberStatus) -> Bool { successors.contains(next) }
}
