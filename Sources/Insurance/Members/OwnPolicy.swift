import Postgres
import Registry
import Runtime

/// A policy with all that its holder is told of it, at one moment.
struct OwnPolicy: Sendable {
    let policy: Policy
    /// The batch's.
    let organizationID: ID<Organization>
    let title: String
    let donor: String
    let kind: InsuranceBatchFacts.Kind
    let contributionFen: Int32
    let productName: String
    let productNameEn: String?
    let sumInsuredFen: Int64
    let covers: [InsuranceProductFacts.Cover]
    let isAcceptedByMember: Bool
    let beneficiary: InsuranceProductFacts.Beneficiary
    let claimAdvice: String
    let claimAdviceEn: String?
    let insurer: String
    let hotline: String
    /// By the database's clock, and the day that it is in China.
    let now: Timestamp
    let today: CalendarDate

    /// What a holder can do with a policy.
    enum Action: String, Codable, CaseIterable, Sendable {
        case accept, refuse, certificate, claim
    }

    var state: PolicyState { policy.state }
    /// The last day that is covered.
    var lastDay: CalendarDate { CalendarDate(daysSince1970: policy.coverUntil.daysSince1970 - 1) }
    var hasEnded: Bool { today >= policy.coverUntil }

    /// Whether it covers today: the insurer has said so, it was accepted where that is asked for, and the days are there.
    var coversNow: Bool { (state == .active || state == .claimed) && policy.coverFrom <= today && !hasEnded }

    /// Whether the time to say yes or no is over.
    var isTooLate: Bool { state == .issued && policy.acceptUntil.map { $0 <= now } ?? false }

    /// Whether it covered or covers: what happened on its days may be claimed.
    var hasCovered: Bool { state == .active || state == .claimed || state == .expired }

    /// The insurer's number, once the insurer has written the policy: one that was only set aside says nothing yet.
    var number: String? {
        switch state {
        case .issued, .accepted, .active, .claimed, .expired, .cancelled: policy.number
        case .reserved, .sent, .rejected, .refused, .returned: nil
        }
    }

    var maskedNumber: String? { number.map(Self.masked) }

    /// Whether mutual aid was joined and not paid yet.
    var isUnpaid: Bool { kind == .mutualAid && state == .reserved && policy.contributionPaidAt == nil }

    var actions: [Action] {
        var actions: [Action] = []
        if state == .issued, isAcceptedByMember, !isTooLate { actions.append(.accept) }
        if state.next.contains(.refused), !isTooLate { actions.append(.refuse) }
        if coversNow { actions.append(.certificate) }
        if hasCovered { actions.append(.claim) }
        return actions
    }

    /// The last four characters of a number, or half of a shorter one.
    static func masked(_ number: String) -> String { "····" + number.suffix(min(4, number.count / 2)) }
}
