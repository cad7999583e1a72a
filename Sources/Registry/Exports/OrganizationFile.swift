import Postgres
import Runtime

/// A file of organizations with their yearly fields. They are offices' data, not persons', so nothing in it is masked.
enum OrganizationFile {
    static let header = CSVLine.text([
        "编号", "上级编号", "类别", "名称", "状态", "统一社会信用代码", "地址", "行业门类", "联系电话", "成立日期", "职工人数", "女职工人数", "填报会员人数", "主席", "主席当选日期",
        "年度资料更新日期", "年度资料", "建档时间",
    ])

    static func line(_ record: OrganizationRecord) -> String {
        let (organization, profile) = (record.organization, record.profile)
        return CSVLine.text([
            organization.id.description, organization.parentID?.description ?? "", name(of: organization.kind), organization.name,
            record.state == .open ? "正常" : "已撤销", profile.creditCode?.text ?? "", profile.address ?? "",
            profile.industry?.rawValue ?? "", profile.contactPhone ?? "", profile.foundedOn?.description ?? "",
            profile.employees.map(String.init) ?? "", profile.employeesFemale.map(String.init) ?? "",
            profile.membersStated.map(String.init) ?? "", profile.chairName ?? "", profile.chairElectedOn?.description ?? "",
            record.renewedOn.description, name(of: record.renewal), organization.createdAt.description,
        ])
    }

    private static func name(of kind: OrganizationKind) -> String {
        switch kind {
        case .city: "市"
        case .district: "区"
        case .street: "街镇"
        case .enterprise: "企业"
        case .industryFederation: "行业工会联合会"
        case .holding: "托管组织"
        }
    }

    private static func name(of renewal: OrganizationRecord.RenewalState) -> String {
        switch renewal {
        case .current: "已更新"
        case .due: "待更新"
        case .overdue: "逾期"
        case .none: ""
        }
    }
}
