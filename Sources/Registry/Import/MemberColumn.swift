/// A column that a file of members may have.
enum MemberColumn: String, CaseIterable, Sendable {
    case name, nationalId, phone, workerKind, employmentForm, hardshipPost, employerCheckup, organization

    var isRequired: Bool { self == .name || self == .nationalId }

    /// The headings under which it is known, in lower case, besides its English name.
    private var headings: [String] {
        switch self {
        case .name: ["姓名", "名字"]
        case .nationalId: ["身份证号", "身份证号码", "身份证", "公民身份号码", "national_id", "idcard"]
        case .phone: ["手机号", "手机", "手机号码", "电话", "联系电话", "mobile"]
        case .workerKind: ["工种", "职业", "worker_kind"]
        case .employmentForm: ["就业形式", "用工形式", "employment_form"]
        case .hardshipPost: ["苦脏累险岗位", "苦脏累险", "hardship_post"]
        case .employerCheckup: ["单位体检", "单位是否体检", "employer_checkup"]
        case .organization: ["组织", "工会组织", "所属工会", "organisation"]
        }
    }

    /// The heading that our own files carry, in Chinese.
    var chineseHeading: String { headings[0] }

    private static let byHeading: [String: MemberColumn] = {
        var result: [String: MemberColumn] = [:]
        for column in allCases {
            for heading in column.headings + [column.rawValue.lowercased()] { result[heading] = column }
        }
        return result
    }()

    /// Which column stands where in a file.
    struct Layout: Sendable {
        let columns: [MemberColumn]
        private let places: [MemberColumn: Int]

        /// - Parameter headings: the cells of the file's first line.
        init(headings: [String]) throws(MemberImportError) {
            var columns: [MemberColumn] = []
            var places: [MemberColumn: Int] = [:]
            var unknown: [String] = []
            var doubled: [String] = []
            // Spreadsheets leave empty columns at the right edge.
            var headings = headings.map { String(decoding: asciiDigits($0), as: UTF8.self) }
            while headings.last?.isEmpty == true { headings.removeLast() }
            for heading in headings {
                guard let column = MemberColumn.byHeading[heading.lowercased()] else {
                    unknown.append(String(heading.prefix(40)))
                    continue
                }
                if places.updateValue(columns.count, forKey: column) != nil { doubled.append(heading) }
                columns.append(column)
            }
            let missing = MemberColumn.allCases.filter { $0.isRequired && !columns.contains($0) }.map {
                "\($0.chineseHeading)/\($0.rawValue)"
            }
            guard unknown.isEmpty, missing.isEmpty, doubled.isEmpty else {
                // The lists go into an answer. A first line without any known heading is no header but a person, whom nobody should quote.
                let quotable = columns.isEmpty ? [] : Array(unknown.prefix(20))
                throw .columns(unknown: quotable, missing: missing, doubled: Array(doubled.prefix(20)))
            }
            self.columns = columns
            self.places = places
        }

        /// The place of `column`, counted from 0; nil when the file has none.
        func place(of column: MemberColumn) -> Int? { places[column] }
    }
}
