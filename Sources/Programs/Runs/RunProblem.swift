import Allocation
import AllocationFiles
package import HTTP

/// Every problem of sharing out, of its review and of its publication.
package enum RunProblem {
    package static let notFound = ProblemType("program.run_not_found", 404, zh: "没有这次分配", en: "There is no such run")
    package static let noApplicants = ProblemType(
        "program.no_applicants", 409, zh: "没有人报名，无从分配", en: "Nobody has applied: there is nothing to share out")
    package static let cannotRun = ProblemType(
        "program.cannot_run", 422, zh: "按现有规则和场次无法分配", en: "It cannot be shared out by these rules and sessions")
    package static let underWay = ProblemType(
        "program.run_under_way", 409, zh: "已有一次分配正在进行，请等它结束", en: "A run of this program is under way: wait for its end")
    package static let beaconAwaited = ProblemType(
        "program.beacon_awaited", 409, zh: "公开随机数还没有填入", en: "The public number has not been given yet")
    package static let beaconRefused = ProblemType(
        "program.beacon_refused", 409, zh: "公开随机数只能在截止后填一次", en: "The public number is given once, and after the program has closed")
    package static let inputsChanged = ProblemType(
        "program.inputs_changed", 409, zh: "报名数据与截止时公布的摘要不符", en: "The applications are not those whose hash was published at closing")
    package static let ownRun = ProblemType(
        "program.own_run", 403, zh: "自己做的分配须由他人复核", en: "Who made a run does not review it: somebody else must")
    package static let decided = ProblemType(
        "program.run_decided", 409, zh: "这次分配已复核，或已有新的分配", en: "This run was reviewed already, or another was made after it")
    package static let notReviewed = ProblemType(
        "program.not_reviewed", 409, zh: "分配结果未经他人复核，不能公布", en: "A run is not published before somebody else has reviewed it")
    package static let notPublished = ProblemType(
        "program.not_published", 404, zh: "结果尚未公布", en: "The result is not published yet")
    package static let groupUnknown = ProblemType(
        "program.group_unknown", 422, zh: "规则里没有这个群体", en: "The rules have no such group")
    package static let sessionUnknown = ProblemType(
        "program.session_unknown", 422, zh: "没有这个场次，或该场次没有可分配的座位", en: "There is no such session, or it has no seats to share out")
    package static let simulationTooWide = ProblemType(
        "program.simulation_too_wide", 422, zh: "一次最多对比 8 种方案", en: "At most 8 variants are compared at once")
    package static let fileBusy = ProblemType(
        "program.file_busy", 503, zh: "审计文件正在生成，请稍后再试", en: "The audit file is being made for others: try again in a moment",
        retryable: true)

    package static let all: [ProblemType] = [
        notFound, noApplicants, cannotRun, underWay, beaconAwaited, beaconRefused, inputsChanged, ownRun, decided, notReviewed,
        notPublished, groupUnknown, sessionUnknown, simulationTooWide, fileBusy,
    ]

    /// Why these cannot be shared out.
    static func of(_ faults: [AllocationFault]) -> Problem {
        if faults.contains(where: { $0.reason == .noApplicants }) { return Problem(noApplicants) }
        return Problem(
            cannotRun,
            violations: faults.prefix(20).map { fault in
                let code = FileFault.Code.rule(fault.reason)
                let detail = fault.detail.isEmpty ? "" : ": \(fault.detail)"
                return Violation(
                    fault.reason.rawValue, pointer: "", zh: code.sentence(.zh) + detail, en: code.sentence(.en) + detail)
            })
    }
}
