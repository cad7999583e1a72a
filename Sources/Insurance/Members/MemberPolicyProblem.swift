package import HTTP

/// The problems of what members do with policies, of claims and of mutual aid.
package enum MemberPolicyProblem {
    package static let withInsurer = ProblemType(
        "insurance.with_insurer", 409, zh: "保单正在保险公司处理中，暂时不能操作", en: "The policy is with the insurer: wait for its answer")
    package static let notIssued = ProblemType(
        "insurance.not_issued", 409, zh: "保险公司尚未出单", en: "The insurer has not issued the policy")
    package static let noAcceptance = ProblemType(
        "insurance.no_acceptance", 409, zh: "这份保障无需确认接受", en: "This policy needs no acceptance")
    package static let tooLate = ProblemType("insurance.accept_too_late", 409, zh: "确认期限已过", en: "The time to accept is over")
    package static let alreadyAccepted = ProblemType(
        "insurance.already_accepted", 409, zh: "已经接受，受益人请联系工会变更", en: "It is accepted: the union changes a beneficiary")
    package static let notRefusable = ProblemType(
        "insurance.not_refusable", 409, zh: "保障已生效，不能放弃", en: "It covers already: it cannot be refused")
    package static let over = ProblemType("insurance.policy_over", 409, zh: "这份保单已经结束", en: "The policy is over")
    package static let beneficiaryRequired = ProblemType(
        "insurance.beneficiary_required", 422, zh: "请指定受益人", en: "Name a beneficiary")
    package static let beneficiaryStatutory = ProblemType(
        "insurance.beneficiary_statutory", 422, zh: "这份保障的受益人为法定继承人，不能指定", en: "The heirs by law are the beneficiaries: none is named")
    package static let noCertificate = ProblemType(
        "insurance.no_certificate", 409, zh: "保障中的保单才有凭证", en: "Only a policy that covers has a certificate")

    package static let claimUnknown = ProblemType("insurance.claim_unknown", 404, zh: "没有这个报案", en: "There is no such claim")
    package static let notCovering = ProblemType(
        "insurance.not_covering", 409, zh: "这份保单没有生效，不能报案", en: "The policy has never covered: nothing can be claimed")
    package static let dayNotCovered = ProblemType(
        "insurance.day_not_covered", 422, zh: "出险日期不在保障期内", en: "The day is not covered")
    package static let requestIDReused = ProblemType(
        "insurance.request_id_reused", 409, zh: "同一请求号已用于其他报案", en: "The request id stands for another claim")
    package static let claimFinal = ProblemType(
        "insurance.claim_final", 409, zh: "已赔付的报案不能改为其他结果", en: "A claim that was paid stays paid")

    package static let notOpen = ProblemType("insurance.not_open", 409, zh: "现在不能参加", en: "It cannot be joined now")
    package static let notEligible = ProblemType("insurance.not_eligible", 409, zh: "不符合参加条件", en: "The rules do not let you in")
    package static let noPlace = ProblemType("insurance.no_place", 409, zh: "名额已满", en: "No place is left")
    package static let coveredAlready = ProblemType(
        "insurance.covered_already", 409, zh: "同类保障期间重叠，不能重复参加", en: "You have a policy of this kind on some of these days")
    package static let hadAlready = ProblemType(
        "insurance.had_already", 409, zh: "您已退出过这一批，不能再次参加", en: "You had a policy of this batch and it is over")
    package static let notActive = ProblemType("insurance.not_active", 409, zh: "会籍未处于有效状态", en: "The membership is not active")
    package static let tooManyChecks = ProblemType(
        "insurance.too_many_checks", 429, zh: "查询过于频繁，请稍后再试", en: "Too many checks: try again later", retryable: true)

    package static let all: [ProblemType] = [
        withInsurer, notIssued, noAcceptance, tooLate, alreadyAccepted, notRefusable, over, beneficiaryRequired, beneficiaryStatutory,
        noCertificate, claimUnknown, notCovering, dayNotCovered, requestIDReused, claimFinal, notOpen, notEligible, noPlace,
        coveredAlready, hadAlready, notActive, tooManyChecks,
    ]
}
