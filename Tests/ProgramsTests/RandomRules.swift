import Postgres
import Runtime
import TestSupport

@testable import Programs
@testable import Registry

/// Conditions and people at random, for the tests that hold one way of deciding against another.
struct RandomRules {
    var generator: SeededGenerator
    let organizations: [ID<Organization>]

    static let families = ["checkup", "convalescence"]
    static let attributes: [MemberAttribute] = [
        .workerKind, .employmentForm, .hardshipPost, .employerCheckup, .education, .hardshipHousehold, .unionMemberSince,
    ]

    init(seed: UInt64, organizations: [ID<Organization>]) {
        generator = SeededGenerator(seed: seed)
        self.organizations = organizations
    }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[Int.random(in: 0..<elements.count, using: &generator)] }

    mutating func some<Element>(_ elements: [Element]) -> [Element] {
        let few = elements.shuffled(using: &generator)
        return Array(few.prefix(Int.random(in: 1...max(1, min(3, few.count)), using: &generator)))
    }

    /// Around the birthdays and the dates of entry that the people here have; leap days among them.
    mutating func day(_ years: ClosedRange<Int>) -> CalendarDate {
        if generator.chance(20), let leap = CalendarDate(year: pick([1996, 2000, 2004, 2024]), month: 2, day: 29) { return leap }
        let month = generator.chance(50) ? 2 : Int.random(in: 1...12, using: &generator)
        let day = generator.chance(50) ? 28 : Int.random(in: 1...28, using: &generator)
        guard let found = CalendarDate(year: Int.random(in: years, using: &generator), month: month, day: day) else {
            preconditionFailure("every month has 28 days")
        }
        return found
    }

    mutating func value(_ attribute: MemberAttribute) -> String {
        switch attribute.form {
        case .yesOrNo: pick(["true", "false"])
        case .date: day(1990...2020).description
        default: pick(Array(attribute.options.prefix(4))).code
        }
    }

    mutating func condition(depth: Int = 0) -> Condition {
        let kind = Int.random(in: 0...(depth < 3 ? 9 : 6), using: &generator)
        switch kind {
        case 0, 1:
            let attribute = pick(Self.attributes)
            let evidence = pick(AttributeEvidence.allCases)
            if attribute.form == .date {
                let days = [day(1990...2020), day(1990...2020)].sorted()
                let kind = pick([0, 1, 2])
                return .day(attribute, from: kind < 2 ? days[0] : nil, to: kind > 0 ? days[1] : nil, evidence: evidence)
            }
            return .attribute(attribute, oneOf: (0..<pick([1, 2])).map { _ in value(attribute) }, evidence: evidence)
        case 2: return .organization(some(organizations))
        case 3:
            let least = Int.random(in: 16...60, using: &generator)
            let most = least + Int.random(in: 0...20, using: &generator)
            let kind = pick([0, 1, 2])
            return .age(atLeast: kind < 2 ? least : nil, atMost: kind > 0 ? most : nil, on: day(2024...2028))
        case 4: return .sex(some(Sex.allCases))
        case 5: return .memberSince(day(2023...2026))
        case 6: return .benefit(family: pick(Self.families), period: "2026")
        case 7: return .any((0..<pick([1, 2, 3])).map { _ in condition(depth: depth + 1) })
        case 8: return .all((0..<pick([1, 2, 3])).map { _ in condition(depth: depth + 1) })
        default: return .not(condition(depth: depth + 1))
        }
    }

    mutating func rules() -> ProgramRules {
        func part(_ name: String) -> ProgramRules.Part { .init(name: name, conditions: []) }
        var rules = ProgramRules(admitsProvisional: generator.chance(30))
        rules.eligibility = (0..<Int.random(in: 0...3, using: &generator)).map { _ in condition() }
        rules.classes = (0..<Int.random(in: 0...3, using: &generator)).map { .init(name: "class \($0)", conditions: [condition()]) }
        rules.groups = (0..<Int.random(in: 0...8, using: &generator)).map { .init(name: "group \($0)", conditions: [condition()]) }
        rules.points = (0..<Int.random(in: 0...2, using: &generator)).map { .init(points: $0 + 1, conditions: [condition()]) }
        return rules
    }

    /// Members of every status, some with claims, benefits, or merged into another one.
    mutating func people(_ count: Int, in scene: ProgramScene) async throws -> [ID<Member>] {
        var members: [ID<Member>] = []
        for _ in 0..<count {
            let rows = try await scene.database.query(
                """
                insert into member (
                    organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup, created_at)
                values (
                    \(pick(organizations)), \(pick(MemberStatus.allCases).rawValue), \(value(.workerKind)), \(value(.employmentForm)),
                    \(pick(Sex.allCases).rawValue), \(day(1955...2008)), \(generator.chance(50)), \(generator.chance(50)),
                    \(day(2023...2026))::timestamp at time zone 'Asia/Shanghai'
                        + \(Int64.random(in: 0..<86_400, using: &generator)) * interval '1 second')
                returning member_id
                """)
            members.append(try rows[0].decode(0))
        }
        for _ in 0..<count * 2 {
            let attribute = pick(Self.attributes)
            let draft = AttributeClaimDraft(
                memberID: pick(members), attribute: attribute, value: value(attribute), evidence: pick(AttributeEvidence.allCases),
                evidencedOn: day(2024...2026))
            _ = try await scene.database.transaction { (transaction) async throws(PostgresError) in
                try await scene.registry.persons.attributes.claim([draft], by: "test", in: transaction)
            }
        }
        for _ in 0..<count / 3 {
            _ = try await scene.database.query(
                """
                insert into benefit (member_id, family, period, state, held_at, changed_at)
                values (
                    \(pick(members)), \(pick(Self.families)), \(pick(["2025", "2026"])), \(pick(["held", "confirmed", "used", "freed"])),
                    now(), now())
                on conflict do nothing
                """)
        }
        for _ in 0..<count / 8 {
            let (merged, survivor) = (pick(members), pick(members))
            _ = try await scene.database.query(
                """
                update member set merged_into = \(survivor), status = 'left'
                where member_id = \(merged) and member_id <> \(survivor)
                    and not exists (select from member other where other.merged_into = \(merged))
                    and (select merged_into from member other where other.member_id = \(survivor)) is null
                """)
        }
        return members
    }
}
