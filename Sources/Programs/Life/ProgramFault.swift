import Allocation
import HTTP
import Postgres

/// What is wrong with a program's facts, each with the field it stands in.
enum ProgramFault {
    static let titleSigns = Violation(
        "program.title_signs", pointer: "/title", zh: "名称不能含有控制字符或 , | = \"", en: "A title holds no control characters and none of , | = \""
    )
    static let closesBeforeItOpens = Violation(
        "program.closes_before_it_opens", pointer: "/closesAt", zh: "截止时间须晚于开始时间", en: "It closes after it opens")
    static let runsBeforeItCloses = Violation(
        "program.runs_before_it_closes", pointer: "/runAt", zh: "分配时间不能早于报名截止", en: "It is shared out once it has closed")
    static let resultsBeforeItCloses = Violation(
        "program.results_before_it_closes", pointer: "/resultsAt", zh: "结果公布时间不能早于报名截止", en: "Results come once it has closed")
    static let periodMissing = Violation(
        "program.period_missing", pointer: "/period", zh: "福利类别与期间须同时填写", en: "A benefit's family and its period go together")
    static let timesMissing = Violation(
        "program.times_missing", pointer: "/opensAt", zh: "公布前须填写报名开始和截止时间", en: "An announced program says when it opens and closes")
    static let closedBeforeAnnounced = Violation(
        "program.closes_in_the_past", pointer: "/closesAt", zh: "报名截止时间已过", en: "It would have closed already")
    static let beaconMissing = Violation(
        "program.beacon_missing", pointer: "/beaconSource", zh: "请写明公开随机数的来源和时间", en: "Say which public number is drawn, and when it comes")
    static let timeZoneUnknown = Violation(
        "program.time_zone_unknown", pointer: "/timeZone", zh: "没有这个时区", en: "There is no such time zone")
    static let organizationUnknown = Violation(
        "program.organization_unknown", pointer: "/organizationId", zh: "没有这个工会组织", en: "There is no such organization")
    static let sessionsMissing = Violation(
        "program.sessions_missing", pointer: "/sessions", zh: "项目没有可分的名额", en: "There is not a single place to share out")
    static let returnsTooEarly = Violation(
        "program.returns_too_early", pointer: "/returnsAt", zh: "名额收回时间须晚于报名截止", en: "Places come back after it has closed")
    static let localQuota = Violation(
        "program.local_quota", pointer: "/quota", zh: "按场次优先时，总名额不能少于各场次之和",
        en: "In mode local the quota is not less than all sessions together")

    static func sessionInvalid(_ index: Int, zh: String, en: String) -> Violation {
        Violation("program.session_invalid", pointer: "/sessions/\(index)", zh: zh, en: en)
    }
}

extension ProgramFacts {
    /// What is wrong between its fields, in a draft already. The rules' own faults stand in `ProgramRules.faults`.
    var violations: [Violation] {
        var found: [Violation] = []
        if !ProgramSession.isPlain(title) { found.append(ProgramFault.titleSigns) }
        if let opensAt, let closesAt, closesAt <= opensAt { found.append(ProgramFault.closesBeforeItOpens) }
        if let runAt, let closesAt, runAt < closesAt { found.append(ProgramFault.runsBeforeItCloses) }
        if let resultsAt, let closesAt, resultsAt < closesAt { found.append(ProgramFault.resultsBeforeItCloses) }
        if (family == nil) != (period == nil) { found.append(ProgramFault.periodMissing) }
        return found
    }

    /// What is missing before it can be announced.
    func violationsToAnnounce(quota: Int32, sessions: [ProgramSession], nowMicroseconds: Int64) -> [Violation] {
        var found = violations
        if opensAt == nil || closesAt == nil { found.append(ProgramFault.timesMissing) }
        if let closesAt, closesAt.microseconds <= nowMicroseconds { found.append(ProgramFault.closedBeforeAnnounced) }
        if lotteryKind != .secret, beaconSource == nil { found.append(ProgramFault.beaconMissing) }
        let seats = sessions.reduce(Int64(0)) { $0 + Int64($1.capacity - $1.walkIn) }
        if quota < 1 || seats < 1 { found.append(ProgramFault.sessionsMissing) }
        if rules.mode == Program.Mode.local.rawValue, Int64(quota) < seats { found.append(ProgramFault.localQuota) }
        return found + rules.faults(quota: Int(quota))
    }
}

extension ProgramSession {
    /// Whether a name stands in an audit file as it is.
    static func isPlain(_ text: String) -> Bool {
        !text.isEmpty
            && text.unicodeScalars.allSatisfy { scalar in
                scalar.properties.generalCategory != .control && scalar != "," && scalar != "|" && scalar != "=" && scalar != "\""
            }
    }

    /// What is wrong with a list of sessions of one program.
    static func violations(_ sessions: [ProgramSession]) -> [Violation] {
        var found: [Violation] = []
        var numbers: Set<Int32> = []
        var titles: Set<[UInt8]> = []
        for (index, session) in sessions.enumerated() {
            if !isPlain(session.title) {
                found.append(
                    ProgramFault.sessionInvalid(
                        index, zh: "场次名称不能为空或含有 , | = \"", en: "A session's title is not empty and holds none of , | = \""))
            }
            if !numbers.insert(session.number).inserted || !titles.insert(Array(session.title.utf8)).inserted {
                found.append(
                    ProgramFault.sessionInvalid(index, zh: "场次编号和名称不能重复", en: "Each session has a number and a title of its own"))
            }
            if session.walkIn > session.capacity {
                found.append(
                    ProgramFault.sessionInvalid(index, zh: "现场名额不能多于场次名额", en: "Seats for walk-ins are a part of the session's seats"))
            }
            if let startsAt = session.startsAt, let endsAt = session.endsAt, endsAt <= startsAt {
                found.append(ProgramFault.sessionInvalid(index, zh: "结束时间须晚于开始时间", en: "A session ends after it starts"))
            }
        }
        return found
    }
}
