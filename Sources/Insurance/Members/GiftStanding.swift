import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// How it stands with one person in one batch, as rows tell it: all that words are made of.
struct GiftStanding: Sendable {
    /// As the run looked at the person.
    struct Look: Hashable, Sendable {
        /// The number under which the lottery drew.
        let memberID: ID<Member>
        /// In the common order, 1 for the first.
        let place: Int32
        /// 1 for those who go first.
        let priority: Int16
        /// Bit 0 for the first group.
        let groups: Int16
    }

    struct Own: Hashable, Sendable {
        let id: ID<Policy>
        let state: PolicyState
        let source: Policy.Source
        let way: String?
    }

    /// What a confirmed run never changes any more.
    struct Draw: Sendable {
        /// Those in the common order.
        let candidates: Int
        /// Policies that there were to give.
        let quota: Int
        /// The last place that got one as the next in the common order, without a floor; nil: floors took all.
        let lastPlace: Int32?
        let secret: [UInt8]
    }

    enum Verdict: String, Codable, CaseIterable, Sendable {
        case given
        case givenBack = "given_back"
        /// Looked at, and the next ones when places come free.
        case waiting
        /// Looked at, and nothing is given any more.
        case notGiven = "not_given"
        /// Looked at, and not to be given one now.
        case leftOut = "left_out"
        case notLookedAt = "not_looked_at"
        /// Of mutual aid.
        case mayJoin = "may_join"
        case mayNotJoin = "may_not_join"
    }

    let batch: InsuranceBatch
    let product: InsuranceProduct
    let own: Own?
    let look: Look?
    /// Nil for mutual aid, which is not drawn.
    var draw: Draw?
    /// By a policy of the family that another batch gave.
    let isCovered: Bool
    let isActive: Bool
    /// Of mutual aid: whether the time to join is there.
    let isJoinTime: Bool
    /// The conditions that do not hold now.
    let failing: [Localized]

    var verdict: Verdict {
        if let own { return own.state == .refused || own.state == .returned ? .givenBack : .given }
        if batch.facts.kind == .mutualAid {
            let isOpen = batch.state == .confirmed && isJoinTime && batch.places.free > 0
            return isOpen && isActive && !isCovered && failing.isEmpty ? .mayJoin : .mayNotJoin
        }
        guard look != nil else { return .notLookedAt }
        if isCovered || !isActive { return .leftOut }
        return batch.state == .confirmed ? .waiting : .notGiven
    }

    /// Whether a floor decided what the run gave this person: without floors the first places get what there is.
    var isDecidedByFloor: Bool {
        guard let look, let draw else { return false }
        return (own?.source == .run) != (Int(look.place) <= draw.quota)
    }

    var groupNames: [String] {
        guard let look else { return [] }
        let groups = batch.facts.rules.groups
        return groups.indices.filter { look.groups >> Int16($0) & 1 == 1 }.map { groups[$0].name }
    }

    var className: String? {
        guard let look, batch.facts.rules.classes.indices.contains(Int(look.priority) - 1) else { return nil }
        return batch.facts.rules.classes[Int(look.priority) - 1].name
    }

    /// Why not, in words: nothing for who has one.
    var reasons: [(code: String, text: Localized)] {
        guard own == nil else { return [] }
        var reasons: [(code: String, text: Localized)] = []
        if !isActive { reasons.append(("not_active", Localized(zh: "会籍未处于有效状态", en: "the membership is not active"))) }
        if isCovered {
            reasons.append(
                ("covered", Localized(zh: "已有同类保障，期间重叠", en: "you have a policy of this kind on some of these days")))
        }
        for text in failing where look == nil || batch.facts.kind == .mutualAid {
            reasons.append(("rules", Localized(zh: "不符合条件：\(text.zh)", en: "this does not hold: \(text.en)")))
        }
        if batch.facts.kind == .mutualAid {
            if batch.state != .confirmed || !isJoinTime {
                reasons.append(("not_open", Localized(zh: "参加时间已过", en: "the time to join is over")))
            }
            if batch.places.free == 0 { reasons.append(("no_place", Localized(zh: "名额已满", en: "no place is left"))) }
        } else if look == nil, reasons.isEmpty {
            reasons.append(
                (
                    "later",
                    Localized(
                        zh: "现在符合条件，但分配时不符合（会籍、资料或已有保障在那之后变化）",
                        en: "all holds now, and did not when the run looked: membership, data or another policy changed since")
                ))
        }
        return reasons
    }
}

/// The same in plain sentences.
struct GiftStandingText {
    let standing: GiftStanding
    let language: Language

    private func say(_ zh: String, _ en: String) -> String { language == .zh ? zh : en }

    var lines: [String] {
        var lines = drawn
        switch standing.verdict {
        case .given: lines.append(say("您有一份，见“我的保障”。", "You have one: see your policies."))
        case .givenBack: lines.append(say("您曾有一份，已退回。", "You had one, and it went back."))
        case .waiting:
            lines.append(say("您在候补：有名额空出时，先补保底，再按排序递补。", "You wait: what comes free first fills floors, then goes down the order."))
        case .notGiven: lines.append(say("这次没有分到，批次已结束。", "You got none, and the batch is closed."))
        case .leftOut: lines.append(say("您目前不能得到：", "You cannot be given one now:"))
        case .notLookedAt: lines.append(say("分配时您不在名单中：", "The run did not look at you:"))
        case .mayJoin: lines.append(say("您可以参加。", "You may join."))
        case .mayNotJoin: lines.append(say("您不能参加：", "You may not join:"))
        }
        lines += standing.reasons.map { "  " + $0.text[language] }
        if standing.draw != nil {
            lines.append(say("抽签密钥已公布，任何人都可以重新计算。", "The lottery's secret is public: anybody can draw again."))
        }
        return lines
    }

    private var drawn: [String] {
        guard let look = standing.look, let draw = standing.draw else { return [] }
        let named = standing.className.map { say("（\($0)）", " (\($0))") } ?? ""
        let groups = standing.groupNames.joined(separator: say("、", ", "))
        let member = groups.isEmpty ? "" : say("，属于\(groups)", ", a member of \(groups)")
        var lines = [
            say(
                "符合条件的 \(draw.candidates) 人，共 \(draw.quota) 份。您是第 \(look.priority) 类\(named)\(member)，统一排序第 \(look.place) 位。",
                "\(draw.candidates) people came into question for \(draw.quota) policies. You are of class \(look.priority)\(named)"
                    + "\(member), at place \(look.place) of the common order.")
        ]
        if let last = draw.lastPlace {
            lines.append(say("不靠保底分到的最后一位是第 \(last) 位。", "The last place that got one without a floor is \(last)."))
        }
        if standing.isDecidedByFloor {
            lines.append(
                standing.own?.source == .run
                    ? say("您因保底分到：只按排序不会分到。", "A floor decided: by the order alone you would have got none.")
                    : say("保底决定了结果：只按排序您会分到。", "A floor decided: by the order alone you would have got one."))
        }
        return lines
    }
}
