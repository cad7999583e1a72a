import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

extension Condition: Codable {
    private enum Kind: String, CodingKey, CaseIterable {
        case attribute, organization, age, sex, memberSince, benefit, any, all, not
    }

    /// - Throws: a `Problem` with everything that is wrong.
    package init(from decoder: any Decoder) throws {
        var reader = RuleReader()
        let read = reader.condition(decoder)
        guard let read, reader.violations.isEmpty else { throw Problem(RulesProblem.invalid, violations: reader.violations) }
        self = read
    }

    // MARK: Writing

    private struct AttributeForm: Encodable {
        var name: MemberAttribute
        var `in`: [String]?
        var from: String?
        var to: String?
        var evidence: AttributeEvidence
    }

    private struct AgeForm: Encodable {
        var atLeast: Int?
        var atMost: Int?
        var on: String
    }

    private struct BenefitForm: Encodable {
        var family: String
        var period: String
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Kind.self)
        switch self {
        case .attribute(let name, let values, let evidence):
            try box.encode(AttributeForm(name: name, in: values, evidence: evidence), forKey: .attribute)
        case .day(let name, let from, let to, let evidence):
            try box.encode(
                AttributeForm(name: name, from: from?.description, to: to?.description, evidence: evidence), forKey: .attribute)
        case .organization(let roots): try box.encode(roots.map(\.rawValue), forKey: .organization)
        case .age(let least, let most, let day):
            try box.encode(AgeForm(atLeast: least, atMost: most, on: day.description), forKey: .age)
        case .sex(let sexes): try box.encode(sexes, forKey: .sex)
        case .memberSince(let day): try box.encode(day.description, forKey: .memberSince)
        case .benefit(let family, let period): try box.encode(BenefitForm(family: family, period: period), forKey: .benefit)
        case .any(let parts): try box.encode(parts, forKey: .any)
        case .all(let parts): try box.encode(parts, forKey: .all)
        case .not(let part): try box.encode(part, forKey: .not)
        }
    }

    // MARK: Reading

    fileprivate static let kinds = Kind.allCases.map(\.rawValue)

    fileprivate static func read(_ name: String, _ decoder: any Decoder, _ reader: inout RuleReader, depth: Int) -> Condition? {
        guard let kind = Kind(rawValue: name) else { return nil }
        switch kind {
        case .attribute: return reader.attribute(decoder)
        case .organization:
            let roots = reader.values(decoder, as: Int64.self, 1...countMax)
            if roots.contains(where: { $0 < 1 }) {
                reader.add("request.out_of_range", at: decoder.codingPath, zh: "编号从 1 开始", en: "Numbers begin with 1")
            }
            return .organization(roots.map { ID($0) })
        case .age: return reader.age(decoder)
        case .sex:
            let sexes = reader.values(decoder, as: String.self, 1...Sex.allCases.count)
            let known = sexes.compactMap(Sex.init(rawValue:))
            if known.count < sexes.count {
                let list = Sex.allCases.map(\.rawValue).joined(separator: ", ")
                reader.add("request.not_an_option", at: decoder.codingPath, zh: "应为其中之一：\(list)", en: "One of: \(list)")
            }
            return .sex(known)
        case .memberSince:
            let text = reader.take { try decoder.singleValueContainer().decode(String.self) }
            return reader.day(text, at: decoder.codingPath).map { .memberSince($0) }
        case .benefit: return reader.benefit(decoder)
        case .any: return .any(reader.parts(decoder, depth))
        case .all: return .all(reader.parts(decoder, depth))
        case .not: return reader.condition(decoder, depth: depth + 1).map { .not($0) }
        }
    }
}

extension RuleReader {
    /// A condition; nil and why among the violations when it is none.
    mutating func condition(_ decoder: any Decoder, depth: Int = 0) -> Condition? {
        conditionCount += 1
        if depth > Condition.depthMax {
            add(
                "program.conditions_too_deep", at: decoder.codingPath, zh: "条件最多嵌套 \(Condition.depthMax) 层",
                en: "Conditions are nested at most \(Condition.depthMax) deep")
            return nil
        }
        guard let box = take({ try decoder.container(keyedBy: Key.self) }) else { return nil }
        let list = Condition.kinds.joined(separator: ", ")
        guard let key = box.allKeys.first, box.allKeys.count == 1 else {
            add("program.condition_not_one", at: box.codingPath, zh: "条件须恰有其中一项：\(list)", en: "A condition has exactly one of: \(list)")
            return nil
        }
        guard Condition.kinds.contains(key.stringValue) else {
            add("program.condition_unknown", at: box.codingPath + [key], zh: "未知的条件，应为：\(list)", en: "An unknown condition; known: \(list)")
            return nil
        }
        guard let inner = take({ try box.superDecoder(forKey: key) }) else { return nil }
        return Condition.read(key.stringValue, inner, &self, depth: depth)
    }

    fileprivate mutating func parts(_ decoder: any Decoder, _ depth: Int) -> [Condition] {
        guard var elements = take({ try decoder.unkeyedContainer() }) else { return [] }
        return list(&elements, 1...Condition.countMax) { reader, element in reader.condition(element, depth: depth + 1) }
    }

    fileprivate mutating func attribute(_ decoder: any Decoder) -> Condition? {
        guard let box = object(decoder, known: ["name", "in", "from", "to", "evidence"], needed: ["name"]) else { return nil }
        let evidence: AttributeEvidence =
            option(box, "evidence", "program.evidence_unknown") ?? .selfDeclared
        guard let name: MemberAttribute = option(box, "name", "program.attribute_unknown") else { return nil }
        let (values, from, to) = (Key(stringValue: "in"), Key(stringValue: "from"), Key(stringValue: "to"))
        if name.form == .date {
            if box.contains(values) {
                add("program.attribute_is_a_day", at: box.codingPath + [values], zh: "日期项用 from 和 to", en: "A day lies between from and to")
            }
            let first = day(value(box, "from"), at: box.codingPath + [from])
            let last = day(value(box, "to"), at: box.codingPath + [to])
            if first == nil, last == nil {
                add("request.missing_field", at: box.codingPath + [from], zh: "缺少 from 或 to", en: "It needs from or to")
            } else if let first, let last, first > last {
                add("program.days_reversed", at: box.codingPath + [to], zh: "to 不能早于 from", en: "to is not before from")
            }
            return .day(name, from: first, to: last, evidence: evidence)
        }
        for key in [from, to] where box.contains(key) {
            add("program.attribute_is_no_day", at: box.codingPath + [key], zh: "此项不是日期，用 in", en: "This attribute is no day: use in")
        }
        guard box.contains(values) else {
            add("request.missing_field", at: box.codingPath + [values], zh: "缺少字段", en: "This field is needed")
            return nil
        }
        guard let list = take({ try box.superDecoder(forKey: values) }) else { return nil }
        let wanted = self.values(list, as: String.self, 1...Condition.countMax)
        let today = CalendarDate(daysSince1970: 0)
        for (index, value) in wanted.enumerated() where !name.takes(value, today: today) {
            add(
                "program.attribute_value_unknown", at: list.codingPath + [Key(stringValue: String(index))], zh: "此项没有这个值",
                en: "The attribute has no such value")
        }
        return .attribute(name, oneOf: wanted, evidence: evidence)
    }

    fileprivate mutating func age(_ decoder: any Decoder) -> Condition? {
        guard let box = object(decoder, known: ["atLeast", "atMost", "on"], needed: ["on"]) else { return nil }
        let (least, most): (Int?, Int?) = (value(box, "atLeast"), value(box, "atMost"))
        for (name, years) in [("atLeast", least), ("atMost", most)] {
            if let years, !(0...150).contains(years) {
                add(
                    "request.out_of_range", at: box.codingPath + [Key(stringValue: name)], zh: "应在 0 与 150 之间",
                    en: "It must lie between 0 and 150")
            }
        }
        if least == nil, most == nil {
            add(
                "request.missing_field", at: box.codingPath + [Key(stringValue: "atLeast")], zh: "缺少 atLeast 或 atMost",
                en: "It needs atLeast or atMost")
        } else if let least, let most, least > most {
            add(
                "program.ages_reversed", at: box.codingPath + [Key(stringValue: "atMost")], zh: "atMost 不能小于 atLeast",
                en: "atMost is not less than atLeast")
        }
        guard let on = day(value(box, "on"), at: box.codingPath + [Key(stringValue: "on")]) else { return nil }
        return .age(atLeast: least, atMost: most, on: on)
    }

    fileprivate mutating func benefit(_ decoder: any Decoder) -> Condition? {
        guard let box = object(decoder, known: ["family", "period"], needed: ["family", "period"]) else { return nil }
        let (family, period): (String?, String?) = (value(box, "family"), value(box, "period"))
        guard let family, let period else { return nil }
        let isLetter = { (byte: UInt8) in (0x61...0x7A).contains(byte) }
        let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
        let bytes = (Array(family.utf8), Array(period.utf8))
        if !(1...40).contains(bytes.0.count) || !isLetter(bytes.0[0]) || !bytes.0.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x5F })
        {
            add(
                "program.family_invalid", at: box.codingPath + [Key(stringValue: "family")], zh: "类别为 1-40 个小写字母、数字或下划线",
                en: "A family has 1-40 lower-case letters, digits or _")
        }
        if !(1...40).contains(bytes.1.count) || !bytes.1.allSatisfy({ isLetter($0) || isDigit($0) || $0 == 0x5F || $0 == 0x2D }) {
            add(
                "program.period_invalid", at: box.codingPath + [Key(stringValue: "period")], zh: "期间为 1-40 个小写字母、数字、- 或下划线",
                en: "A period has 1-40 lower-case letters, digits, - or _")
        }
        return .benefit(family: family, period: period)
    }

    /// A day from 1900 to 2200; nil and a violation for another text, nil alone for none.
    fileprivate mutating func day(_ text: String?, at path: [any CodingKey]) -> CalendarDate? {
        guard let text else { return nil }
        if let day = CalendarDate(text: text), (1900...2200).contains(day.year) { return day }
        add("program.day_invalid", at: path, zh: "应为 1900 至 2200 年的日期", en: "It must be a day of the years 1900 to 2200")
        return nil
    }
}
