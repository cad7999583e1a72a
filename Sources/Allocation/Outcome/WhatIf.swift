/// What would have changed an applicant's result: found by running the rule again with this one applicant changed, so it is true, floors
/// and all.
///
/// One run a question; a search among places halves them, for moving up never hurts (a property that the tests hold the rule to).
package struct WhatIf: Sendable {
    package enum Change: Hashable, Sendable {
        /// With any place in the common order up to this one (1 for the first), all else as it is: the last one that brings something
        /// better.
        case place(Int, session: Int)
        /// As a member of the group (its index in the program) with the same number.
        case group(Int, session: Int)
        /// With this class, and the same points and number.
        case priority(class: UInt16, session: Int)
    }

    private let allocation: Allocation

    package init(_ allocation: Allocation) {
        self.allocation = allocation
    }

    /// - Parameter place: in the common order, 0 for the first.
    /// - Returns: the last place that would have brought something better, the last that would have brought the dearest wish (if that is
    ///   another), and each group and the nearest class that would have brought something better. Empty for whoever has the dearest wish.
    package func changes(for place: Int) -> [Change] {
        let present = wish(of: place, in: allocation.outcome)
        guard present > 0 else { return [] }
        var changes: [Change] = []
        let row = Int(allocation.lineup.rows[place])
        if let better = lastPlace(before: place, bringing: present - 1) {
            changes.append(better)
            if case .place(_, let session) = better, session != wished(place, 0), let dearest = lastPlace(before: place, bringing: 0) {
                changes.append(dearest)
            }
        }
        for group in allocation.program.groups.indices where allocation.applicants.groups[row] >> UInt8(group) & 1 == 0 {
            let mask = allocation.floors.mask(groups: allocation.applicants.groups[row] | 1 << UInt8(group))
            if mask == allocation.lineup.floorMasks[place] { continue }
            if let session = better(place, at: place, mask) { changes.append(.group(group, session: session)) }
        }
        if let priority = nearestClass(place, row) { changes.append(priority) }
        return changes
    }

    /// How many sessions the applicant likes better than the result.
    private func wish(of place: Int, in outcome: Outcome) -> Int {
        allocation.lineup.wishes(of: place).prefix { $0 != outcome.sessions[place] }.count
    }

    private func wished(_ place: Int, _ wish: Int) -> Int {
        Int(allocation.lineup.wishes[allocation.lineup.wishRange(place).lowerBound + wish])
    }

    /// The session that the applicant would have at another place, if it is better than the present one.
    private func better(_ place: Int, at other: Int, _ mask: UInt8) -> Int? {
        let session = result(place, at: other, mask)
        guard session != Applicants.noSession else { return nil }
        let present = wish(of: place, in: allocation.outcome)
        for wish in 0..<present where wished(place, wish) == Int(session) { return Int(session) }
        return nil
    }

    private func result(_ place: Int, at other: Int, _ mask: UInt8) -> UInt16 {
        let lineup = allocation.lineup.moving(place, to: other, floorMask: mask)
        return Allocation.outcome(allocation.program, allocation.sessions, lineup, allocation.floors).sessions[other]
    }

    /// The last place that brings one of the first wishes, up to `wish` (0: the dearest).
    private func lastPlace(before place: Int, bringing wish: Int) -> Change? {
        let mask = allocation.lineup.floorMasks[place]
        func session(at other: Int) -> Int? {
            let session = result(place, at: other, mask)
            for index in 0...wish where session != Applicants.noSession && wished(place, index) == Int(session) { return Int(session) }
            return nil
        }
        guard place > 0, var found = session(at: 0) else { return nil }
        var (brings, fails) = (0, place)
        while fails - brings > 1 {
            let middle = (brings + fails) / 2
            if let session = session(at: middle) { (brings, found) = (middle, session) } else { fails = middle }
        }
        return .place(brings + 1, session: found)
    }

    private func nearestClass(_ place: Int, _ row: Int) -> Change? {
        let applicants = allocation.applicants
        let rows = allocation.lineup.rows
        let own = applicants.classes[row]
        // Classes rise along the order: walk from each class's first place to the next one's.
        var known: [UInt16] = []
        var next = 0
        while next < place, applicants.classes[Int(rows[next])] < own {
            let here = applicants.classes[Int(rows[next])]
            known.append(here)
            next = firstPlace { applicants.classes[Int(rows[$0])] > here }
        }
        for priority in known.reversed() {
            let other = firstPlace { isBefore(row, as: priority, Int(rows[$0])) }
            if let session = better(place, at: min(other, place), allocation.lineup.floorMasks[place]) {
                return .priority(class: priority, session: session)
            }
        }
        return nil
    }

    /// The first place for which the condition holds, which holds for all after it too.
    private func firstPlace(_ condition: (Int) -> Bool) -> Int {
        var (low, high) = (0, allocation.lineup.count)
        while low < high {
            let middle = (low + high) / 2
            if condition(middle) { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func isBefore(_ row: Int, as priority: UInt16, _ other: Int) -> Bool {
        let applicants = allocation.applicants
        if priority != applicants.classes[other] { return priority < applicants.classes[other] }
        if applicants.points[row] != applicants.points[other] { return applicants.points[row] > applicants.points[other] }
        let (own, others) = (allocation.order.number(of: row), allocation.order.number(of: other))
        return own != others ? own < others : applicants.tickets[row] < applicants.tickets[other]
    }
}
