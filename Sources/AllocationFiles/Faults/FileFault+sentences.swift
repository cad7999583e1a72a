import Allocation

extension FileFault.Code {
    package func sentence(_ language: SpokenLanguage) -> String {
        switch self {
        case .form(let reason): reason.sentence(language)
        case .rule(let reason): reason.sentence(language)
        }
    }
}

extension FileFault.Reason {
    fileprivate func sentence(_ language: SpokenLanguage) -> String {
        switch self {
        case .fileEmpty: language("文件是空的", "the file is empty")
        case .fileTruncated:
            language(
                "最后一行没有换行，文件可能不完整；如果完整，请在末尾加一个换行",
                "the last line has no end, so the file may be cut off; if it is whole, add a line break")
        case .notUTF8: language("不是 UTF-8 编码", "this is not UTF-8")
        case .columnMissing: language("缺少这一列", "the column is missing")
        case .columnUnknown: language("不认识这一列", "there is no such column")
        case .columnTwice: language("这一列出现了两次", "the column stands twice")
        case .fieldCount: language("字段数与表头不符", "the row has another number of fields than the header")
        case .quoteUnclosed: language("引号没有结束", "the quotation mark is not closed")
        case .quoteStray: language("引号后面还有内容", "text follows the closing quotation mark")
        case .numberInvalid: language("应为范围内的整数", "a whole number within the range is needed")
        case .nameInvalid:
            language(
                "名称不能为空，不能含控制字符、逗号、竖线、等号或引号",
                "a name must not be empty nor hold control characters, commas, bars, equals signs or quotation marks")
        case .ticketInvalid:
            language("票号应为 1 到 8 个字符：0-9 A-Z a-z - _", "a ticket has one to eight characters of 0-9 A-Z a-z - _")
        case .groupTwice: language("群体出现了两次", "the group stands twice")
        case .tooManyWishes: language("最多 8 个志愿", "there may be eight wishes at most")
        case .tooManyExclusions: language("不同的排除原因最多 255 种", "there may be 255 different exclusions at most")
        case .floorInvalid: language("应写成“群体=名额”，且该群体有保底", "GROUP=SIZE is needed, of a group with a floor in the rules")
        case .sessionFloorsNeedLocal: language("只有 local 模式才有场次保底", "a session has floors of its own in mode local only")
        case .jsonInvalid: language("不是有效的 JSON", "this is not valid JSON")
        case .keyUnknown: language("不认识这个字段", "there is no such key")
        case .keyTwice: language("这个字段出现了两次", "the key stands twice")
        case .keyMissing: language("缺少这个字段", "the key is missing")
        case .valueInvalid: language("值不符合要求", "the value does not fit")
        case .additionalUnsupported:
            language("尚不支持 additional（额外名额）；请用 minimum（最低保证）", "additional is not supported yet; minimum is")
        case .secretMissing: language("有承诺却没有秘密值，无法抽签", "there is a commitment but not its secret, so there can be no draw")
        case .commitmentDiffers: language("承诺与秘密值不符", "the commitment is not that of the secret")
        case .auditLayout: language("这一行不符合审计文件的格式", "the line is not what the audit file's layout has here")
        case .auditNotCanonical: language("这一行不是规范写法，或被改动过", "the line is not written as it must be, or was changed")
        case .auditResultDiffers: language("结果与重新计算的不一致", "the result is not what follows from the rules")
        case .auditDigestDiffers: language("摘要不符，文件被改动过", "the digest is not that of the file: something in it was changed")
        case .auditReplayFails: language("结果没有通过复核", "the result does not pass the replay")
        }
    }
}

extension AllocationFault.Reason {
    fileprivate func sentence(_ language: SpokenLanguage) -> String {
        switch self {
        case .programNameMissing: language("项目名称不能为空", "the program needs a name")
        case .quotaNotPositive: language("总名额至少为 1", "the quota must be at least 1")
        case .quotaBelowSeats: language("local 模式下总名额不能少于座位总数", "in mode local the quota must not be below the sum of seats")
        case .tooManyGroups: language("最多 8 个群体", "there may be eight groups at most")
        case .floorGroupUnknown: language("保底所指的群体不存在", "the floor's group is not among the groups")
        case .floorTwice: language("同一群体有两个保底", "the group has two floors")
        case .floorNegative: language("保底名额不能为负", "a floor must not be negative")
        case .floorsAboveQuota: language("保底名额之和超过总名额", "the floors together are above the quota")
        case .floorWithoutMembers: language("没有一个合格申请人属于这个群体，保底无法兑现", "nobody eligible is of this group, so nobody can fill the floor")
        case .capsNeedOrder: language("单位上限只能用于 order 模式", "caps of organizations need mode order")
        case .capNegative: language("单位上限不能为负", "a cap must not be negative")
        case .noSessions: language("没有场次", "there are no sessions")
        case .tooManySessions: language("场次最多 65535 个", "there may be 65,535 sessions at most")
        case .capacityNotPositive: language("座位数至少为 1", "the capacity must be at least 1")
        case .sessionTwice: language("场次名称重复", "the session stands twice")
        case .sessionFloorsAboveCapacity: language("场次保底之和超过座位数", "the session's floors together are above its capacity")
        case .noApplicants: language("没有申请人", "there are no applicants")
        case .ticketTwice: language("票号重复", "the ticket stands twice")
        case .wishUnknown: language("没有这个场次", "there is no such session")
        case .wishTwice: language("同一场次在志愿中出现两次", "the session stands twice in the wishes")
        case .noWish: language("没有填志愿", "there is no wish")
        case .groupUnknown: language("没有这个群体", "there is no such group")
        }
    }
}
