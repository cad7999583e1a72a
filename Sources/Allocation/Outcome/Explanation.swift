/// Why an applicant has this session or none: what the run itself wrote down, so it costs one look at the applicant's wishes.
package struct Explanation: Hashable, Sendable {
    package enum Result: Hashable, Sendable {
        /// `wish` is 1 for the dearest.
        case placed(session: Int, wish: Int)
        /// `place` is 1 for who is next.
        case waiting(place: Int)
    }

    /// Why a session on the list is not the one.
    package enum Refusal: Hashable, Sendable {
        /// Its last seat went to this call, and the applicant's came later.
        case full(closing: UInt32)
        /// The organization had its last winner at this call; 0: it may have none.
        case organizationFull(closing: UInt32)
        /// All places were gone before the applicant was called.
        case quotaReached
        /// In mode `local`: those there go before the applicant, or fill a reserved seat. `last` is the place (1 for the first) of the last
        /// one there who counts for the same floors, and whether that one is of the session's own area; nil: nobody there does.
        case others(last: Int?, isLocal: Bool)
    }

    package struct Wish: Hashable, Sendable {
        package let session: Int
        package let refusal: Refusal
    }

    /// In the common order, 1 for the first.
    package let place: Int
    /// The number of the call; 0: none.
    package let position: UInt32
    package let phase: Phase
    package let result: Result
    /// The sessions liked better than the result, the dearest first.
    package let refused: [Wish]
}

/// Explains any applicant of a sharing out; made once for all.
package struct Explainer: Sendable {
    private let allocation: Allocation
    private let organizations: ReplayCertificate.OrganizationClosings
    /// In mode `local`: by session and floors, the last number in the session's order.
    private var lasts: [[UInt8: UInt32]] = []
    /// By place: how many before it have no session.
    private var waitingBefore: [UInt32]

    package init(_ allocation: Allocation) {
        self.allocation = allocation
        let (lineup, outcome) = (allocation.lineup, allocation.outcome)
        organizations = ReplayCertificate.organizationCounts(allocation, outcome)
        waitingBefore = []
        waitingBefore.reserveCapacity(lineup.count)
        var waiting: UInt32 = 0
        for place in 0..<lineup.count {
            waitingBefore.append(waiting)
            if !outcome.isPlaced(place) { waiting += 1 }
        }
        guard allocation.program.mode == .local else { return }
        let order = areas
        lasts = allocation.sessions.map { _ in [:] }
        for place in 0..<lineup.count where outcome.isPlaced(place) {
            let session = Int(outcome.sessions[place])
            let number = order.number(of: place, at: session)
            lasts[session][lineup.floorMasks[place]] = max(lasts[session][lineup.floorMasks[place]] ?? 0, number)
        }
    }

    private var areas: AreaOrder { AreaOrder(areas: allocation.sessions.map(\.area), places: allocation.lineup.areas) }

    /// - Parameter place: in the common order, 0 for the first.
    package func explain(_ place: Int) -> Explanation {
        let (lineup, outcome) = (allocation.lineup, allocation.outcome)
        let own = outcome.sessions[place]
        let better = lineup.wishes(of: place).prefix { $0 != own }
        let result: Explanation.Result =
            outcome.isPlaced(place)
            ? .placed(session: Int(own), wish: better.count + 1) : .waiting(place: Int(waitingBefore[place]) + 1)
        return Explanation(
            place: place + 1, position: outcome.positions[place], phase: outcome.phase(place), result: result,
            refused: better.map { Explanation.Wish(session: Int($0), refusal: refusal(place, Int($0))) })
    }

    private func refusal(_ place: Int, _ session: Int) -> Explanation.Refusal {
        let outcome = allocation.outcome
        if allocation.program.mode == .local {
            let count = UInt32(allocation.lineup.count)
            guard let last = lasts[session][allocation.lineup.floorMasks[place]] else { return .others(last: nil, isLocal: false) }
            return .others(last: Int(last % count) + 1, isLocal: last < count)
        }
        let position = outcome.positions[place]
        if position == 0 { return .quotaReached }
        if !outcome.isPlaced(place), let closing = organizations.closing(place), closing < position {
            return .organizationFull(closing: closing)
        }
        return .full(closing: outcome.closings[session])
    }
}
