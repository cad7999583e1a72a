package import Postgres
package import Runtime

/// What the yearly papers of a unit, its union and its chair tell, as far as it serves.
package struct OrganizationProfile: Hashable, Sendable {
    /// For pages in English.
    package var nameEn: String?
    package var creditCode: CreditCode?
    package var address: String?
    package var industry: IndustrySection?
    /// An office's, as it is written on a letter.
    package var contactPhone: String?
    package var foundedOn: CalendarDate?
    package var employees: Int?
    package var employeesFemale: Int?
    /// As the union states it, beside what the register counts.
    package var membersStated: Int?
    /// A public office, and so ordinary data of the organization.
    package var chairName: String?
    package var chairElectedOn: CalendarDate?
    package var joinRule = JoinRule.approval

    package init() {}
}

/// An organization with all that is known of it.
package struct OrganizationRecord: Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case open, closed
    }

    /// Whether the yearly fields were renewed in time.
    package enum RenewalState: String, Codable, CaseIterable, Sendable {
        /// Renewed in this half-year, or new in it.
        case current
        /// A half-year has begun, and is not older than a month.
        case due
        case overdue
        /// Nothing is asked of a closed organization.
        case none

        /// Days of a half-year after which what is still due is overdue.
        package static let graceDays = 31
    }

    package let organization: Organization
    package let profile: OrganizationProfile
    package let state: State
    package let closedAt: Timestamp?
    package let closeReason: String?
    package let renewedOn: CalendarDate
    package let renewal: RenewalState
    /// Grows with every change.
    package let version: Int
    package let updatedAt: Timestamp
}

/// The yearly fields, as they are renewed every half-year.
package struct OrganizationRenewal: Sendable {
    package let organizationID: ID<Organization>
    /// The first day of the half-year.
    package let halfYearOn: CalendarDate
    package let fields: OrganizationProfile
    package let renewedBy: String
    package let renewedAt: Timestamp
}

/// One field of a change: not told, taken away, or given.
enum FieldChange<Value: Sendable & Hashable>: Sendable, Hashable {
    case keep, clear
    case set(Value)

    func applied(to value: inout Value?) {
        switch self {
        case .keep: break
        case .clear: value = nil
        case .set(let new): value = new
        }
    }
}
