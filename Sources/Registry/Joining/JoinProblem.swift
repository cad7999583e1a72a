package import HTTP

/// Every problem of joining: codes, applications, renewals and ends of organizations have their own below.
package enum JoinProblem {
    package static let codeUnknown = ProblemType(
        "join.code_unknown", 404, zh: "没有这个入会码，请核对短码", en: "There is no such join code: check the characters")
    package static let codeEnded = ProblemType(
        "join.code_ended", 410, zh: "入会码已停用，请向工会索取新码", en: "The join code is no longer used: ask the union for the new one")
    package static let organizationClosed = ProblemType(
        "join.organization_closed", 410, zh: "该工会已撤销，不再接收会员", en: "The organization is closed and takes no members")
    package static let formInvalid = ProblemType(
        "join.form_invalid", 422, zh: "申请资料不符合规则", en: "The application breaks a rule")
    package static let personExists = ProblemType(
        "join.person_exists", 409, zh: "此人已在册。如系本人，请登录后申请转会",
        en: "This person is registered already. If it is you, sign in and ask for a transfer")
    package static let tooMany = ProblemType(
        "join.too_many_submissions", 429, zh: "提交过于频繁，请稍后再试", en: "Too many submissions: try again later", retryable: true)
    package static let secretUnknown = ProblemType(
        "join.application_unknown", 404, zh: "没有这份申请", en: "There is no such application")

    package static let applicationNotFound = ProblemType(
        "application.not_found", 404, zh: "没有这份申请", en: "There is no such application")
    package static let applicationDecided = ProblemType(
        "application.state_not_allowed", 409, zh: "申请的当前状态不能这样处理", en: "The application's present state does not allow this")

    package static let all: [ProblemType] = [
        codeUnknown, codeEnded, organizationClosed, formInvalid, personExists, tooMany, secretUnknown, applicationNotFound,
        applicationDecided,
    ]
}
