package import HTTP

extension MemberAttribute {
    /// A value that may be chosen.
    package struct Option: Sendable {
        package let code: String
        package let name: Localized

        init(_ code: String, _ zh: String, _ en: String) {
            self.code = code
            name = Localized(zh: zh, en: en)
        }
    }

    /// The values of a `.choice`; of the other forms none.
    package var options: [Option] {
        switch self {
        case .workerKind: WorkerKind.allCases.map { Option($0.rawValue, $0.chineseNames[0], Self.english($0.rawValue)) }
        case .employmentForm: EmploymentForm.allCases.map { Option($0.rawValue, $0.chineseNames[0], Self.english($0.rawValue)) }
        case .skillGrade: Self.skillGrades
        case .professionalTitle: Self.professionalTitles
        case .education: Self.educations
        case .ethnicGroup: Self.ethnicGroups
        case .politicalStatus: Self.politicalStatuses
        case .maritalStatus: Self.maritalStatuses
        case .householdKind: [Option("rural", "农业户口", "Rural"), Option("urban", "非农业户口", "Urban")]
        case .modelWorker: Self.modelWorkers
        case .hardshipPost, .employerCheckup, .occupation, .householdRegion, .youngestChildBornOn, .workingSince, .unionMemberSince,
            .hardshipHousehold, .lowIncome, .laidOff, .disability:
            []
        }
    }

    private static func english(_ code: String) -> String {
        let words = code.split(separator: "_").joined(separator: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }

    /// From apprentice to the chief technicians of the eight-grade system (新八级工).
    private static let skillGrades = [
        Option("none", "无等级", "None"), Option("apprentice", "学徒工", "Apprentice"), Option("junior", "初级工（五级）", "Junior worker (5)"),
        Option("intermediate", "中级工（四级）", "Intermediate worker (4)"), Option("senior", "高级工（三级）", "Senior worker (3)"),
        Option("technician", "技师（二级）", "Technician (2)"), Option("senior_technician", "高级技师（一级）", "Senior technician (1)"),
        Option("special_technician", "特级技师", "Special-grade technician"), Option("chief_technician", "首席技师", "Chief technician"),
    ]

    private static let professionalTitles = [
        Option("none", "无职称", "None"), Option("assistant", "初级", "Junior"), Option("intermediate", "中级", "Intermediate"),
        Option("associate_senior", "副高级", "Associate senior"), Option("senior", "正高级", "Senior"),
    ]

    private static let educations = [
        Option("primary", "小学及以下", "Primary school or less"), Option("junior_secondary", "初中", "Junior secondary school"),
        Option("senior_secondary", "高中", "Senior secondary school"), Option("vocational_secondary", "中专/技校", "Vocational secondary school"),
        Option("junior_college", "大专", "Junior college"), Option("bachelor", "本科", "Bachelor"), Option("master", "硕士", "Master"),
        Option("doctor", "博士", "Doctor"),
    ]

    /// The usual groups of GB/T 4762.
    private static let politicalStatuses = [
        Option("party_member", "中共党员", "Party member"), Option("probationary_party_member", "中共预备党员", "Probationary party member"),
        Option("youth_league_member", "共青团员", "Youth league member"), Option("democratic_party_member", "民主党派", "Democratic party member"),
        Option("non_party", "群众", "No party"),
    ]

    private static let maritalStatuses = [
        Option("unmarried", "未婚", "Unmarried"), Option("married", "已婚", "Married"), Option("widowed", "丧偶", "Widowed"),
        Option("divorced", "离婚", "Divorced"),
    ]

    private static let modelWorkers = [
        Option("none", "无", "None"), Option("county", "县级", "County"), Option("city", "市级", "City"), Option("province", "省部级", "Province"),
        Option("national", "全国", "National"),
    ]

    /// The numbers and names of GB/T 3304, in its order.
    private static let ethnicGroups: [Option] = {
        let names = [
            ("汉族", "Han"), ("蒙古族", "Mongol"), ("回族", "Hui"), ("藏族", "Tibetan"), ("维吾尔族", "Uyghur"), ("苗族", "Miao"), ("彝族", "Yi"),
            ("壮族", "Zhuang"), ("布依族", "Bouyei"), ("朝鲜族", "Korean"), ("满族", "Manchu"), ("侗族", "Dong"), ("瑶族", "Yao"), ("白族", "Bai"),
            ("土家族", "Tujia"), ("哈尼族", "Hani"), ("哈萨克族", "Kazakh"), ("傣族", "Dai"), ("黎族", "Li"), ("傈僳族", "Lisu"), ("佤族", "Va"),
            ("畲族", "She"), ("高山族", "Gaoshan"), ("拉祜族", "Lahu"), ("水族", "Sui"), ("东乡族", "Dongxiang"), ("纳西族", "Naxi"),
            ("景颇族", "Jingpo"), ("柯尔克孜族", "Kirgiz"), ("土族", "Tu"), ("达斡尔族", "Daur"), ("仫佬族", "Mulao"), ("羌族", "Qiang"),
            ("布朗族", "Blang"), ("撒拉族", "Salar"), ("毛南族", "Maonan"), ("仡佬族", "Gelao"), ("锡伯族", "Xibe"), ("阿昌族", "Achang"),
            ("普米族", "Pumi"), ("塔吉克族", "Tajik"), ("怒族", "Nu"), ("乌孜别克族", "Uzbek"), ("俄罗斯族", "Russ"), ("鄂温克族", "Ewenki"),
            ("德昂族", "Deang"), ("保安族", "Bonan"), ("裕固族", "Yugur"), ("京族", "Gin"), ("塔塔尔族", "Tatar"), ("独龙族", "Derung"),
            ("鄂伦春族", "Oroqen"), ("赫哲族", "Hezhen"), ("门巴族", "Monba"), ("珞巴族", "Lhoba"), ("基诺族", "Jino"),
        ]
        let numbered = names.enumerated().map { Option($0 < 9 ? "0\($0 + 1)" : "\($0 + 1)", $1.0, $1.1) }
        return numbered + [Option("97", "其他", "Other"), Option("98", "外国血统中国籍", "Foreign descent, Chinese nationality")]
    }()
}
