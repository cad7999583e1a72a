package import Allocation
package import HTTP
package import Postgres
package import Registry
package import Runtime

/// A person's wishes in one program, with what was known of the person when they were told.
package struct ProgramApplication: Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case applied, withdrawn
    }

    package let memberID: ID<Member>
    package let programID: ID<UnionProgram>
    package let ticket: Ticket
    package let state: State
    /// Numbers of sessions, the dearest first.
    package let wishes: [Int32]
    package let organizationID: ID<Organization>
    /// The class by the program's rules, 1 for those who go first.
    package let priority: Int32
    package let points: Int64
    /// Bit 0 for the first group of the rules.
    package let groups: Int16
    /// The subject of who applied.
    package let appliedBy: String
    package let appliedAt: Timestamp
    package let changedAt: Timestamp

    /// Wishes of one application.
    package static let wishCountMax = Program.wishCountMax
}

/// Somebody asks to take part, or asks anew with other wishes.
package struct ApplyRequest: Sendable {
    package let memberID: ID<Member>
    package let programID: ID<UnionProgram>
    package let wishes: [Int32]
    /// The subject of who asks.
    package let subject: String

    package init(memberID: ID<Member>, programID: ID<UnionProgram>, wishes: [Int32], subject: String) {
        self.memberID = memberID
        self.programID = programID
        self.wishes = wishes
        self.subject = subject
    }
}

/// What became of it.
package enum ApplyOutcome: Sendable {
    package struct Receipt: Sendable {
        package let ticket: Ticket
        package let wishes: [Int32]
        package let appliedAt: Timestamp
        package let changedAt: Timestamp
    }

    case applied(Receipt)
    /// Every reason at once.
    case refused([Violation])
    /// No such program, or one that nobody knows of yet.
    case programUnknown
    case memberUnknown
}

/// What an application freezes of the person: the values that the rules looked at, with who stands for them.
struct FrozenEvidence: Encodable {
    private struct Value: Encodable {
        let value: String
        let evidence: AttributeEvidence
        let evidencedOn: String?
    }

    private let status: MemberStatus
    private let organizationId: ID<Organization>
    private let attributes: [String: Value]?
    /// In years, for each day that the rules ask for.
    private let ages: [String: Int]?
    private let sex: Sex?
    private let memberSince: String?
    private let benefits: [String]?

    init(_ candidate: Candidate, _ rules: ProgramRules, organization: ID<Organization>) {
        let looked = rules.looksAt
        status = candidate.status
        organizationId = organization
        var values: [String: Value] = [:]
        for attribute in looked.attributes {
            guard let known = candidate.attributes[attribute] else { continue }
            values[attribute.rawValue] = Value(
                value: known.value, evidence: known.evidence, evidencedOn: known.evidencedOn?.description)
        }
        attributes = values.isEmpty ? nil : values
        let years = looked.days.map { ($0.description, candidate.age(on: $0)) }
        ages = years.isEmpty ? nil : Dictionary(years) { first, _ in first }
        sex = looked.sex ? candidate.sex : nil
        memberSince = looked.memberSince ? candidate.memberSince.description : nil
        benefits = looked.benefits ? candidate.benefits.sorted() : nil
    }
}

extension Candidate {
    /// Full years by the day.
    func age(on day: CalendarDate) -> Int {
        let hadBirthday = (day.month, day.day) >= (birthOn.month, birthOn.day)
        return day.year - birthOn.year - (hadBirthday ? 0 : 1)
    }
}

extension ProgramRules {
    /// What of a person the rules ask for anywhere.
    struct Looks {
        var attributes: Set<MemberAttribute> = []
        var days: Set<CalendarDate> = []
        var sex = false
        var memberSince = false
        var benefits = false
        var organizations: Set<ID<Organization>> = []

        mutating func add(_ condition: Condition) {
            switch condition {
            case .attribute(let attribute, _, _), .day(let attribute, _, _, _): attributes.insert(attribute)
            case .organization(let roots): organizations.formUnion(roots)
            case .age(_, _, let day): days.insert(day)
            case .sex: sex = true
            case .memberSince: memberSince = true
            case .benefit: benefits = true
            case .any(let parts), .all(let parts): for part in parts { add(part) }
            case .not(let part): add(part)
            }
        }
    }

    var looksAt: Looks {
        var looks = Looks()
        for condition in eligibility { looks.add(condition) }
        for part in classes + groups { for condition in part.conditions { looks.add(condition) } }
        for score in points { for condition in score.conditions { looks.add(condition) } }
        return looks
    }
}
