package import HTTP

/// The problems of credentials, doors' codes and annulments.
package enum CredentialProblem {
    package static let unknown = ProblemType(
        "access.credential_unknown", 404, zh: "没有这个凭证", en: "There is no such credential")
    package static let invalid = ProblemType("access.credential_invalid", 422, zh: "凭证内容有误", en: "The credential breaks a rule")
    package static let numberBound = ProblemType(
        "access.number_bound", 409, zh: "此卡号已绑定会员，请先停用原绑定", en: "This number is bound to a member: revoke that first")
    package static let revoked = ProblemType("access.credential_revoked", 409, zh: "此凭证已停用", en: "The credential is revoked")
    package static let expired = ProblemType("access.credential_expired", 409, zh: "此卡已过有效期", en: "The card is past its last day")
    package static let notACard = ProblemType("access.credential_not_a_card", 409, zh: "此凭证不是会员卡", en: "The credential is not a card")
    package static let memberGone = ProblemType(
        "access.member_gone", 409, zh: "会员已离会或停用，不能发放凭证", en: "The member is suspended or has left and gets no credential")
    package static let noCodeLeft = ProblemType(
        "access.no_code_left", 503, zh: "暂时无法生成当日码，请重试", en: "No day code could be drawn: try again", retryable: true)

    package static let scanUnknown = ProblemType(
        "access.scan_unknown", 404, zh: "没有这次刷码", en: "There is no such scan at this access point")
    package static let notAnEntry = ProblemType(
        "access.not_an_entry", 409, zh: "只能撤销已开门的进入", en: "Only an accepted entry can be annulled")
    package static let annulmentTooLate = ProblemType(
        "access.annulment_too_late", 410, zh: "进入已超过 15 分钟，不能撤销", en: "The entry is more than 15 minutes old")
    package static let exitSince = ProblemType(
        "access.exit_since", 409, zh: "会员此后已离开，不能撤销", en: "The member has left since")
    package static let scanForeign = ProblemType(
        "access.scan_foreign", 403, zh: "这次刷码由另一台设备发出", en: "Another device asked for this scan")
    package static let lineMalformed = ProblemType(
        "access.line_malformed", 422, zh: "刷码文本格式有误", en: "The scan's lines are not as they must be")

    /// All of them, for the pinned list.
    package static let all = [
        unknown, invalid, numberBound, revoked, expired, notACard, memberGone, noCodeLeft, scanUnknown, notAnEntry, annulmentTooLate,
        exitSince,
        scanForeign, lineMalformed,
    ]
}
