package import Postgres

/// What holds of every mutual aid (职工互助).
package enum MutualAid {
    /// Days that a member has to pay the contribution; then the place goes back.
    package static let unpaidDays = 14
    package static let unpaidReason = "contribution_unpaid"

    /// A condition over `policy` for rosters: the insurer is asked to write what was paid for, and gifts, for which nobody pays.
    package static let mayGoToRoster: SQL = "(policy.source <> 'joined' or policy.contribution_paid_at is not null)"

    /// A condition over `policy`: joined, and not paid for yet. While it holds, `changed_at` is when it was joined.
    static let isUnpaid: SQL = "(policy.state = 'reserved' and policy.source = 'joined' and policy.contribution_paid_at is null)"

    /// When an unpaid place of `policy` goes back.
    static let unpaidUntil: SQL = "(policy.changed_at + \(raw: String(unpaidDays)) * interval '1 day')"
}
