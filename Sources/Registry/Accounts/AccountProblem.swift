package import HTTP

/// Every problem of signing in, of accounts and of what only few may read.
package enum AccountProblem {
    package static let signInRefused = ProblemType(
        "registry.sign_in_refused", 403, zh: "登录信息不对，或验证码已用过、已过期",
        en: "What was given is wrong, or the code is used or over")
    package static let tooManyAttempts = ProblemType(
        "registry.too_many_attempts", 429, zh: "尝试太频繁，请稍后再试", en: "Too many attempts: try again later", retryable: true)
    package static let nationalIDEndNeeded = ProblemType(
        "registry.national_id_end_needed", 422, zh: "这个手机号登记了多位会员，请填写本人身份证号后 4 位",
        en: "Several members gave this phone: give the last 4 characters of your national id")
    package static let phoneInvalid = ProblemType("registry.phone_invalid", 422, zh: "手机号无效", en: "This is no mobile number")
    package static let sessionNotFound = ProblemType("registry.session_not_found", 404, zh: "没有这个登录", en: "There is no such session")

    package static let accountNotFound = ProblemType("registry.account_not_found", 404, zh: "没有这个账号", en: "There is no such account")
    package static let accountExists = ProblemType("registry.account_exists", 409, zh: "已有同名账号", en: "An account of this name exists")
    package static let accountDisabled = ProblemType("registry.account_disabled", 409, zh: "账号已停用", en: "The account is disabled")
    package static let grantNotFound = ProblemType("registry.grant_not_found", 404, zh: "没有这项授权", en: "There is no such grant")
    package static let grantExists = ProblemType("registry.grant_exists", 409, zh: "账号已有这项授权", en: "The account has this grant already")
    package static let grantNotAllowed = ProblemType(
        "registry.grant_not_allowed", 403, zh: "不能授予或收回超出本人权限的角色", en: "Nobody grants or ends more than they have themselves")
    package static let lastOwner = ProblemType(
        "registry.last_owner", 409, zh: "这是最后一个所有者，不能停用或收回", en: "This is the last owner, who stays")
    package static let passwordInvalid = ProblemType(
        "registry.password_invalid", 422, zh: "密码不符合要求", en: "The password breaks a rule")
    package static let passwordsBusy = ProblemType(
        "registry.passwords_busy", 503, zh: "登录的人太多，请稍后再试", en: "Too many sign in at once: try again in a moment",
        retryable: true)
    package static let reasonMissing = ProblemType(
        "registry.reason_missing", 422, zh: "请写明理由", en: "A reason is needed")
    package static let personForgotten = ProblemType(
        "registry.person_forgotten", 410, zh: "此人的资料已删除", en: "This person's data was erased")

    package static let all: [ProblemType] = [
        signInRefused, tooManyAttempts, nationalIDEndNeeded, phoneInvalid, sessionNotFound, accountNotFound, accountExists,
        accountDisabled, grantNotFound, grantExists, grantNotAllowed, lastOwner, passwordInvalid, passwordsBusy, reasonMissing,
        personForgotten,
    ]

    /// When there were too many attempts.
    static func tooMany(retryAfterSeconds: Int) -> Problem { Problem(tooManyAttempts, retryAfterSeconds: retryAfterSeconds) }
}
