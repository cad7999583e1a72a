import HTTP

/// What an organizer should know of a policy before it meets people.
package struct PolicyWarning: Codable, Hashable, Sendable {
    package let code: String
    package let text: String
    /// How many members it concerns.
    package let members: Int64

    static let listSchema = Schema.array(
        of: .object(
            "PolicyWarning", "What should be known of a policy before it meets people",
            [
                .required("code", .oneOf(PolicyFinding.allCodes)), .required("text", .string(1...300), "In the language asked for"),
                .required("members", .integer(0...Int64.max), "How many it concerns"),
            ]), 0...20)
}

/// What is found of a policy, with its numbers.
enum PolicyFinding: Hashable, Sendable {
    /// No minute of the week is open at the door and at the station.
    case noHourOpen(visitors: Int64)
    /// Nobody belongs to the organizations.
    case organizationsEmpty(visitors: Int64)
    /// Nobody has the attributes.
    case attributesOfNobody(visitors: Int64)
    /// There are such members, but none is of these organizations.
    case qualifiesNobody(visitors: Int64)
    /// It is closed, or for exits only: that says itself.
    case noEntries(visitors: Int64)
    /// Of those who came in during the days tried.
    case refusesVisitors(Int64, of: Int64)

    static let allCodes = [
        "policy.no_hour_open", "policy.organizations_empty", "policy.attributes_of_nobody", "policy.qualifies_nobody", "policy.no_entries",
        "policy.refuses_visitors",
    ]

    /// Whether nobody at all could enter although the policy does not say so: somebody has to confirm it.
    var locksEveryoneOut: Bool {
        switch self {
        case .noHourOpen, .organizationsEmpty, .attributesOfNobody, .qualifiesNobody: true
        case .noEntries, .refusesVisitors: false
        }
    }

    var code: String {
        switch self {
        case .noHourOpen: "policy.no_hour_open"
        case .organizationsEmpty: "policy.organizations_empty"
        case .attributesOfNobody: "policy.attributes_of_nobody"
        case .qualifiesNobody: "policy.qualifies_nobody"
        case .noEntries: "policy.no_entries"
        case .refusesVisitors: "policy.refuses_visitors"
        }
    }

    var members: Int64 {
        switch self {
        case .noHourOpen(let visitors), .organizationsEmpty(let visitors), .attributesOfNobody(let visitors),
            .qualifiesNobody(let visitors), .noEntries(let visitors), .refusesVisitors(let visitors, _):
            visitors
        }
    }

    var text: Localized {
        switch self {
        case .noHourOpen(let visitors):
            Localized(
                zh: "一周之内没有任何时间开放；近日来过的 \(visitors) 名会员将全部无法进入",
                en: "No hour of the week is open: all \(visitors) members who came lately could not enter")
        case .organizationsEmpty(let visitors):
            Localized(
                zh: "所选工会组织没有有效会员；近日来过的 \(visitors) 名会员将全部无法进入",
                en: "The organizations have no active member: all \(visitors) members who came lately could not enter")
        case .attributesOfNobody(let visitors):
            Localized(
                zh: "没有会员符合所选属性；近日来过的 \(visitors) 名会员将全部无法进入",
                en: "No member has these attributes: all \(visitors) members who came lately could not enter")
        case .qualifiesNobody(let visitors):
            Localized(
                zh: "所选工会组织中没有会员符合所选属性；近日来过的 \(visitors) 名会员将全部无法进入",
                en: "No member of these organizations has these attributes: all \(visitors) members who came lately could not enter")
        case .noEntries(let visitors):
            Localized(
                zh: "此门不再放行进入；近日来过的 \(visitors) 名会员须走其他门",
                en: "This door lets nobody in any more: the \(visitors) members who came lately need another one")
        case .refusesVisitors(let refused, let visitors):
            Localized(
                zh: "近日来过的 \(visitors) 名会员中，有 \(refused) 名会被拒绝",
                en: "Of the \(visitors) members who came lately, \(refused) would have been refused")
        }
    }

    func warning(_ language: Language) -> PolicyWarning {
        PolicyWarning(code: code, text: text[language], members: members)
    }

    /// As a reason of the refusal that asks for a confirmation.
    var violation: Violation { Violation(code, zh: text.zh, en: text.en) }
}
