import HTTP
import Postgres
import Runtime

/// What is to be different: a field that is absent stays, null takes it away.
struct OrganizationChangeBody: Decodable, Sendable, APIType {
    private(set) var name: String?
    private(set) var nameEn = FieldChange<String>.keep
    private(set) var joinRule: JoinRule?
    private(set) var creditCode = FieldChange<String>.keep
    private(set) var address = FieldChange<String>.keep
    private(set) var industry = FieldChange<IndustrySection>.keep
    private(set) var contactPhone = FieldChange<String>.keep
    private(set) var foundedOn = FieldChange<String>.keep
    private(set) var employees = FieldChange<Int>.keep
    private(set) var employeesFemale = FieldChange<Int>.keep
    private(set) var membersStated = FieldChange<Int>.keep
    private(set) var chairName = FieldChange<String>.keep
    private(set) var chairElectedOn = FieldChange<String>.keep

    private enum Key: String, CodingKey {
        case name, nameEn, joinRule, creditCode, address, industry, contactPhone, foundedOn, employees, employeesFemale, membersStated,
            chairName
        case chairElectedOn
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: Key.self)
        func change<Value: Decodable>(_ key: Key, _: Value.Type = Value.self) throws -> FieldChange<Value> {
            guard container.contains(key) else { return .keep }
            return try container.decodeIfPresent(Value.self, forKey: key).map { .set($0) } ?? .clear
        }
        name = try container.decodeIfPresent(String.self, forKey: .name)
        nameEn = try change(.nameEn)
        joinRule = try container.decodeIfPresent(JoinRule.self, forKey: .joinRule)
        creditCode = try change(.creditCode)
        address = try change(.address)
        industry = try change(.industry)
        contactPhone = try change(.contactPhone)
        foundedOn = try change(.foundedOn)
        employees = try change(.employees)
        employeesFemale = try change(.employeesFemale)
        membersStated = try change(.membersStated)
        chairName = try change(.chairName)
        chairElectedOn = try change(.chairElectedOn)
    }

    /// The yearly fields among them, which a renewal tells.
    static let yearlyFields: [Schema.Field] = [
        .optional("address", .string(1...200)), .optional("contactPhone", .string(3...30), "An office's: digits, spaces, + - ( )"),
        .optional("employees", .integer(0...10_000_000)), .optional("employeesFemale", .integer(0...10_000_000)),
        .optional("membersStated", .integer(0...100_000_000), "As the union states it"),
        .optional("chairName", .string(1...50), "工会主席"), .optional("chairElectedOn", .date),
    ]

    static let schema = Schema.object(
        "OrganizationChangeBody", "What is to be different; null takes a field away",
        [
            .optional("name", .string(1...100)), .optional("nameEn", .string(1...100), "For pages in English"),
            .optional("joinRule", .oneOf(JoinRule.allCases.map(\.rawValue)), "What happens to who passes the automatic checks"),
            .optional("creditCode", .string(1...40), "统一社会信用代码, 18 characters"),
            .optional("industry", .oneOf(IndustrySection.allCases.map(\.rawValue)), "Section of GB/T 4754-2017"),
            .optional("foundedOn", .date),
        ] + yearlyFields)

    /// The profile after the change.
    /// - Parameter today: nothing was founded or elected after it.
    /// - Throws: every fault, each with its JSON pointer.
    func applied(to present: OrganizationProfile, today: CalendarDate) throws(Problem) -> OrganizationProfile {
        var profile = present
        var violations: [Violation] = []
        if let joinRule { profile.joinRule = joinRule }
        switch creditCode {
        case .keep: break
        case .clear: profile.creditCode = nil
        case .set(let text):
            profile.creditCode = CreditCode(text)
            if profile.creditCode == nil { violations.append(OrganizationFault.creditCode) }
        }
        nameEn.applied(to: &profile.nameEn)
        industry.applied(to: &profile.industry)
        address.applied(to: &profile.address)
        contactPhone.applied(to: &profile.contactPhone)
        employees.applied(to: &profile.employees)
        employeesFemale.applied(to: &profile.employeesFemale)
        membersStated.applied(to: &profile.membersStated)
        chairName.applied(to: &profile.chairName)
        violations += Self.apply(foundedOn, to: &profile.foundedOn, "/foundedOn", today: today)
        violations += Self.apply(chairElectedOn, to: &profile.chairElectedOn, "/chairElectedOn", today: today)
        violations += OrganizationFault.found(in: profile, name: name)
        guard violations.isEmpty else { throw Problem(OrganizationProblem.invalid, violations: violations) }
        return profile
    }

    private static func apply(
        _ change: FieldChange<String>, to day: inout CalendarDate?, _ pointer: String, today: CalendarDate
    ) -> [Violation] {
        switch change {
        case .keep: return []
        case .clear:
            day = nil
            return []
        case .set(let text):
            day = CalendarDate(text: text)
            guard let day, day <= today, day.year >= 1900 else { return [OrganizationFault.day(pointer)] }
            return []
        }
    }
}

/// What is wrong with a field of an organization.
enum OrganizationFault {
    static let creditCode = Violation(
        "registry.credit_code_invalid", pointer: "/creditCode", zh: "统一社会信用代码的长度、字符或校验位不符",
        en: "The credit code's length, characters or check character are wrong")

    static let creditCodeTaken = Violation(
        "registry.credit_code_taken", pointer: "/creditCode", zh: "该统一社会信用代码已属于另一组织",
        en: "Another organization has this credit code")

    static func day(_ pointer: String) -> Violation {
        Violation(
            "registry.day_not_possible", pointer: pointer, zh: "日期在今天之后或早于 1900 年",
            en: "The day lies ahead or before 1900")
    }

    /// What the fields say together, and what their forms say.
    static func found(in profile: OrganizationProfile, name: String? = nil) -> [Violation] {
        var violations: [Violation] = []
        if let women = profile.employeesFemale, women > profile.employees ?? 0 {
            violations.append(
                Violation(
                    "registry.more_women_than_employees", pointer: "/employeesFemale", zh: "女职工数不能多于职工数",
                    en: "There are no more women than employees"))
        }
        if let phone = profile.contactPhone, !phone.utf8.allSatisfy({ Self.phoneCharacters.contains($0) }) {
            violations.append(
                Violation(
                    "registry.contact_phone_characters", pointer: "/contactPhone", zh: "电话只能含数字、空格和 + - ( )",
                    en: "A phone holds digits, spaces, + - ( )"))
        }
        for (pointer, text) in [
            ("/name", name), ("/nameEn", profile.nameEn), ("/address", profile.address), ("/chairName", profile.chairName),
        ] {
            guard let text,
                text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) || text.allSatisfy(\.isWhitespace)
            else { continue }
            violations.append(
                Violation(
                    "registry.text_characters", pointer: pointer, zh: "不能只有空格或含控制字符",
                    en: "The text is blank or holds control characters"))
        }
        return violations
    }

    private static let phoneCharacters = Set("0123456789 +-()".utf8)
}
