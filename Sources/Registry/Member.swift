package import Postgres
package import Runtime

/// A real-name person with a membership in one organization at a time (会员).
package struct Member: Sendable {
    package let id: ID<Member>
    package let organizationID: ID<Organization>
    package let status: MemberStatus
    package let workerKind: WorkerKind
    package let employmentForm: EmploymentForm
    package let sex: Sex
    package let birthOn: CalendarDate
    package let hardshipPost: Bool
    package let employerCheckup: Bool
    /// Grows with every change.
    package let version: Int
    package let createdAt: Timestamp
    package let updatedAt: Timestamp
    /// The member who is the same person and goes on; this one has left.
    package let mergedInto: ID<Member>?
    /// When the person was forgotten.
    package let erasedAt: Timestamp?
    /// Nil once the person was forgotten.
    package let person: PersonalData?
}

/// What stands sealed in the database. Never logged; screens see the masked forms.
package struct PersonalData: Hashable, Sendable {
    package let name: PersonName
    package let nationalID: NationalID
    package let phone: PhoneNumber?
}

/// A member as a form or a row of a file tells it. What is nil is not told: a new member gets the default, a known one keeps what it has.
package struct MemberDraft: Sendable {
    package let person: PersonalData
    package let organizationID: ID<Organization>
    package let workerKind: WorkerKind?
    package let employmentForm: EmploymentForm?
    package let hardshipPost: Bool?
    package let employerCheckup: Bool?
}
