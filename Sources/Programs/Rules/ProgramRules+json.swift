import Allocation
package import HTTP

extension ProgramRules: Codable, APIType {
    private enum CodingKeys: String, CodingKey, CaseIterable {
        case eligibility, classes, points, groups, floors, isFloorOrderGiven, mode, organizationCap, guarantee, admitsProvisional
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: CodingKeys.self)
        try box.encode(eligibility, forKey: .eligibility)
        try box.encode(classes, forKey: .classes)
        try box.encode(points, forKey: .points)
        try box.encode(groups, forKey: .groups)
        try box.encode(floors, forKey: .floors)
        try box.encode(isFloorOrderGiven, forKey: .isFloorOrderGiven)
        try box.encode(mode, forKey: .mode)
        try box.encodeIfPresent(organizationCap, forKey: .organizationCap)
        try box.encode(guarantee, forKey: .guarantee)
        try box.encode(admitsProvisional, forKey: .admitsProvisional)
    }

    /// The same rules have the same bytes everywhere: JSON without spaces, members in the order of their names, every default written out.
    package func canonicalBytes() throws -> [UInt8] { try JSON.encode(self) }

    /// Strict: what is not known is refused. Absent members have their standard values; the schema asks for `eligibility` besides.
    /// - Throws: a `Problem` with everything that is wrong.
    package init(from decoder: any Decoder) throws {
        var reader = RuleReader()
        let rules = Self.read(decoder, &reader)
        guard let rules, reader.violations.isEmpty else { throw Problem(RulesProblem.invalid, violations: reader.violations) }
        self = rules
    }

    private static func read(_ decoder: any Decoder, _ reader: inout RuleReader) -> ProgramRules? {
        guard let box = reader.object(decoder, known: CodingKeys.allCases.map(\.rawValue)) else { return nil }
        var rules = ProgramRules()
        rules.eligibility = reader.list(box, "eligibility", 0...eligibilityCountMax) { $0.condition($1) }
        rules.classes = reader.list(box, "classes", 0...classCountMax, part)
        rules.points = reader.list(box, "points", 0...scoreCountMax) { reader, element in
            guard let box = reader.object(element, known: ["points", "conditions"], needed: ["points", "conditions"]) else { return nil }
            guard let points: Int = reader.value(box, "points") else { return nil }
            return Score(points: points, conditions: reader.list(box, "conditions", 0...conditionCountMax) { $0.condition($1) })
        }
        rules.groups = reader.list(box, "groups", 0...Program.groupCountMax, part)
        rules.floors = reader.list(box, "floors", 0...Program.groupCountMax) { reader, element in
            guard let box = reader.object(element, known: ["group", "size", "kind"], needed: ["group", "size"]) else { return nil }
            guard let group: String = reader.value(box, "group"), let size: Int = reader.value(box, "size") else { return nil }
            let kind = reader.option(box, "kind", "request.not_an_option", as: Floor.Kind.self)
            return Promise(group: group, size: size, kind: kind ?? .strict)
        }
        rules.isFloorOrderGiven = reader.value(box, "isFloorOrderGiven") ?? false
        rules.mode = (reader.option(box, "mode", "request.not_an_option", as: Program.Mode.self) ?? .order).rawValue
        rules.organizationCap = reader.value(box, "organizationCap")
        rules.guarantee = reader.option(box, "guarantee", "program.guarantee_unknown", as: Guarantee.self) ?? .minimum
        rules.admitsProvisional = reader.value(box, "admitsProvisional") ?? false
        if reader.conditionCount > conditionSumMax {
            reader.add(
                "program.conditions_too_many", at: box.codingPath, zh: "条件总数不能超过 \(conditionSumMax)",
                en: "There are at most \(conditionSumMax) conditions in all")
        }
        return rules
    }

    private static func part(_ reader: inout RuleReader, _ element: any Decoder) -> Part? {
        guard let box = reader.object(element, known: ["name", "conditions"], needed: ["name", "conditions"]) else { return nil }
        guard let name: String = reader.value(box, "name") else { return nil }
        return Part(name: name, conditions: reader.list(box, "conditions", 0...conditionCountMax) { $0.condition($1) })
    }

    // MARK: Schema

    /// Conditions hold conditions, which a schema here cannot say: they are read strictly by `Condition`.
    private static let condition = Schema.json.described(
        "One of attribute {name, in or from/to, evidence}, organization [ids], age {atLeast, atMost, on}, sex [female, male], "
            + "memberSince day, benefit {family, period}, any [conditions], all [conditions], not condition")
    private static let conditions = Schema.array(of: condition, 0...conditionCountMax)
    private static let named = Schema.object(
        "ProgramPart", "A class or group of members", [.required("name", .string(1...nameLengthMax)), .required("conditions", conditions)])
    private static let score = Schema.object(
        "ProgramScore", "Points for those of whom the conditions hold",
        [.required("points", .integer(1...1_000_000)), .required("conditions", conditions)])
    private static let floor = Schema.object(
        "ProgramFloor", "Places promised to a group",
        [
            .required("group", .string(1...nameLengthMax)), .required("size", .integer(1...1_000_000_000)),
            .optional("kind", .oneOf(Floor.Kind.allCases.map(\.rawValue)), "strict: a promise; fair: a target. strict when absent"),
        ])

    package static let schema = Schema.object(
        "ProgramRules", "Who may apply, who goes first, what is promised",
        [
            .required(
                "eligibility", .array(of: condition, 0...eligibilityCountMax),
                "All must hold for whoever applies; none: every active member"),
            .optional("classes", .array(of: named, 0...classCountMax), "The first that fits is the applicant's; the others go last"),
            .optional("points", .array(of: score, 0...scoreCountMax), "Within a class, more points go first; points add up"),
            .optional("groups", .array(of: named, 0...Program.groupCountMax), "For floors and figures"),
            .optional("floors", .array(of: floor, 0...Program.groupCountMax)),
            .optional("isFloorOrderGiven", .boolean, "Floors are served as listed, not the scarcest first"),
            .optional("mode", .oneOf(Program.Mode.allCases.map(\.rawValue)), "local: each session lets those of its area go first"),
            .optional("organizationCap", .integer(1...1_000_000_000), "The most places that members of one organization get"),
            .optional("guarantee", .oneOf(Guarantee.allCases.map(\.rawValue)), "What floors mean: those who win anyhow count"),
            .optional("admitsProvisional", .boolean, "Whether provisional members may apply; false when absent"),
        ])
}
