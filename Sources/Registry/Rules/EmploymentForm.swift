/// How a member is employed (就业形式).
package enum EmploymentForm: String, Catalogue {
    case contract
    case dispatch
    case selfEmployed = "self_employed"
    case platform
    case other

    package var chineseNames: [String] {
        switch self {
        case .contract: ["劳动合同", "合同制", "合同"]
        case .dispatch: ["劳务派遣", "派遣"]
        case .selfEmployed: ["灵活就业", "个体", "自雇"]
        case .platform: ["平台用工", "平台"]
        case .other: ["其他", "其它"]
        }
    }

    static let byName = names()
}
