package import HTTP
import Registry
import Runtime

/// The problems of applications to programs, and the reasons that stand in them.
package enum ApplicationProblem {
    package static let notOpen = ProblemType(
        "program.not_open", 409, zh: "报名尚未开始", en: "Applications are not taken yet", retryable: true)
    package static let closed = ProblemType("program.closed", 410, zh: "报名已经截止", en: "Applications are not taken any more")
    package static let refused = ProblemType(
        "application.refused", 422, zh: "不能报名", en: "This application is not taken")
    package static let none = ProblemType(
        "application.none", 404, zh: "没有报名此项目", en: "There is no application to this program")

    package static let all: [ProblemType] = [notOpen, closed, refused, none]

    /// The problem that tells these reasons: what the program's time says goes before what is wrong with the application.
    static func problem(_ reasons: [Violation]) -> Problem {
        let codes = Set(reasons.map(\.code))
        let type = [notOpen, closed].first { codes.contains($0.code) } ?? refused
        return Problem(type, violations: reasons)
    }
}

/// Why an application is not taken; several may hold at once.
enum ApplicationReason {
    static let wishesMissing = Violation(
        "application.wishes_missing", pointer: "/wishes", zh: "至少选择一个场次", en: "An application wishes for one session at least")
    static let wishesTooMany = Violation(
        "application.wishes_too_many", pointer: "/wishes", zh: "最多选择 \(ProgramApplication.wishCountMax) 个场次",
        en: "An application has at most \(ProgramApplication.wishCountMax) wishes")
    static let memberNotActive = Violation(
        "application.member_not_active", zh: "会籍未处于有效状态", en: "The membership is not active")
    static let benefitHeld = Violation(
        "application.benefit_held", zh: "本期已享受同类福利", en: "A benefit of this kind and period is held already")

    static func wishRepeated(_ index: Int) -> Violation {
        Violation("application.wish_repeated", pointer: "/wishes/\(index)", zh: "场次重复", en: "This session is wished for twice")
    }

    static func sessionUnknown(_ index: Int) -> Violation {
        Violation(
            "application.session_unknown", pointer: "/wishes/\(index)", zh: "此项目没有这个场次", en: "The program has no such session")
    }

    static func sessionForOthers(_ index: Int) -> Violation {
        Violation(
            "application.session_for_others", pointer: "/wishes/\(index)", zh: "此场次只面向其他单位的会员",
            en: "This session is for members of other organizations")
    }

    static func notEligible(_ condition: Localized) -> Violation {
        Violation("application.not_eligible", zh: "不符合条件：\(condition.zh)", en: "This does not hold: \(condition.en)")
    }

    /// What is wrong with the wishes: by themselves, and of somebody who belongs to these organizations.
    static func faults(of wishes: [Int32], _ entry: FrozenRules.Entry, _ organizations: [ID<Organization>]) -> [Violation] {
        if wishes.isEmpty { return [wishesMissing] }
        var faults = wishes.count > ProgramApplication.wishCountMax ? [wishesTooMany] : []
        var known: Set<Int32> = []
        for (index, wish) in wishes.enumerated() {
            if !known.insert(wish).inserted { faults.append(wishRepeated(index)) }
            switch entry.audiences[wish] {
            case nil: faults.append(sessionUnknown(index))
            case .some(let audience?) where !organizations.contains(audience): faults.append(sessionForOthers(index))
            case .some: break
            }
        }
        return faults
    }

    /// Of a code that `programs_apply` gives.
    static func of(_ code: String) throws(Unknown) -> Violation {
        guard let type = [ApplicationProblem.notOpen, ApplicationProblem.closed].first(where: { $0.code == code }) else { throw Unknown() }
        return Violation(code, zh: type.title.zh, en: type.title.en)
    }

    struct Unknown: Error {}
}
