package import Postgres
package import Runtime

/// Who stands for a value, the weakest first.
package enum AttributeEvidence: String, Codable, CaseIterable, Comparable, Sendable {
    /// The member said so, or a file that nobody certified.
    case selfDeclared = "self_declared"
    /// An organizer stands for it.
    case certified
    /// A register held elsewhere says so.
    case verified

    private var strength: Int {
        switch self {
        case .selfDeclared: 1
        case .certified: 2
        case .verified: 3
        }
    }

    package static func < (left: Self, right: Self) -> Bool { left.strength < right.strength }
}

/// What somebody told of a member, once.
package struct AttributeClaim: Sendable, Equatable {
    /// Grows with each claim recorded.
    package let number: Int64
    package let attribute: MemberAttribute
    package let value: String
    package let evidence: AttributeEvidence
    /// The day for which it was told.
    package let evidencedOn: CalendarDate
    /// Of a verified value: the register.
    package let source: String?
    /// The subject of the principal: `account:1`, `member:12`.
    package let recordedBy: String
    package let recordedAt: Timestamp
}

/// What is known of one attribute: the claim that holds, and what others say otherwise.
package struct AttributeState: Sendable, Equatable {
    package let current: AttributeClaim
    /// The last claim of each weaker or older kind of evidence, where its value is another one. For a person to settle.
    package let differing: [AttributeClaim]

    /// The strongest evidence holds, of equals the latest day, of these the last one recorded; `member_attribute_current` says the same.
    /// - Parameter claims: all of one member and one attribute, in any order. Nil of none.
    package init?(_ claims: [AttributeClaim]) {
        guard let current = claims.max(by: Self.isWeaker) else { return nil }
        self.current = current
        differing = AttributeEvidence.allCases.reversed().compactMap { evidence in
            let latest = claims.filter { $0.evidence == evidence }.max(by: Self.isWeaker)
            return latest.flatMap { $0.value == current.value ? nil : $0 }
        }
    }

    private static func isWeaker(_ left: AttributeClaim, _ right: AttributeClaim) -> Bool {
        (left.evidence, left.evidencedOn, left.number) < (right.evidence, right.evidencedOn, right.number)
    }
}

/// A claim to be recorded.
package struct AttributeClaimDraft: Sendable {
    package let memberID: ID<Member>
    package let attribute: MemberAttribute
    package let value: String
    package let evidence: AttributeEvidence
    package let evidencedOn: CalendarDate
    package let source: String?

    package init(
        memberID: ID<Member>, attribute: MemberAttribute, value: String, evidence: AttributeEvidence, evidencedOn: CalendarDate,
        source: String? = nil
    ) {
        self.memberID = memberID
        self.attribute = attribute
        self.value = value
        self.evidence = evidence
        self.evidencedOn = evidencedOn
        self.source = source
    }
}
