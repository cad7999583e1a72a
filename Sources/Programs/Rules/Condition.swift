package import Postgres
package import Registry
package import Runtime

/// What a program asks of a member: one of the sentences that eligibility, classes, points and groups are made of.
///
/// In JSON an object with one key that names the kind: `{"sex": ["female"]}`, `{"attribute": {"name": "worker_kind", "in": ["courier"],
/// "evidence": "certified"}}`, `{"any": [ … ]}`. What is not known of a member does not hold, and neither does its opposite, unless the
/// condition says `not`.
package indirect enum Condition: Hashable, Sendable {
    /// A value of the catalogue, one of those named, with at least this evidence.
    case attribute(MemberAttribute, oneOf: [String], evidence: AttributeEvidence)
    /// A day of the catalogue that lies within these, both included.
    case day(MemberAttribute, from: CalendarDate?, to: CalendarDate?, evidence: AttributeEvidence)
    /// Belongs to one of the organizations or to one below it.
    case organization([ID<Organization>])
    /// Full years of age on the day; both limits included.
    case age(atLeast: Int?, atMost: Int?, on: CalendarDate)
    case sex([Sex])
    /// A member of the union at the latest since the day, as the register knows it.
    case memberSince(CalendarDate)
    /// Holds (or has used) a benefit of the family in the period.
    case benefit(family: String, period: String)
    /// At least one of them holds.
    case any([Condition])
    /// All of them hold.
    case all([Condition])
    case not(Condition)

    /// How deep `any`, `all` and `not` may be nested.
    package static let depthMax = 4
    /// Values, organizations or parts of one condition.
    package static let countMax = 100
}

extension Condition {
    /// Whether it holds of the candidate. The statement made by `sql` decides the same over a whole register.
    package func holds(of candidate: Candidate) -> Bool {
        switch self {
        case .attribute(let attribute, let values, let evidence):
            candidate.attributes[attribute].map { $0.evidence >= evidence && values.contains($0.value) } ?? false
        case .day(let attribute, let from, let to, let evidence):
            candidate.attributes[attribute].map { known in
                guard known.evidence >= evidence, let day = CalendarDate(text: known.value) else { return false }
                return from.map { day >= $0 } ?? true && to.map { day <= $0 } ?? true
            } ?? false
        case .organization(let roots): roots.contains { candidate.organizations.contains($0) }
        case .age(let least, let most, let day):
            (least.map { candidate.birthOn <= day.yearsBefore($0) } ?? true)
                && (most.map { candidate.birthOn > day.yearsBefore($0 + 1) } ?? true)
        case .sex(let sexes): sexes.contains(candidate.sex)
        case .memberSince(let day): candidate.memberSince <= day
        case .benefit(let family, let period): candidate.holdsBenefit(family, period)
        case .any(let parts): parts.contains { $0.holds(of: candidate) }
        case .all(let parts): parts.allSatisfy { $0.holds(of: candidate) }
        case .not(let part): !part.holds(of: candidate)
        }
    }
}

extension CalendarDate {
    /// The last birthday on which someone is so many years old by this day; who was born on 29 February has it on 1 March in other years.
    package func yearsBefore(_ years: Int) -> CalendarDate {
        CalendarDate(year: year - years, month: month, day: day) ?? CalendarDate(year: year - years, month: 2, day: 28) ?? self
    }
}
