/// What an organization does with who passes the automatic checks.
package enum JoinRule: String, Codable, CaseIterable, Sendable {
    /// A member at once.
    case automatic
    /// Provisional until somebody approves.
    case approval

    /// What the newcomer is.
    package var status: MemberStatus { self == .automatic ? .active : .provisional }
}
