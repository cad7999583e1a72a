import HTTP
import Postgres
import Runtime

/// What registers held elsewhere say of members, brought by an organizer, over HTTP.
struct RegisterCheckRoutes: Sendable {
    let members: MemberStore
    let attributes: MemberAttributeStore
    let audit: AuditStore
    let idempotency: IdempotencyStore
    let clock: Clock

    var all: [Route] { [create] }

    private var create: Route {
        Route(
            .post, "/v1/register-checks", summary: "Records what a register held elsewhere says of members", tag: "Attributes",
            access: .permission(RegistryPermission.membersImport), parameters: [IdempotencyStore.parameter],
            body: .json(RegisterCheckBody.self, limitBytes: 262_144),
            responses: [.json(201, RegisterCheckAnswer.self, "What became of each item, in order")],
            problems: [PersonProblem.attributeInvalid] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(RegisterCheckBody.self)
            let drafts = try body.drafts(today: .inChina(clock))
            let scope = request.scope(of: RegistryPermission.membersImport)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { transaction in
                let reachable = Set(try await members.inside(drafts.map(\.memberID), scope, in: transaction))
                let inside = drafts.filter { reachable.contains($0.memberID) }
                var outcomes = try await attributes.claim(inside, by: subject, in: transaction)[...]
                let answers = drafts.map { reachable.contains($0.memberID) ? outcomes.popFirst() ?? .memberUnknown : .memberUnknown }
                let answer = RegisterCheckAnswer(answers)
                try await audit.record(
                    "members.register_checked", subject: "members", organization: nil,
                    details: ["items": String(answer.items.count), "recorded": String(answer.recorded)], request, in: transaction)
                return .json(answer, status: 201)
            }
        }
    }
}

struct RegisterCheckBody: Codable, Sendable, APIType {
    struct Item: Codable {
        let memberId: ID<Member>
        let attribute: MemberAttribute
        let value: String
        let evidencedOn: String?
    }

    let register: String
    let items: [Item]

    private static let item = Schema.object(
        "RegisterCheckItem", "What the register says of one member",
        [
            .required("memberId", .id), .required("attribute", .oneOf(MemberAttribute.allCases.map(\.rawValue))),
            .required("value", .string(1...100)), .optional("evidencedOn", .date, "The day of the register's answer; today by default"),
        ])

    static let schema = Schema.object(
        "RegisterCheckBody", "A register's answers",
        [
            .required("register", .string(1...100), "Which register: civil affairs, social insurance"),
            .required("items", .array(of: item, 1...1_000), "No member and attribute twice"),
        ])

    /// - Throws: every fault of every item.
    func drafts(today: CalendarDate) throws(Problem) -> [AttributeClaimDraft] {
        var faults: [Violation] = []
        var seen: Set<[String]> = []
        var drafts: [AttributeClaimDraft] = []
        for (index, item) in items.enumerated() {
            faults += AttributeBody.faults(item.attribute, item.value, item.evidencedOn, at: "/items/\(index)", today: today)
            if !seen.insert([item.memberId.description, item.attribute.rawValue]).inserted {
                faults.append(
                    Violation("member.attribute_twice", pointer: "/items/\(index)", zh: "同一会员的同一项出现两次", en: "the same attribute twice"))
            }
            drafts.append(
                AttributeClaimDraft(
                    memberID: item.memberId, attribute: item.attribute, value: item.value, evidence: .verified,
                    evidencedOn: item.evidencedOn.flatMap { CalendarDate(text: $0) } ?? today, source: register))
        }
        guard faults.isEmpty else { throw Problem(PersonProblem.attributeInvalid, violations: Array(faults.prefix(100))) }
        return drafts
    }
}

struct RegisterCheckAnswer: Codable, Sendable, APIType {
    let items: [String]
    let recorded: Int

    init(_ outcomes: [MemberAttributeStore.ClaimOutcome]) {
        items = outcomes.map(\.rawValue)
        recorded = outcomes.count { $0 == .recorded }
    }

    static let schema = Schema.object(
        "RegisterCheck", "What became of the items",
        [
            .required("items", .array(of: .oneOf(["recorded", "unchanged", "member_unknown"]), 0...1_000)),
            .required("recorded", .integer(0...1_000)),
        ])
}
