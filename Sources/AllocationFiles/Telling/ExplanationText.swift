package import Allocation

/// What became of one applicant, why, and what would have changed it, in plain sentences.
package struct ExplanationText {
    private let record: AuditFile.Record
    private let language: SpokenLanguage

    package init(_ record: AuditFile.Record, _ language: SpokenLanguage) {
        self.record = record
        self.language = language
    }

    /// - Returns: lines of text; nil: there is no such ticket.
    package func lines(for ticket: Ticket) -> [String]? {
        let applicants = record.input.applicants
        guard let row = applicants.tickets.firstIndex(of: ticket.rawValue) else { return nil }
        guard applicants.exclusions[row] == 0 else {
            let code = record.input.exclusions[Int(applicants.exclusions[row]) - 1]
            return [
                language(
                    "\(ticket)：不能参加本次分配，原因：\(code)。", "\(ticket) may have nothing in this sharing out. The reason given: \(code).")
            ]
        }
        guard let place = record.allocation.lineup.rows.firstIndex(of: UInt32(row)) else { return nil }
        let explanation = Explainer(record.allocation).explain(place)
        var lines = [result(ticket, explanation), order(row, explanation)]
        if let call = call(explanation) { lines.append(call) }
        if !explanation.refused.isEmpty {
            lines += ["", language("为什么不是更想要的场次：", "Why not a session liked better:")]
            for (index, wish) in explanation.refused.enumerated() {
                lines.append("  \(index + 1). \(name(wish.session))\(language("：", ": "))\(reason(wish.refusal, explanation))")
            }
            let changes = WhatIf(record.allocation).changes(for: place)
            lines += ["", language("什么会改变结果（其余一切不变）：", "What would have changed it, all else as it is:")]
            lines += changes.isEmpty ? ["  " + nothing] : changes.map { "  " + change($0, explanation) }
        }
        return lines
    }

    private func name(_ session: Int) -> String { record.input.sessions[session].name }

    private func result(_ ticket: Ticket, _ explanation: Explanation) -> String {
        switch explanation.result {
        case .placed(let session, let wish):
            language(
                "\(ticket)：已分到“\(name(session))”，是第 \(wish) 志愿。", "\(ticket) has a place at \(name(session)), wish number \(wish).")
        case .waiting(let place):
            language("\(ticket)：没有分到，候补第 \(place) 位。", "\(ticket) has no place and is number \(place) on the waiting list.")
        }
    }

    private func order(_ row: Int, _ explanation: Explanation) -> String {
        let applicants = record.input.applicants
        let number = Int(applicants.classes[row])
        let names = record.input.classes
        let title = names.indices.contains(number - 1) ? language("（\(names[number - 1])）", " (\(names[number - 1]))") : ""
        let all = record.allocation.lineup.count
        return language(
            "统一排序第 \(explanation.place) 位，共 \(all) 人：第 \(number) 类\(title)，积分 \(applicants.points[row])，再按抽签号。",
            "Place \(explanation.place) of \(all) in the common order: class \(number)\(title), \(applicants.points[row]) points, "
                + "then the draw."
        )
    }

    private func call(_ explanation: Explanation) -> String? {
        let number = explanation.position
        switch explanation.phase {
        case .session: return nil
        case .notCalled: return language("没有被叫到：名额已经发完。", "Not called: all places were gone before.")
        case .floorFirst(let floor):
            let allocation = record.allocation
            let group = allocation.program.groups[allocation.floors.floors[floor].group]
            return language(
                "第 \(number) 个叫到：属于“\(group)”，其保底先叫。", "Call \(number), before others: as a member of \(group), whose floor is a promise.")
        case .winner: return language("第 \(number) 个叫到：按统一排序入围。", "Call \(number): among the winners of the common order.")
        case .floorLater: return language("第 \(number) 个叫到：补足尚缺的保底。", "Call \(number): to fill a floor that was still short.")
        case .later: return language("第 \(number) 个叫到：入围者之后，仍有座位。", "Call \(number): after the winners, for the seats they left.")
        }
    }

    private func reason(_ refusal: Explanation.Refusal, _ explanation: Explanation) -> String {
        let own = explanation.position
        switch refusal {
        case .full(let closing):
            return language(
                "已满。最后一个座位给了第 \(closing) 个叫到的人，您是第 \(own) 个。", "full. The last seat went to call \(closing); this was call \(own).")
        case .organizationFull(0): return language("所在单位不能有名额。", "the organization may have no winners.")
        case .organizationFull(let closing):
            return language(
                "所在单位已达上限，最后一个名额在第 \(closing) 个叫到时用完，您是第 \(own) 个。",
                "the organization was at its cap: its last winner was call \(closing), this was call \(own).")
        case .quotaReached:
            let quota = record.allocation.outcome.quota
            return language("叫到之前，\(quota) 个名额已经发完。", "all \(quota) places were gone before.")
        case .others(let last?, let isLocal):
            let local = isLocal ? language("（本地区的人优先）", ", and people of its own area go first") : ""
            return language(
                "已满。那里同类的最后一人排在第 \(last) 位\(local)，您是第 \(explanation.place) 位。",
                "full. The last one there who counts for the same floors has place \(last)\(local); this is place \(explanation.place).")
        case .others(nil, _):
            return language(
                "已满。排在前面的人和保底名额用完了所有座位。", "full of people who go before or fill its reserved seats.")
        }
    }

    private var nothing: String {
        language("更靠前的排序、别的群体或类别都不会带来更想要的场次。", "No earlier place, no other group and no other class would have.")
    }

    private func change(_ change: WhatIf.Change, _ explanation: Explanation) -> String {
        switch change {
        case .place(let place, let session):
            return language(
                "统一排序在第 \(place) 位或更前（现在第 \(explanation.place) 位），就会分到“\(name(session))”。",
                "Place \(place) or an earlier one in the common order (it was \(explanation.place)) would have brought \(name(session)).")
        case .group(let group, let session):
            let group = record.allocation.program.groups[group]
            return language(
                "如果属于“\(group)”，抽签号不变，就会分到“\(name(session))”。",
                "As a member of \(group), with the same number in the draw: \(name(session)).")
        case .priority(let number, let session):
            return language(
                "如果是第 \(number) 类，积分和抽签号不变，就会分到“\(name(session))”。",
                "In class \(number), with the same points and number: \(name(session)).")
        }
    }
}
