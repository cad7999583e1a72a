package import HTTP

/// Every problem of places that were given.
package enum AwardProblem {
    package static let notFound = ProblemType("award.not_found", 404, zh: "没有获得名额", en: "No place of this program was given")
    package static let notAllowed = ProblemType(
        "award.not_allowed", 409, zh: "名额目前的状态不能这样变更", en: "The place's present state does not allow this")
    package static let offerOver = ProblemType(
        "award.offer_over", 409, zh: "确认期限已过", en: "The time to confirm is over")
    package static let programNotPublished = ProblemType(
        "award.program_not_published", 409, zh: "结果尚未公布，或项目已结束", en: "The result is not published yet, or the program is over")
    package static let sessionUnknown = ProblemType(
        "award.session_unknown", 422, zh: "项目没有这个场次", en: "The program has no such session")
    package static let sessionFull = ProblemType("award.session_full", 409, zh: "该场次已满", en: "The session is full")
    package static let sessionOver = ProblemType("award.session_over", 409, zh: "该场次已开始", en: "The session has started")
    package static let quotaFull = ProblemType("award.quota_full", 409, zh: "项目名额已用完", en: "All places of the program are held")
    package static let holdsPlace = ProblemType(
        "award.holds_place", 409, zh: "此人已在本项目持有名额", en: "The person holds a place of this program already")
    package static let memberNotActive = ProblemType(
        "award.member_not_active", 409, zh: "不是有效会员，不能持有名额", en: "Only an active member holds a place")
    package static let benefitTaken = ProblemType(
        "award.benefit_taken", 409, zh: "本期已享受同类福利", en: "The person has a benefit of this kind and period already")

    package static let all: [ProblemType] = [
        notFound, notAllowed, offerOver, programNotPublished, sessionUnknown, sessionFull, sessionOver, quotaFull, holdsPlace,
        memberNotActive, benefitTaken,
    ]
}

extension AwardOutcome {
    /// - Throws: why the request was refused.
    package func check() throws {
        switch verdict {
        case .held, .moved, .unchanged: return
        case .noAward: throw Problem(AwardProblem.notFound)
        case .notAllowed, .repeated: throw Problem(AwardProblem.notAllowed)
        case .offerOver: throw Problem(AwardProblem.offerOver)
        case .programUnknown: throw Problem(ProgramProblem.notFound)
        case .programNotPublished: throw Problem(AwardProblem.programNotPublished)
        case .sessionUnknown: throw Problem(AwardProblem.sessionUnknown)
        case .sessionFull: throw Problem(AwardProblem.sessionFull)
        case .sessionOver: throw Problem(AwardProblem.sessionOver)
        case .quotaFull: throw Problem(AwardProblem.quotaFull)
        case .holdsPlace: throw Problem(AwardProblem.holdsPlace)
        case .memberNotActive: throw Problem(AwardProblem.memberNotActive)
        case .benefitTaken: throw Problem(AwardProblem.benefitTaken)
        }
    }
}
