import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

extension Condition: Codable {
    private enum Key: String, CodingKey, CaseIterable {
        case attribute, organization, age, sex, memberSince, benefit, any, all, not
    }

    private struct AttributeForm: Codable {
        var name: MemberAttribute
        var `in`: [String]?
        var from: String?
        var to: String?
        var evidence: AttributeEvidence?
    }

    private struct AgeForm: Codable {
        var atLeast: Int?
        var atMost: Int?
        var on: String
    }

    private struct BenefitForm: Codable {
        var family: String
        var period: String
    }

    /// Throws for anything but one known kind, rightly shaped; what is well-formed and makes no sense is found by `faults`.
    package init(from decoder: any Decoder) throws {
        let box = try decoder.container(keyedBy: Key.self)
        guard let key = box.allKeys.first, box.allKeys.count == 1 else {
            throw Self.corrupted(decoder, "one of \(Key.allCases.map(\.rawValue).joined(separator: ", "))")
        }
        switch key {
        case .attribute:
            let form = try box.decode(AttributeForm.self, forKey: key)
            let evidence = form.evidence ?? .selfDeclared
            if let values = form.in {
                self = .attribute(form.name, oneOf: values, evidence: evidence)
            } else {
                self = .day(
                    form.name, from: try Self.day(form.from, decoder), to: try Self.day(form.to, decoder), evidence: evidence)
            }
        case .organization: self = .organization(try box.decode([Int64].self, forKey: key).map { ID($0) })
        case .age:
            let form = try box.decode(AgeForm.self, forKey: key)
            guard let on = try Self.day(form.on, decoder) else { throw Self.corrupted(decoder, "a date") }
            self = .age(atLeast: form.atLeast, atMost: form.atMost, on: on)
        case .sex: self = .sex(try box.decode([Sex].self, forKey: key))
        case .memberSince:
            guard let day = try Self.day(try box.decode(String.self, forKey: key), decoder) else { throw Self.corrupted(decoder, "a date") }
            self = .memberSince(day)
        case .benefit:
            let form = try box.decode(BenefitForm.self, forKey: key)
            self = .benefit(family: form.family, period: form.period)
        case .any: self = .any(try box.decode([Condition].self, forKey: key))
        case .all: self = .all(try box.decode([Condition].self, forKey: key))
        case .not: self = .not(try box.decode(Condition.self, forKey: key))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var box = encoder.container(keyedBy: Key.self)
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

    private static func day(_ text: String?, _ decoder: any Decoder) throws -> CalendarDate? {
        guard let text else { return nil }
        guard let day = CalendarDate(text: text) else { throw corrupted(decoder, "a date") }
        return day
    }

    private static func corrupted(_ decoder: any Decoder, _ wanted: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: decoder.codingPath, debugDescription: "expected \(wanted)"))
    }
}
