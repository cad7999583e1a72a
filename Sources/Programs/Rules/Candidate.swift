package import Postgres
package import Registry
package import Runtime

/// What is known of a member when a program looks: what conditions are tried upon without a database.
package struct Candidate: Sendable {
    /// A value and who stands for it.
    package struct Known: Hashable, Sendable {
        package let value: String
        package let evidence: AttributeEvidence
        /// The day for which it was told; nil where only the register says so.
        package let evidencedOn: CalendarDate?

        package init(_ value: String, _ evidence: AttributeEvidence, on evidencedOn: CalendarDate? = nil) {
            self.value = value
            self.evidence = evidence
            self.evidencedOn = evidencedOn
        }
    }

    package var birthOn: CalendarDate
    package var sex: Sex
    /// With the organization itself, the nearest first.
    package var organizations: [ID<Organization>]
    package var memberSince: CalendarDate
    package var attributes: [MemberAttribute: Known]
    /// `family/period` of each benefit held.
    package var benefits: Set<String>
    package var status: MemberStatus

    package init(
        birthOn: CalendarDate, sex: Sex, organizations: [ID<Organization>] = [], memberSince: CalendarDate,
        attributes: [MemberAttribute: Known] = [:], benefits: Set<String> = [], status: MemberStatus = .active
    ) {
        self.birthOn = birthOn
        self.sex = sex
        self.organizations = organizations
        self.memberSince = memberSince
        self.attributes = attributes
        self.benefits = benefits
        self.status = status
    }

    /// Whether a benefit of the family and period is held, or was used.
    func holdsBenefit(_ family: String, _ period: String) -> Bool { benefits.contains("\(family)/\(period)") }
}
