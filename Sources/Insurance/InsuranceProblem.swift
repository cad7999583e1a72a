package import HTTP

/// The problems of insurers, products, batches and policies.
package enum InsuranceProblem {
    package static let insurerUnknown = ProblemType("insurance.insurer_unknown", 404, zh: "没有这个承保单位", en: "There is no such insurer")
    package static let productUnknown = ProblemType("insurance.product_unknown", 404, zh: "没有这个产品", en: "There is no such product")
    package static let batchUnknown = ProblemType("insurance.batch_unknown", 404, zh: "没有这个批次", en: "There is no such batch")
    package static let policyUnknown = ProblemType("insurance.policy_unknown", 404, zh: "没有这份保单", en: "There is no such policy")
    package static let organizationUnknown = ProblemType(
        "insurance.organization_unknown", 422, zh: "没有这个组织", en: "There is no such organization")
    package static let invalid = ProblemType("insurance.invalid", 422, zh: "内容有误", en: "Something in it is not right")
    package static let changed = ProblemType(
        "insurance.changed", 412, zh: "内容已被他人修改，请刷新", en: "Somebody else has changed it: read it again")
    package static let wrongState = ProblemType("insurance.wrong_state", 409, zh: "当前状态不能这样做", en: "Not in its present state")
    package static let frozen = ProblemType(
        "insurance.frozen", 409, zh: "已公布的内容不能修改", en: "What was announced is not changed any more")
    package static let nobodyEligible = ProblemType(
        "insurance.nobody_eligible", 409, zh: "没有符合条件的会员", en: "The rules let nobody in")
    package static let underWay = ProblemType("insurance.run_under_way", 409, zh: "分配正在进行", en: "A run is under way")
    package static let ownRun = ProblemType(
        "insurance.own_run", 403, zh: "不能复核自己发起的分配", en: "A run is reviewed by another than its maker")

    package static let all: [ProblemType] = [
        insurerUnknown, productUnknown, batchUnknown, policyUnknown, organizationUnknown, invalid, changed, wrongState, frozen,
        nobodyEligible, underWay, ownRun,
    ]

    static func invalid(_ faults: [Violation]) -> Problem { Problem(invalid, violations: faults) }
}
