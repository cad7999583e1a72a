package import Postgres
package import Runtime

/// Two members who may be one person.
package struct MemberDuplicate: Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case suspected
        /// A person found that they are two.
        case dismissed
        /// A person found that they are one, and merged them.
        case merged
        /// One of them was merged into somebody else, or erased.
        case gone
    }

    package enum Reason: String, Codable, CaseIterable, Sendable {
        case phone
        case nameAndBirth = "name_and_birth"
    }

    package let id: ID<MemberDuplicate>
    /// The lower number first.
    package let memberIDs: [ID<Member>]
    package let reasons: [Reason]
    package let state: State
    package let foundAt: Timestamp
    package let decision: Decision?

    package struct Decision: Sendable {
        package let decidedBy: String
        package let decidedAt: Timestamp
        package let reason: String?
    }
}

/// A member who was found to be another one.
package struct MemberMerge: Sendable {
    package let mergedMemberID: ID<Member>
    package let memberID: ID<Member>
    package let statusBefore: String
    package let reason: String
    package let mergedBy: String
    package let mergedAt: Timestamp
}
