import HTTP
import Postgres
import Runtime

struct AttributeBody: Codable, Sendable, APIType {
    let value: String
    let evidencedOn: String?

    static let schema = Schema.object(
        "AttributeBody", "A value to be recorded",
        [
            .required("value", .string(1...100), "A code of the catalogue, true or false, a date …"),
            .optional("evidencedOn", .date, "The day for which it is told; today by default"),
        ])

    /// - Throws: `registry.attribute_invalid` with every fault.
    func draft(
        _ id: ID<Member>, _ attribute: MemberAttribute, _ evidence: AttributeEvidence, source: String? = nil, today: CalendarDate
    ) throws(Problem) -> AttributeClaimDraft {
        let faults = Self.faults(attribute, value, evidencedOn, at: "", today: today)
        guard faults.isEmpty else { throw Problem(PersonProblem.attributeInvalid, violations: faults) }
        return AttributeClaimDraft(
            memberID: id, attribute: attribute, value: value, evidence: evidence,
            evidencedOn: evidencedOn.flatMap { CalendarDate(text: $0) } ?? today, source: source)
    }

    static func faults(
        _ attribute: MemberAttribute, _ value: String, _ evidencedOn: String?, at pointer: String, today: CalendarDate
    ) -> [Violation] {
        var faults: [Violation] = []
        if !attribute.takes(value, today: today) {
            faults.append(
                Violation(
                    "member.attribute_value", pointer: pointer + "/value", zh: "“\(attribute.name.zh)”没有这个值",
                    en: "not a value of \(attribute.rawValue)"))
        }
        if let day = evidencedOn.flatMap({ CalendarDate(text: $0) }), day > today || day.year < 1900 {
            faults.append(
                Violation("member.attribute_day", pointer: pointer + "/evidencedOn", zh: "日期不能晚于今天", en: "no day after today"))
        }
        return faults
    }
}

struct AttributeClaimAnswer: Codable, Sendable, APIType {
    let value: String
    let evidence: AttributeEvidence
    let evidencedOn: String
    let source: String?
    let recordedBy: String
    let recordedAt: String

    init(_ claim: AttributeClaim) {
        value = claim.value
        evidence = claim.evidence
        evidencedOn = claim.evidencedOn.description
        source = claim.source
        recordedBy = claim.recordedBy
        recordedAt = claim.recordedAt.description
    }

    static let fields: [Schema.Field] = [
        .required("value", .string(1...100)),
        .required("evidence", .oneOf(AttributeEvidence.allCases.map(\.rawValue)), "Who stands for it"),
        .required("evidencedOn", .date, "The day for which it was told"), .optional("source", .string(1...100), "The register asked"),
        .required("recordedBy", .string(1...100), "As in the logs: account:1"), .required("recordedAt", .dateTime),
    ]

    static let schema = Schema.object("AttributeClaim", "What was told once", fields)
}

struct AttributeAnswer: Codable, Sendable, APIType {
    let attribute: MemberAttribute
    let current: AttributeClaimAnswer
    let differing: [AttributeClaimAnswer]

    init(_ state: AttributeState) {
        attribute = state.current.attribute
        current = AttributeClaimAnswer(state.current)
        differing = state.differing.map(AttributeClaimAnswer.init)
    }

    static let schema = Schema.object(
        "Attribute", "What is known of a member",
        [
            .required("attribute", .oneOf(MemberAttribute.allCases.map(\.rawValue))),
            .required("current", AttributeClaimAnswer.schema, "The strongest evidence, of equals the latest"),
            .required("differing", .array(of: AttributeClaimAnswer.schema, 0...3), "What weaker evidence says otherwise"),
        ])
}

struct AttributeList: Codable, Sendable, APIType {
    let items: [AttributeAnswer]

    static let schema = Schema.object(
        "AttributeList", "What is known of a member",
        [.required("items", .array(of: AttributeAnswer.schema, 0...MemberAttribute.allCases.count))])
}

struct AttributeHistory: Codable, Sendable, APIType {
    let attribute: MemberAttribute
    let items: [AttributeClaimAnswer]

    static let schema = Schema.object(
        "AttributeHistory", "Everything that was told of one attribute, in the order it was recorded",
        [
            .required("attribute", .oneOf(MemberAttribute.allCases.map(\.rawValue))),
            .required("items", .array(of: AttributeClaimAnswer.schema, 0...100_000)),
        ])
}

struct AttributeCatalogue: Codable, Sendable, APIType {
    struct Entry: Codable {
        let attribute: MemberAttribute
        let form: MemberAttribute.Form
        let zh: String
        let en: String
        let options: [Option]
    }

    struct Option: Codable {
        let code: String
        let zh: String
        let en: String
    }

    let items: [Entry]

    static let whole = AttributeCatalogue(
        items: MemberAttribute.allCases.map { attribute in
            Entry(
                attribute: attribute, form: attribute.form, zh: attribute.name.zh, en: attribute.name.en,
                options: attribute.options.map { Option(code: $0.code, zh: $0.name.zh, en: $0.name.en) })
        })

    private static let option = Schema.object(
        "AttributeOption", "A value to choose",
        [.required("code", .string(1...40)), .required("zh", .string(1...40)), .required("en", .string(1...60))])
    private static let entry = Schema.object(
        "AttributeEntry", "An attribute",
        [
            .required("attribute", .oneOf(MemberAttribute.allCases.map(\.rawValue))),
            .required("form", .oneOf(MemberAttribute.Form.allCases.map(\.rawValue))), .required("zh", .string(1...40)),
            .required("en", .string(1...60)), .required("options", .array(of: option, 0...100), "Of a choice"),
        ])

    static let schema = Schema.object(
        "AttributeCatalogue", "What may be known of a member", [.required("items", .array(of: entry, 0...100))])
}
