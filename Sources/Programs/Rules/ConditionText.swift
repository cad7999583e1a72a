package import HTTP
package import Registry
package import Runtime

extension Condition {
    /// The condition in words, without a full stop.
    /// - Parameter names: of organizations; those that are missing are shown by their numbers.
    package func text(_ names: [ID<Organization>: String] = [:]) -> Localized {
        switch self {
        case .attribute(let attribute, let values, let evidence):
            let options = values.map { value in
                attribute.options.first { $0.code == value }?.name ?? Self.yesOrNo[value] ?? Localized(zh: value, en: value)
            }
            return Localized(
                zh: "\(attribute.name.zh)为\(options.map(\.zh).joined(separator: "或"))" + evidence.suffix.zh,
                en: "\(attribute.name.en) is \(options.map(\.en).joined(separator: " or "))" + evidence.suffix.en)
        case .day(let attribute, let from, let to, let evidence):
            let chinese = [from.map { "不早于 \($0)" }, to.map { "不晚于 \($0)" }].compactMap(\.self).joined(separator: "、")
            let english = [from.map { "not before \($0)" }, to.map { "not after \($0)" }].compactMap(\.self).joined(separator: " and ")
            return Localized(
                zh: "\(attribute.name.zh)\(chinese)" + evidence.suffix.zh, en: "\(attribute.name.en) is \(english)" + evidence.suffix.en)
        case .organization(let roots):
            let places = roots.map { names[$0] ?? "#\($0)" }
            return Localized(
                zh: "属于\(places.joined(separator: "、"))或其下级组织", en: "belongs to \(places.joined(separator: ", ")) or to one below")
        case .age(let least, let most, let day):
            let chinese = [least.map { "满 \($0) 周岁" }, most.map { "不超过 \($0) 周岁" }].compactMap(\.self).joined(separator: "、")
            let english = [least.map { "at least \($0)" }, most.map { "at most \($0)" }].compactMap(\.self).joined(separator: " and ")
            return Localized(zh: "\(day) 当日\(chinese)", en: "is \(english) years old on \(day)")
        case .sex(let sexes):
            return Localized(
                zh: "性别为\(sexes.map { $0 == .female ? "女" : "男" }.joined(separator: "或"))",
                en: "is \(sexes.map(\.rawValue).joined(separator: " or "))")
        case .memberSince(let day): return Localized(zh: "在 \(day) 或之前入会", en: "has been a member since \(day) or before")
        case .benefit(let family, let period):
            return Localized(zh: "已享受 \(period) 的 \(family) 福利", en: "has the benefit \(family) of \(period)")
        case .any(let parts):
            let texts = parts.map { $0.text(names) }
            return Localized(
                zh: "满足其一（\(texts.map(\.zh).joined(separator: "；"))）", en: "any of (\(texts.map(\.en).joined(separator: "; ")))")
        case .all(let parts):
            let texts = parts.map { $0.text(names) }
            return Localized(
                zh: "同时满足（\(texts.map(\.zh).joined(separator: "；"))）", en: "all of (\(texts.map(\.en).joined(separator: "; ")))")
        case .not(let part):
            let text = part.text(names)
            return Localized(zh: "并非“\(text.zh)”", en: "not (\(text.en))")
        }
    }

    /// The organizations that it names.
    package var organizations: Set<ID<Organization>> {
        switch self {
        case .organization(let roots): Set(roots)
        case .any(let parts), .all(let parts): parts.reduce(into: []) { $0.formUnion($1.organizations) }
        case .not(let part): part.organizations
        case .attribute, .day, .age, .sex, .memberSince, .benefit: []
        }
    }

    private static let yesOrNo = ["true": Localized(zh: "是", en: "yes"), "false": Localized(zh: "否", en: "no")]
}

extension AttributeEvidence {
    /// What is asked for beyond the member's own word.
    fileprivate var suffix: Localized {
        switch self {
        case .selfDeclared: Localized(zh: "", en: "")
        case .certified: Localized(zh: "（须经单位或工会认证）", en: " (certified by the organization)")
        case .verified: Localized(zh: "（须经外部登记核验）", en: " (verified by a register)")
        }
    }
}
