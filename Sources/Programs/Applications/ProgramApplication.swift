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
struct FrozenEvidence: DirectJSON {
    /// What rules look at, in the order in which it is written.
    struct Frame: Sendable {
        let attributes: [MemberAttribute]
        /// Ages are in years, for each day that the rules ask for.
        let days: [CalendarDate]
        let looks: ProgramRules.Looks

        init(_ rules: ProgramRules) {
            looks = rules.looksAt
            attributes = looks.attributes.sorted { $0.rawValue < $1.rawValue }
            days = looks.days.sorted()
        }
    }

    let candidate: Candidate
    let organization: ID<Organization>
    let frame: Frame

    func write(to json: inout JSONWriter) {
        json.object { json in
            if !frame.days.isEmpty {
                json.member(
                    "ages", members: { json in for day in frame.days { json.member(day.description, Int64(candidate.age(on: day))) } })
            }
            if frame.attributes.contains(where: { candidate.attributes[$0] != nil }) {
                json.member("attributes", members: attributes)
            }
            if frame.looks.benefits {
                json.member("benefits", elements: { json in for benefit in candidate.benefits.sorted() { json.value(benefit) } })
            }
            json.member("memberSince", frame.looks.memberSince ? candidate.memberSince.description : nil)
            json.member("organizationId", organization.rawValue)
            json.member("sex", frame.looks.sex ? candidate.sex.rawValue : nil)
            json.member("status", candidate.status.rawValue)
        }
    }

    private func attributes(_ json: inout JSONWriter) {
        for attribute in frame.attributes {
            guard let known = candidate.attributes[attribute] else { continue }
            json.member(
                attribute.rawValue,
                members: { json in
                    json.member("evidence", known.evidence.rawValue)
                    json.member("evidencedOn", known.evidencedOn?.description)
                    json.member("value", known.value)
                })
        }
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
    struct Looks: Sendable {
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
