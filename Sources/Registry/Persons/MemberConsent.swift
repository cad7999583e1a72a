package import Postgres
package import Runtime

/// What a person's data may be used for (用途); consent is asked for each by itself.
package enum ConsentPurpose: String, Codable, CaseIterable, Hashable, Sendable {
    /// Keeping the membership itself (会籍管理).
    case registry
    /// Checkups: health data (体检).
    case checkup
    /// Policies that the union gives (保险).
    case insurance
    /// Notices of coupons, courses and the like (活动通知).
    case marketing
    /// Which doors were gone through when (行踪).
    case whereabouts
}

/// Where consent was told.
package enum ConsentChannel: String, Codable, CaseIterable, Sendable {
    case app, join, paper, `import`
}

/// Consent to one purpose, given or withdrawn.
package struct MemberConsent: Sendable {
    package let purpose: ConsentPurpose
    package let isGiven: Bool
    /// Which wording.
    package let textVersion: String
    package let channel: ConsentChannel
    package let recordedBy: String
    package let recordedAt: Timestamp
}

/// A consent to be recorded.
package struct MemberConsentDraft: Sendable {
    package let memberID: ID<Member>
    package let purpose: ConsentPurpose
    package let isGiven: Bool
    package let textVersion: String
    package let channel: ConsentChannel

    /// - Parameter textVersion: 1 to 40 characters.
    package init(memberID: ID<Member>, purpose: ConsentPurpose, isGiven: Bool, textVersion: String, channel: ConsentChannel) {
        self.memberID = memberID
        self.purpose = purpose
        self.isGiven = isGiven
        self.textVersion = textVersion
        self.channel = channel
    }
}
