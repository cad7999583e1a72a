package import HTTP

/// Every problem that the registry answers with.
package enum RegistryProblem {
    package static let organizationUnknown = ProblemType(
        "registry.organization_unknown", 422, zh: "没有这个组织", en: "There is no such organization")
    package static let organizationNotFound = ProblemType(
        "registry.organization_not_found", 404, zh: "没有这个组织", en: "There is no such organization")
    package static let organizationExists = ProblemType(
        "registry.organization_exists", 409, zh: "上级下已有同名组织", en: "The parent already has an organization of this name")
    package static let memberNotFound = ProblemType(
        "registry.member_not_found", 404, zh: "没有这个会员", en: "There is no such member")
    package static let memberInvalid = ProblemType(
        "registry.member_invalid", 422, zh: "会员资料不符合规则", en: "The member's data breaks a rule")
    package static let memberExists = ProblemType(
        "registry.member_exists", 409, zh: "此人已是会员", en: "This person is a member already")
    package static let memberChanged = ProblemType(
        "registry.member_changed", 412, zh: "资料已被他人修改，请刷新后重试", en: "Somebody changed the member meanwhile: read it again")
    package static let statusNotAllowed = ProblemType(
        "registry.status_not_allowed", 409, zh: "当前状态不能这样变更", en: "The present status does not allow this change")
    package static let memberNotActive = ProblemType(
        "registry.member_not_active", 409, zh: "会员未处于有效状态，不能出示会员码", en: "The member is not active and gets no code")

    package static let importNotFound = ProblemType(
        "import.not_found", 404, zh: "没有这次导入", en: "There is no such import")
    package static let importEmpty = ProblemType("import.file_empty", 422, zh: "文件是空的", en: "The file is empty")
    package static let importBinary = ProblemType(
        "import.file_binary", 422, zh: "这不是文本文件，请上传 CSV", en: "This is not a text file: upload CSV")
    package static let importSpreadsheet = ProblemType(
        "import.file_spreadsheet", 422, zh: "这是电子表格文件，请另存为 CSV 后上传", en: "This is a spreadsheet file: save it as CSV and upload that")
    package static let importUTF16 = ProblemType(
        "import.file_utf16", 422, zh: "文件编码是 UTF-16，请另存为 UTF-8 或 GB18030 的 CSV",
        en: "The file is in UTF-16: save it as CSV in UTF-8 or GB18030")
    package static let importEncodingUnavailable = ProblemType(
        "import.encoding_unavailable", 422, zh: "本服务器没有 GB18030 编码表，请改用 UTF-8",
        en: "This server has no tables for GB18030: use UTF-8")
    package static let importColumns = ProblemType(
        "import.columns_wrong", 422, zh: "表头的列不对", en: "The header's columns are not the expected ones")
    package static let importCut = ProblemType(
        "import.file_cut", 400, zh: "文件没有传完；已入库的行保留，请重新导入", en: "The file did not arrive whole; rows that went in stay: import it again")
    package static let importFailed = ProblemType(
        "import.failed", 500, zh: "导入中断；已入库的行保留，请重新导入", en: "The import broke off; rows that went in stay: import the file again")

    package static let deviceNotFound = ProblemType(
        "registry.device_not_found", 404, zh: "没有这台设备", en: "There is no such device")
    package static let deviceRevoked = ProblemType(
        "registry.device_revoked", 409, zh: "设备已停用", en: "The device is revoked")
    package static let pairingRefused = ProblemType(
        "registry.pairing_code_refused", 403, zh: "配对码无效、已用过或已过期", en: "The pairing code is wrong, used or expired")

    package static let idempotencyKeyReused = ProblemType(
        "request.idempotency_key_reused", 422, zh: "同一个 Idempotency-Key 已用于另一个请求",
        en: "This Idempotency-Key was used for another request")
    package static let databaseUnavailable = ProblemType(
        "registry.database_unavailable", 503, zh: "数据库暂时不可用，请用同一请求重试",
        en: "The database is not available for the moment: repeat the same request", retryable: true)

    package static let all: [ProblemType] =
        [
            organizationUnknown, organizationNotFound, organizationExists, memberNotFound, memberInvalid, memberExists,
            memberChanged, statusNotAllowed, memberNotActive, importNotFound, importEmpty, importBinary, importSpreadsheet, importUTF16,
            importEncodingUnavailable, importColumns, importCut, importFailed, deviceNotFound, deviceRevoked, pairingRefused,
            idempotencyKeyReused, databaseUnavailable,
        ]
        + AccountProblem.all
        + OrganizationProblem.all
        + JoinProblem.all
        + TransferProblem.all
        + PersonProblem.all
        + AuditProblem.all
        + WebhookProblem.all
        + JobProblem.all
}
