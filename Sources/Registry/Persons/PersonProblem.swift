package import HTTP

/// Problems about persons: attributes, duplicates, consents, erasure, exports.
package enum PersonProblem {
    package static let attributeInvalid = ProblemType(
        "registry.attribute_invalid", 422, zh: "会员信息项的值不符合规则", en: "The attribute's value breaks a rule")
    package static let memberMerged = ProblemType(
        "registry.member_merged", 409, zh: "该会员已合并到另一会员", en: "This member was merged into another one")
    package static let memberErased = ProblemType(
        "registry.member_erased", 409, zh: "该会员的个人信息已删除", en: "This member's data was erased")
    package static let mergeWithItself = ProblemType(
        "registry.merge_with_itself", 422, zh: "不能与自己合并", en: "A member is not merged with itself")
    package static let mergeUnknownDuplicate = ProblemType(
        "registry.merge_duplicate_unknown", 422, zh: "没有要合并的会员", en: "There is no such member to be merged")
    package static let duplicateNotFound = ProblemType(
        "registry.duplicate_not_found", 404, zh: "没有这条疑似重复", en: "There is no such suspected duplicate")
    package static let duplicateDecided = ProblemType(
        "registry.duplicate_decided", 409, zh: "这条疑似重复已处理", en: "This suspected duplicate was decided already")
    package static let consentNeeded = ProblemType(
        "registry.consent_needed", 409, zh: "会籍管理的同意不能单独撤回；如需退出，请删除个人信息",
        en: "Consent to the register itself is not withdrawn alone: to leave it, erase your data")
    package static let reasonNeeded = ProblemType(
        "registry.export_reason_needed", 422, zh: "导出未脱敏的数据须填写事由（5 至 200 字）",
        en: "Unmasked data leaves only with a reason of 5 to 200 characters")
    package static let unmaskedExportNotPermitted = ProblemType(
        "registry.unmasked_export_not_permitted", 403, zh: "您在该范围内没有查看未脱敏数据的权限",
        en: "You may not see unmasked data in all of what you asked for")

    package static let all: [ProblemType] = [
        attributeInvalid, memberMerged, memberErased, mergeWithItself, mergeUnknownDuplicate, duplicateNotFound, duplicateDecided,
        consentNeeded, reasonNeeded, unmaskedExportNotPermitted,
    ]
}
