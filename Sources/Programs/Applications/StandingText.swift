import Allocation
import HTTP
import Postgres

/// How it stands, in plain sentences: before the result when it comes, afterwards what it is, why, what would have changed it and how to
/// appeal. Made of what the run wrote down; nothing is computed again.
struct StandingText {
    private let standing: Standing
    private let language: Language

    init(_ standing: Standing, _ language: Language) {
        self.standing = standing
        self.language = language
    }

    private func say(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    var lines: [String] {
        if standing.state == .cancelled {
            let reason = standing.cancelReason ?? "-"
            return [say("项目已取消：\(reason)", "The program was cancelled: \(reason)")]
        }
        return standing.isPublished ? after : before
    }

    // MARK: Before

    private var before: [String] {
        guard let application = standing.application, application.state == .applied else { return open }
        var lines = [
            say("您已报名，共 \(standing.applicants) 人报名\(expected.zh)。", "You have applied, as one of \(standing.applicants)\(expected.en).")
        ]
        lines.append(wishes(application))
        if standing.isOpen, let closesAt = standing.closesAt {
            lines.append(say("\(time(closesAt)) 前可以修改或撤回。", "Until \(time(closesAt)) it may be changed or withdrawn."))
        }
        return lines
    }

    private var open: [String] {
        var lines: [String] = []
        if standing.application != nil { lines.append(say("您已撤回报名。", "You have withdrawn your application.")) }
        if standing.isOpen, let closesAt = standing.closesAt {
            lines.append(say("正在报名，\(time(closesAt)) 截止。", "Applications are taken until \(time(closesAt))."))
        } else if !standing.hasClosed, let opensAt = standing.opensAt {
            lines.append(say("\(time(opensAt)) 开始报名。", "Applications are taken from \(time(opensAt)) on."))
        } else {
            return lines + [
                say(
                    "报名已截止，共 \(standing.applicants) 人报名\(expected.zh)。",
                    "Applications have closed, with \(standing.applicants)\(expected.en).")
            ]
        }
        if standing.ineligibility.isEmpty { return lines + [say("您可以报名。", "You may apply.")] }
        lines.append(say("您不能报名：", "You may not apply:"))
        return lines + standing.ineligibility.map { "  " + $0.detail[language] }
    }

    private var expected: Localized {
        guard let resultsAt = standing.resultsAt else { return Localized(zh: "，结果公布后通知您", en: "; you will be told the result") }
        return Localized(zh: "，结果预计 \(time(resultsAt)) 公布", en: "; the result is expected on \(time(resultsAt))")
    }

    private func wishes(_ application: ProgramApplication) -> String {
        let names = application.wishes.enumerated().map { "\($0 + 1). \(name($1))" }
        return say("志愿：\(names.joined(separator: "；"))", "Wishes: \(names.joined(separator: "; "))")
    }

    // MARK: After

    private var after: [String] {
        var lines = award
        if lines.isEmpty {
            guard let application = standing.application, application.state == .applied else {
                return [say("您没有报名此项目，结果已经公布。", "You have no application here; the result is published.")]
            }
            lines = outcome
        }
        lines += why
        if let appeal = standing.appeal { lines.append(say("如有异议：\(appeal)", "To appeal: \(appeal)")) }
        return lines
    }

    private var award: [String] {
        guard let award = standing.award else { return [] }
        let place = place(award.number)
        switch award.state {
        case .offered:
            guard let until = award.offeredUntil else { return [say("您分到了\(place)。", "You have a place: \(place).")] }
            return [
                say(
                    "您分到了\(place)，请在 \(time(until)) 前确认，逾期视为放弃。",
                    "You have a place: \(place). Confirm it until \(time(until)), or it goes to the next.")
            ]
        case .placed: return [say("您分到了\(place)。", "You have a place: \(place).")]
        case .confirmed: return [say("您的名额已确认：\(place)。", "Your place is confirmed: \(place).")]
        case .attended: return [say("您已参加：\(place)。", "You have attended: \(place).")]
        case .used: return [say("您已使用：\(place)。", "You have used it: \(place).")]
        case .declined: return [say("您放弃了\(place)。", "You declined \(place).")]
        case .lapsed: return [say("您没有按时确认，\(place)已让给下一位。", "\(place) was not confirmed in time and went to the next.")]
        case .withdrawn: return [say("您的名额已收回：\(place)。", "Your place was taken back: \(place).")]
        case .excused: return [say("您已请假：\(place)。", "You are excused from \(place).")]
        case .noShow: return [say("您没有到场：\(place)。", "You did not come: \(place).")]
        }
    }

    private var outcome: [String] {
        guard let result = standing.result else { return [say("没有您的分配结果。", "There is no result for you.")] }
        if let code = result.exclusion {
            let reason = Self.exclusions[code] ?? Localized(zh: code, en: code)
            return [say("您没有参加分配：\(reason.zh)。", "You took no part in the sharing out: \(reason.en).")]
        }
        if let number = result.number { return [say("您分到了\(place(number))。", "You were given \(place(number)).")] }
        guard let now = standing.waitingNow else { return [say("这次没有分到。", "You have no place this time.")] }
        return [
            say(
                "这次没有分到，候补第 \(now.place) 位，共 \(now.of) 人。有名额空出时按顺序递补。",
                "No place this time: \(Self.ordinal(now.place)) of \(now.of) on the waitlist. Freed places go down it in order.")
        ]
    }

    private var why: [String] {
        guard let result = standing.result, let place = result.place, let application = standing.application else { return [] }
        let priority = Int(application.priority)
        let classes = standing.rules.classes
        let title = classes.indices.contains(priority - 1) ? say("（\(classes[priority - 1].name)）", " (\(classes[priority - 1].name))") : ""
        var lines = [
            say(
                "统一排序第 \(place) 位，共 \(result.of) 人：第 \(priority) 类\(title)，积分 \(application.points)，再按抽签号。",
                "Place \(place) of \(result.of) in the common order: class \(priority)\(title), \(application.points) points, "
                    + "then the draw."
            )
        ]
        if let call = call(result, application) { lines.append(call) }
        guard !standing.refused.isEmpty else { return lines }
        lines.append(say("为什么不是更想要的场次：", "Why not a session liked better:"))
        for (index, session) in standing.refused.enumerated() {
            lines.append("  \(index + 1). \(session.title)\(say("：", ": "))\(reason(session, result))")
        }
        let changes = standing.refused.compactMap { change($0, result) }
        if !changes.isEmpty {
            lines.append(say("什么会改变结果（其余一切不变）：", "What would have changed it, all else as it is:"))
            lines += changes.map { "  " + $0 }
        }
        return lines
    }

    private func call(_ result: Standing.Result, _ application: ProgramApplication) -> String? {
        guard let number = result.position else {
            return isLocal ? nil : say("没有被叫到：名额已经发完。", "Not called: all places were gone before.")
        }
        switch result.phase {
        case .session, .notCalled: return nil
        case .floorFirst:
            let groups = standing.rules.groups.indices.filter { application.groups >> Int16($0) & 1 == 1 }.map {
                standing.rules.groups[$0].name
            }
            let own = groups.filter { name in standing.rules.floors.contains { $0.group == name } }
            let list = own.joined(separator: say("、", ", "))
            return say(
                "第 \(number) 个叫到：属于“\(list)”，其保底先叫。", "Call \(number), before others: as a member of \(list), whose floor is a promise.")
        case .winner: return say("第 \(number) 个叫到：按统一排序入围。", "Call \(number): among the winners of the common order.")
        case .floorLater: return say("第 \(number) 个叫到：补足尚缺的保底。", "Call \(number): to fill a floor that was still short.")
        case .later: return say("第 \(number) 个叫到：入围者之后，仍有座位。", "Call \(number): after the winners, for the seats they left.")
        }
    }

    private var isLocal: Bool { standing.rules.mode == Program.Mode.local.rawValue }

    private func reason(_ session: Standing.Session, _ result: Standing.Result) -> String {
        if isLocal { return say("已满，排在前面的人和保底名额用完了所有座位。", "full of people who go before or fill its reserved seats.") }
        guard let position = result.position else { return say("叫到之前名额已经发完。", "all places were gone before the call.") }
        guard let closing = session.closing else {
            return say("没有可分的座位，或所在单位已达上限。", "it had no seats to give, or the organization was at its cap.")
        }
        return say(
            "已满。最后一个座位给了第 \(closing) 个叫到的人，您是第 \(position) 个。", "full. The last seat went to call \(closing); this was call \(position).")
    }

    /// True by the replay certificate: who is called before the last seat goes gets it.
    private func change(_ session: Standing.Session, _ result: Standing.Result) -> String? {
        guard !isLocal, let closing = session.closing else { return nil }
        return say("在第 \(closing) 个之前叫到，就会分到“\(session.title)”。", "A call before number \(closing) would have brought \(session.title).")
    }

    // MARK: Parts

    private func name(_ number: Int32) -> String { standing.sessions[number]?.title ?? "#\(number)" }

    private func place(_ number: Int32) -> String {
        guard let session = standing.sessions[number] else { return "#\(number)" }
        let starts = session.startsAt.map { say("（\(time($0))）", " (\(time($0)))") } ?? ""
        return say("“\(session.title)”", session.title) + starts
    }

    private static let weekdays = [
        Localized(zh: "周一", en: "Monday"), Localized(zh: "周二", en: "Tuesday"), Localized(zh: "周三", en: "Wednesday"),
        Localized(zh: "周四", en: "Thursday"), Localized(zh: "周五", en: "Friday"), Localized(zh: "周六", en: "Saturday"),
        Localized(zh: "周日", en: "Sunday"),
    ]

    /// `2026-11-27 周五 18:00`.
    private func time(_ time: Standing.LocalTime) -> String {
        guard Self.weekdays.indices.contains(time.weekday - 1) else { return time.text }
        let parts = time.text.split(separator: " ")
        guard parts.count == 2 else { return time.text }
        let day = Self.weekdays[time.weekday - 1]
        return say("\(parts[0]) \(day.zh) \(parts[1])", "\(day.en) \(parts[0]), \(parts[1])")
    }

    static func ordinal(_ number: Int) -> String {
        let isTeen = (11...13).contains(number % 100)
        switch number % 10 {
        case 1 where !isTeen: return "\(number)st"
        case 2 where !isTeen: return "\(number)nd"
        case 3 where !isTeen: return "\(number)rd"
        default: return "\(number)th"
        }
    }

    private static let exclusions = [
        RunExclusion.memberNotActive.code: Localized(zh: "会籍当时未处于有效状态", en: "the membership was not active then"),
        RunExclusion.holdsBenefit.code: Localized(zh: "本期已享受同类福利", en: "a benefit of this kind and period was held already"),
        RunExclusion.holdsPlace.code: Localized(zh: "已有此项目的名额", en: "a place of this program was held already"),
        RunExclusion.noSeats.code: Localized(zh: "所选场次没有可分的座位", en: "none of the sessions wished for had a seat"),
        RunExclusion.otherApplication.code: Localized(
            zh: "同一人的另一份报名有效", en: "another application of the same person stands"),
    ]
}
