package import HTTP
import Registry

/// What of a member a policy may look at.
package enum PolicyAttribute: String, Codable, CaseIterable, Sendable {
    case sex
    case workerKind
    case employmentForm
    /// `true` or `false`.
    case hardshipPost

    /// What it may be.
    var options: [String] {
        switch self {
        case .sex: Sex.allCases.map(\.rawValue)
        case .workerKind: WorkerKind.rawValues
        case .employmentForm: EmploymentForm.rawValues
        case .hardshipPost: ["true", "false"]
        }
    }
}

/// Lets in only members with one of some values: a mothers' room asks for `sex` to be one of `female`.
package struct AttributeRule: Hashable, Codable, Sendable {
    package var attribute: PolicyAttribute
    package var oneOf: [String]

    package init(_ attribute: PolicyAttribute, oneOf: [String]) {
        self.attribute = attribute
        self.oneOf = oneOf
    }

    package static let schema = Schema.object(
        "AttributeRule", "Lets in only members with one of these values",
        [
            .required("attribute", .oneOf(PolicyAttribute.allCases.map(\.rawValue))),
            .required("oneOf", .array(of: .string(1...50), 1...20), "As members have them; true or false for hardshipPost"),
        ])

    /// Values that do not exist, and attributes that stand twice.
    static func violations(_ rules: [AttributeRule], at pointer: String) -> [Violation] {
        var seen: Set<PolicyAttribute> = []
        var violations: [Violation] = []
        for (index, rule) in rules.enumerated() {
            if !seen.insert(rule.attribute).inserted {
                violations.append(
                    Violation(
                        "station.attribute_twice", pointer: "\(pointer)/\(index)/attribute", zh: "此属性已有规则",
                        en: "This attribute has a rule already"))
            }
            for (position, value) in rule.oneOf.enumerated() where !rule.attribute.options.contains(value) {
                violations.append(
                    Violation(
                        "station.attribute_value_unknown", pointer: "\(pointer)/\(index)/oneOf/\(position)", zh: "此属性没有这个值",
                        en: "The attribute has no such value"))
            }
        }
        return violations
    }
}

extension AccessPolicy {
    /// The values that an attribute may have; nil when any will do.
    func admitted(_ attribute: PolicyAttribute) -> [String]? { attributes.first { $0.attribute == attribute }?.oneOf }

    /// Whether the post must be one of hardship, or must not; nil when either will do.
    var admittedHardship: Bool? {
        guard let values = admitted(.hardshipPost), Set(values).count == 1 else { return nil }
        return values.first == "true"
    }
}
