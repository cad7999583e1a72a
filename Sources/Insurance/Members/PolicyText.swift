import HTTP
import Postgres
import Runtime

/// How it stands with a policy, in one or two plain sentences. Nobody is told "covered" before the insurer has said so.
struct PolicyText {
    private let own: OwnPolicy
    private let language: Language

    init(_ own: OwnPolicy, _ language: Language) {
        self.own = own
        self.language = language
    }

    private func say(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    var text: String {
        let policy = own.policy
        let (first, last) = (policy.coverFrom, own.lastDay)
        switch own.state {
        case .reserved:
            let reserved = say("已为您预留名额，目前尚未生效：保险公司还没有承保。", "Reserved for you. You are NOT covered yet: the insurer has not issued it.")
            guard own.isUnpaid else { return reserved }
            return reserved
                + say(
                    "请缴纳参加费 \(Yuan.text(Int64(own.contributionFen))) 元；\(MutualAid.unpaidDays) 天内未缴，名额退回。",
                    " Pay the contribution of \(Yuan.text(Int64(own.contributionFen))) yuan: unpaid places go back after "
                        + "\(MutualAid.unpaidDays) days.")
        case .sent: return say("已报送保险公司，等待出单，目前尚未生效。", "It is with the insurer. You are NOT covered yet.")
        case .rejected: return say("保险公司没有承保，工会正在处理，目前没有保障。", "The insurer did not issue it; the union sees to it. You are NOT covered.")
        case .issued: return issued
        case .accepted:
            return say("您已接受，保障自 \(first) 起，至 \(last)（含当日）。", "Accepted. You are covered from \(first) until \(last), both days included.")
        case .active, .claimed, .expired:
            guard own.state != .expired, !own.hasEnded else { return say("保障已于 \(last) 结束。", "The cover ended on \(last).") }
            let paid = own.state == .claimed ? say("已有理赔。", "A claim was paid. ") : ""
            return paid + say("保障中，至 \(last)（含当日）。", "You are covered until \(last), that day included.")
        case .refused: return say("您已放弃这份保障。", "You refused this policy.")
        case .returned: return say("名额已退回：\(reason)。", "The place was given back: \(reason).")
        case .cancelled: return say("保障已提前终止：\(reason)。", "The cover was ended before its time: \(reason).")
        }
    }

    private var issued: String {
        let (first, last) = (own.policy.coverFrom, own.lastDay)
        guard own.isAcceptedByMember, let until = own.policy.acceptUntil else {
            return say(
                "已出单，保障自 \(first) 起，至 \(last)（含当日），无需办理手续。",
                "Issued. You are covered from \(first) until \(last); nothing is left to do.")
        }
        if own.isTooLate {
            return say("没有按时确认接受，名额将退回。没有保障。", "It was not accepted in time and goes back. You are NOT covered.")
        }
        let time = ChinaTime.text(until)
        return say(
            "已出单，请在 \(time) 前确认接受，逾期退回；接受后自 \(first) 起保障。目前尚未生效。",
            "Issued. Please accept it by \(time), or it goes back; accepted, it covers from \(first) on. You are NOT covered yet.")
    }

    /// Why it ended: ours are codes, insurers' and organizers' are words.
    private var reason: String {
        let known: [String: Localized] = [
            "left": Localized(zh: "已退会", en: "you left the union"),
            "moved_away": Localized(zh: "已转出", en: "you moved to another organization"),
            "merged": Localized(zh: "您另有一份同类保单", en: "you have another policy of the kind"),
            "not_accepted": Localized(zh: "没有按时确认接受", en: "it was not accepted in time"),
            MutualAid.unpaidReason: Localized(zh: "没有按时缴纳参加费", en: "the contribution was not paid in time"),
        ]
        guard let reason = own.policy.reason else { return "-" }
        return known[reason]?[language] ?? reason
    }
}

/// Times as people in China read them.
enum ChinaTime {
    /// `2026-11-27 18:00`.
    static func text(_ time: Timestamp) -> String {
        let minutes = (time.microseconds + 8 * 3_600_000_000) / 60_000_000
        let (day, minute) = minutes.quotientAndRemainder(dividingBy: 1_440)
        return "\(CalendarDate(daysSince1970: Int(day))) \(two(minute / 60)):\(two(minute % 60))"
    }

    private static func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
}

/// Money as people read it.
enum Yuan {
    /// `100,000`, `12.50`.
    static func text(_ fen: Int64) -> String {
        let (yuan, rest) = fen.quotientAndRemainder(dividingBy: 100)
        var digits = Array(String(yuan))
        for place in stride(from: digits.count - 3, to: 0, by: -3) { digits.insert(",", at: place) }
        return String(digits) + (rest == 0 ? "" : rest < 10 ? ".0\(rest)" : ".\(rest)")
    }
}
