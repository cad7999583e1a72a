package import HTTP
package import Postgres

/// What the union's census asks of a member beyond name, id, phone, sex and birth date: a closed catalogue.
///
/// Of the seventeen fields of a provincial census these serve some service here: who goes first to a checkup, whom a gift or a
/// care visit is meant for, who learns what. Free text is not among them: values are coded, so that rules can be written upon them and
/// so that a value by itself names nobody.
package enum MemberAttribute: String, Codable, CaseIterable, Hashable, Sendable {
    case workerKind = "worker_kind"
    case employmentForm = "employment_form"
    case hardshipPost = "hardship_post"
    case employerCheckup = "employer_checkup"
    case occupation
    case skillGrade = "skill_grade"
    case professionalTitle = "professional_title"
    case education
    case ethnicGroup = "ethnic_group"
    case politicalStatus = "political_status"
    case maritalStatus = "marital_status"
    case householdKind = "household_kind"
    case householdRegion = "household_region"
    case youngestChildBornOn = "youngest_child_born_on"
    case workingSince = "working_since"
    case unionMemberSince = "union_member_since"
    case modelWorker = "model_worker"
    case hardshipHousehold = "hardship_household"
    case lowIncome = "low_income"
    case laidOff = "laid_off"
    case disability

    package var name: Localized {
        switch self {
        case .workerKind: Localized(zh: "工种", en: "Worker kind")
        case .employmentForm: Localized(zh: "就业形式", en: "Employment form")
        case .hardshipPost: Localized(zh: "苦脏累险岗位", en: "Hard, dirty, tiring or dangerous post")
        case .employerCheckup: Localized(zh: "单位体检", en: "Checkup by the employer")
        case .occupation: Localized(zh: "职业", en: "Occupation")
        case .skillGrade: Localized(zh: "技能等级", en: "Skill grade")
        case .professionalTitle: Localized(zh: "职称", en: "Professional title")
        case .education: Localized(zh: "文化程度", en: "Education")
        case .ethnicGroup: Localized(zh: "民族", en: "Ethnic group")
        case .politicalStatus: Localized(zh: "政治面貌", en: "Political status")
        case .maritalStatus: Localized(zh: "婚姻状况", en: "Marital status")
        case .householdKind: Localized(zh: "户口性质", en: "Household registration kind")
        case .householdRegion: Localized(zh: "户籍所在地", en: "Household registration place")
        case .youngestChildBornOn: Localized(zh: "最小子女出生日期", en: "Birth date of the youngest child")
        case .workingSince: Localized(zh: "参加工作日期", en: "Working since")
        case .unionMemberSince: Localized(zh: "入会日期", en: "Union member since")
        case .modelWorker: Localized(zh: "劳动模范", en: "Model worker")
        case .hardshipHousehold: Localized(zh: "困难职工", en: "Worker in hardship")
        case .lowIncome: Localized(zh: "低收入", en: "Low income")
        case .laidOff: Localized(zh: "下岗失业", en: "Laid off")
        case .disability: Localized(zh: "残疾", en: "Disability")
        }
    }

    /// What a value of it looks like.
    package enum Form: String, Codable, CaseIterable, Sendable {
        case choice
        /// `true` or `false`.
        case yesOrNo = "yes_or_no"
        /// `2024-01-31`, not after today.
        case date
        /// Six digits of GB/T 2260: `320412`. The table of regions is not checked, for regions come and go.
        case region
        /// A code of the national classification of occupations (GB/T 6565): `4-02-07-08`, or its first levels.
        case occupation
    }

    package var form: Form {
        switch self {
        case .hardshipPost, .employerCheckup, .hardshipHousehold, .lowIncome, .laidOff, .disability: .yesOrNo
        case .youngestChildBornOn, .workingSince, .unionMemberSince: .date
        case .householdRegion: .region
        case .occupation: .occupation
        case .workerKind, .employmentForm, .skillGrade, .professionalTitle, .education, .ethnicGroup, .politicalStatus, .maritalStatus,
            .householdKind, .modelWorker:
            .choice
        }
    }

    /// Whether it stands in a column of the member too, where doors and shares look.
    package var isColumn: Bool {
        switch self {
        case .workerKind, .employmentForm, .hardshipPost, .employerCheckup: true
        default: false
        }
    }

    /// Whether `value` may stand for it.
    /// - Parameter today: days after it are none.
    package func takes(_ value: String, today: CalendarDate) -> Bool {
        switch form {
        case .choice: return options.contains { $0.code == value }
        case .yesOrNo: return value == "true" || value == "false"
        case .date:
            guard let day = CalendarDate(text: value) else { return false }
            return day.year >= 1900 && day <= today
        case .region: return value.utf8.count == 6 && value.utf8.allSatisfy { (0x30...0x39).contains($0) } && value.first != "0"
        case .occupation:
            let parts = value.utf8.split(separator: 0x2D, omittingEmptySubsequences: false)
            let areDigits = parts.allSatisfy { $0.allSatisfy { (0x30...0x39).contains($0) } }
            return areDigits && (1...4).contains(parts.count) && parts[0].count == 1
                && (1...8).contains(parts[0].first.map { $0 - 0x30 } ?? 0)
                && parts.dropFirst().allSatisfy { $0.count == 2 }
        }
    }
}
