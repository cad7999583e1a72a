import Postgres
import Runtime

/// A file of members. In clear it has exactly the columns that an import reads, so it can be brought in again and changes nothing; masked
/// it tells number, status, sex and year of birth too.
struct MemberFile: Sendable {
    let isMasked: Bool
    private let labels: [ID<Organization>: String]

    /// - Parameter organizations: all there are.
    init(isMasked: Bool, organizations: [Organization]) {
        self.isMasked = isMasked
        // As an import finds it again: by its name where only one has it, else below its parent, else by its number.
        let names = OrganizationNames(organizations)
        let byID = Dictionary(uniqueKeysWithValues: organizations.map { ($0.id, $0) })
        labels = byID.mapValues { organization in
            let parent = organization.parentID.flatMap { byID[$0]?.name }
            let candidates = [organization.name, parent.map { "\($0)/\(organization.name)" }].compactMap(\.self)
            return candidates.first { names.finds(organization.id, by: $0) } ?? organization.id.description
        }
    }

    private static let columns: [MemberColumn] = [
        .name, .nationalId, .phone, .workerKind, .employmentForm, .hardshipPost, .employerCheckup, .organization,
    ]

    var header: String {
        let columns = Self.columns.map(\.chineseHeading)
        return CSVLine.text(isMasked ? ["会员编号", "会籍状态", "性别", "出生年份"] + columns + ["建档时间"] : columns)
    }

    func line(_ member: Member) -> String {
        let person = member.person
        let cells = Self.columns.map { column in
            switch column {
            case .name: (isMasked ? person?.name.masked : person?.name.text) ?? ""
            case .nationalId: (isMasked ? person?.nationalID.masked : person?.nationalID.text) ?? ""
            case .phone: (isMasked ? person?.phone?.masked : person?.phone?.text) ?? ""
            case .workerKind: member.workerKind.chineseNames[0]
            case .employmentForm: member.employmentForm.chineseNames[0]
            case .hardshipPost: member.hardshipPost ? "是" : "否"
            case .employerCheckup: member.employerCheckup ? "是" : "否"
            case .organization: labels[member.organizationID] ?? member.organizationID.description
            }
        }
        guard isMasked else { return CSVLine.text(cells) }
        let facts = [
            member.id.description, Self.name(of: member.status), member.sex == .female ? "女" : "男", String(member.birthOn.year),
        ]
        return CSVLine.text(facts + cells + [member.createdAt.description])
    }

    private static func name(of status: MemberStatus) -> String {
        switch status {
        case .provisional: "预备"
        case .active: "正常"
        case .suspended: "暂停"
        case .left: "已退会"
        }
    }
}

extension OrganizationNames {
    /// Whether a cell with `text` means this organization, and no spreadsheet takes the cell for a formula.
    fileprivate func finds(_ id: ID<Organization>, by text: String) -> Bool {
        do throws(MemberFault) {
            let found = try organization(text)
            return found == id && !CSVLine.isFormula(text) && text == text.trimmingSpaces
        } catch {
            return false
        }
    }
}

extension String {
    /// Without the spaces and tabs around it, which a cell loses when it is read.
    fileprivate var trimmingSpaces: String {
        var text = Substring(self)
        while let first = text.first, first == " " || first == "\t" { text.removeFirst() }
        while let last = text.last, last == " " || last == "\t" { text.removeLast() }
        return String(text)
    }
}
