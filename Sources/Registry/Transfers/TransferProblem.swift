package import HTTP

/// Every problem of transfers, and of leaving, suspension and coming back.
package enum TransferProblem {
    package static let notFound = ProblemType("transfer.not_found", 404, zh: "没有这份转会申请", en: "There is no such transfer")
    package static let sameOrganization = ProblemType(
        "transfer.same_organization", 409, zh: "会员已在该组织", en: "The member belongs to this organization already")
    package static let memberNotActive = ProblemType(
        "transfer.member_not_active", 409, zh: "只有有效会员可以转会", en: "Only an active member is transferred")
    package static let openExists = ProblemType(
        "transfer.open_exists", 409, zh: "该会员已有一份办理中的转会申请", en: "A transfer of this member is under way already")
    package static let targetClosed = ProblemType(
        "transfer.target_closed", 409, zh: "转入的组织已撤销", en: "The organization to go to is closed")
    package static let ended = ProblemType("transfer.ended", 409, zh: "转会申请已办结", en: "The transfer has ended")
    package static let deadlinePassed = ProblemType(
        "transfer.deadline_passed", 409, zh: "已过期限，视为同意", en: "The deadline has passed, and silence has consented")
    package static let notASide = ProblemType(
        "transfer.not_a_side", 403, zh: "只有转出或转入的组织可以处理", en: "Only the releasing or the receiving organization decides")

    package static let all: [ProblemType] = [
        notFound, sameOrganization, memberNotActive, openExists, targetClosed, ended, deadlinePassed, notASide,
    ]
}
