package import HTTP

/// What is wrong with one field of a member, as a stable code and a sentence. Never quotes the value.
package struct MemberFault: Error, Hashable, Sendable {
    package let code: String
    package let reason: Localized

    init(_ code: String, zh: String, en: String) {
        self.code = code
        reason = Localized(zh: zh, en: en)
    }

    package static func == (left: Self, right: Self) -> Bool { left.code == right.code }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
    }

    // MARK: National id

    static let nationalIDMissing = MemberFault(
        "member.national_id_missing", zh: "缺少身份证号", en: "The national id is missing")
    static let nationalIDLegacy = MemberFault(
        "member.national_id_legacy", zh: "15 位旧身份证号已停用，请填写 18 位号码",
        en: "15-digit ids are no longer valid; the 18-digit id is needed")
    static let nationalIDRounded = MemberFault(
        "member.national_id_rounded", zh: "身份证号已被表格软件取整（如 3.20402E+17），请把该列设为“文本”后重新填写",
        en: "A spreadsheet has rounded the id (such as 3.20402E+17): format the column as text and enter the ids again")
    static let nationalIDLength = MemberFault(
        "member.national_id_length", zh: "身份证号应为 18 位", en: "A national id has 18 characters")
    static let nationalIDCharacters = MemberFault(
        "member.national_id_characters", zh: "身份证号只能含 17 位数字和末位数字或 X",
        en: "A national id has 17 digits and then a digit or X")
    static let nationalIDRegion = MemberFault(
        "member.national_id_region", zh: "身份证号的地区码无效", en: "The id's region code cannot exist")
    static let nationalIDBirthDate = MemberFault(
        "member.national_id_birth_date", zh: "身份证号中的出生日期无效", en: "The id's birth date cannot exist")
    static let nationalIDChecksum = MemberFault(
        "member.national_id_checksum", zh: "身份证号校验位不符，请核对", en: "The id's last character does not fit the others")

    static let memberTooYoung = MemberFault(
        "member.too_young", zh: "未满 16 周岁不能入会", en: "Nobody joins before the sixteenth birthday")

    // MARK: Other fields

    static let phoneInvalid = MemberFault(
        "member.phone_invalid", zh: "手机号应为 1 开头的 11 位大陆手机号，可带 +86",
        en: "A phone is a mainland mobile number of 11 digits, with or without +86")
    static let nameMissing = MemberFault("member.name_missing", zh: "缺少姓名", en: "The name is missing")
    static let nameTooLong = MemberFault("member.name_too_long", zh: "姓名不能超过 50 个字", en: "A name has at most 50 characters")
    static let nameCharacters = MemberFault(
        "member.name_characters", zh: "姓名含有不允许的字符", en: "The name holds characters that no name has")
    static let workerKindUnknown = MemberFault(
        "member.worker_kind_unknown", zh: "工种不在目录中", en: "The worker kind is not in the catalogue")
    static let employmentFormUnknown = MemberFault(
        "member.employment_form_unknown", zh: "就业形式不在目录中", en: "The employment form is not in the catalogue")
    static let answerUnknown = MemberFault("member.yes_or_no_expected", zh: "应填“是”或“否”", en: "Expected yes or no")
    static let organizationMissing = MemberFault(
        "member.organization_missing", zh: "没有填写组织", en: "No organization is given")
    static let organizationUnknown = MemberFault(
        "member.organization_unknown", zh: "没有这个组织", en: "There is no such organization")
    static let organizationAmbiguous = MemberFault(
        "member.organization_ambiguous", zh: "有多个同名组织，请填写“上级/名称”或编号",
        en: "Several organizations have this name: give parent/name or the number")

    // MARK: A row as a whole

    static let rowColumns = MemberFault(
        "import.row_columns", zh: "该行的列数与表头不符（可能被截断）", en: "The row has not as many cells as the header (it may be cut off)")
    static let rowQuoteUnterminated = MemberFault(
        "import.row_quote_unterminated", zh: "引号没有结束，该行可能被截断", en: "A quoted cell never ends: the row may be cut off")
    static let rowQuoteMisplaced = MemberFault(
        "import.row_quote_misplaced", zh: "引号之后还有内容", en: "Text follows the end of a quoted cell")
    static let rowTooLong = MemberFault("import.row_too_long", zh: "该行过长", en: "The row is too long")
    static let rowEncoding = MemberFault(
        "import.row_encoding", zh: "该单元格的文字编码有误", en: "The cell's text is not in the file's encoding")
    static let duplicateInFile = MemberFault(
        "import.duplicate_in_file", zh: "该身份证号在文件中已出现", en: "The same national id stands on an earlier line of the file")
    static let memberForgotten = MemberFault(
        "import.member_forgotten", zh: "此人的个人信息已依申请删除", en: "This person's data was erased on request")
    static let memberContended = MemberFault(
        "import.member_contended", zh: "此人的资料正被其他操作修改，请重新导入该行",
        en: "This person was being changed by others: import the row again")

    static let memberElsewhere = MemberFault(
        "import.member_elsewhere", zh: "此人已是其他工会的会员，请申请转会", en: "This person is a member elsewhere: ask for a transfer")

    /// Every fault there is, for the pinned list of codes.
    package static let all: [MemberFault] = [
        nationalIDMissing, nationalIDLegacy, nationalIDRounded, nationalIDLength, nationalIDCharacters, nationalIDRegion,
        nationalIDBirthDate, nationalIDChecksum, phoneInvalid, nameMissing, nameTooLong, nameCharacters, workerKindUnknown,
        employmentFormUnknown, answerUnknown, organizationMissing, organizationUnknown, organizationAmbiguous, rowColumns,
        rowQuoteUnterminated, rowQuoteMisplaced, rowTooLong, rowEncoding, duplicateInFile, memberForgotten, memberContended,
        memberTooYoung, memberElsewhere,
    ]

    private static let byCode = Dictionary(uniqueKeysWithValues: all.map { ($0.code, $0) })

    /// The fault with this code; nil for one that a newer server wrote.
    package static func named(_ code: String) -> MemberFault? { byCode[code] }
}
