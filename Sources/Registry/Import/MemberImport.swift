package import Postgres
package import Runtime

/// One file of members brought in, or tried.
package struct MemberImport: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case running, finished, failed
    }

    package let id: ID<MemberImport>
    package let isDryRun: Bool
    /// Where rows went that named no organization.
    package let organizationID: ID<Organization>?
    package let state: State
    /// Of a failed one.
    package let failureCode: String?
    package let tally: MemberImportTally
    package let bytesRead: Int64
    /// Nil when the sender did not say.
    package let bytesTotal: Int64?
    package let startedAt: Timestamp
    /// When a chunk last went in; old while still running means that the server is gone.
    package let progressAt: Timestamp
    package let finishedAt: Timestamp?
}

/// What became of the rows. Every row read is in exactly one of the four.
package struct MemberImportTally: Sendable, Equatable {
    package var inserted = 0
    package var updated = 0
    package var unchanged = 0
    package var refused = 0

    package var read: Int { inserted + updated + unchanged + refused }

    static func += (left: inout Self, right: Self) {
        left.inserted += right.inserted
        left.updated += right.updated
        left.unchanged += right.unchanged
        left.refused += right.refused
    }
}

package struct MemberImportOptions: Sendable {
    package let organizationID: ID<Organization>?
    package let isDryRun: Bool
    package let scope: Scope
    package let bytesTotal: Int64?

    /// - Parameters:
    ///   - organizationID: where rows go that name no organization; without it those are refused.
    ///   - isDryRun: everything is checked and reported, and no member is written.
    ///   - scope: organizations beyond it are unknown to the file, and members of them are refused.
    ///   - bytesTotal: the file's size, for the progress shown.
    package init(
        organizationID: ID<Organization>? = nil, isDryRun: Bool = false, scope: Scope = .everything, bytesTotal: Int64? = nil
    ) {
        self.organizationID = organizationID
        self.isDryRun = isDryRun
        self.scope = scope
        self.bytesTotal = bytesTotal
    }
}

package struct MemberImportProgress: Sendable {
    package let tally: MemberImportTally
    package let bytesRead: Int64
    package let bytesTotal: Int64?
}
