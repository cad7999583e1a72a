/// What a unit lives on: the twenty sections of GB/T 4754-2017, by their letters.
package enum IndustrySection: String, Codable, CaseIterable, Sendable {
    /// 农林牧渔, 采矿, 制造, 电热燃水, 建筑
    case agriculture = "A"
    case mining = "B"
    case manufacturing = "C"
    case utilities = "D"
    case construction = "E"
    /// 批发零售, 交通运输仓储邮政, 住宿餐饮, 信息软件, 金融
    case trade = "F"
    case transport = "G"
    case catering = "H"
    case information = "I"
    case finance = "J"
    /// 房地产, 租赁商务, 科研技术, 水利环境公共设施, 居民服务
    case realEstate = "K"
    case businessServices = "L"
    case research = "M"
    case environment = "N"
    case residentServices = "O"
    /// 教育, 卫生社会工作, 文体娱乐, 公共管理社会组织, 国际组织
    case education = "P"
    case health = "Q"
    case culture = "R"
    case publicAdministration = "S"
    case international = "T"
}
