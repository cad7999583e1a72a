/// Checks a result without the rule that made it: whoever sees a better session taken by others must have been called after it was full.
///
/// Costs one look at every wish. A fault names the first applicant, by place, whose result cannot be right.
package enum ReplayCertificate {
    package enum Fault: Error, Hashable, Sendable {
        /// A session has more people than seats, or another number than is written down.
        case seats(session: Int)
        /// More people are placed than the quota, or another number than is written down.
        case quota
        /// More winners than the organization's cap.
        case organization(place: Int)
        /// The applicant has a session that is not on the list.
        case notListed(place: Int)
        /// A session that the applicant likes better had a seat when the applicant was called, or never was full.
        case preferred(place: Int, session: Int)
        /// The applicant was not called although places were left.
        case notCalled(place: Int)
        /// Two calls have the same number, or numbers are missing, or the last place was taken before. In mode `local`: the number is not
        /// the place's.
        case calls(place: Int)
        /// In mode `local`: the session would rather have the applicant than one who is there, or has a seat or a reserved seat for the
        /// applicant.
        case unstable(place: Int, session: Int)
    }

    /// Throws the first fault.
    package static func check(_ allocation: Allocation, _ outcome: Outcome) throws(Fault) {
        try checkCounts(allocation, outcome)
        switch allocation.program.mode {
        case .order: try checkCalls(allocation, outcome)
        case .local:
            for place in 0..<allocation.lineup.count where Int(outcome.positions[place]) != place + 1 { throw .calls(place: place) }
            try StabilityCertificate.check(allocation, outcome)
        }
    }

    private static func checkCounts(_ allocation: Allocation, _ outcome: Outcome) throws(Fault) {
        let lineup = allocation.lineup
        var caps = OrganizationCaps(allocation.program, lineup)
        var taken = [Int32](repeating: 0, count: allocation.sessions.count)
        for place in 0..<lineup.count where outcome.isPlaced(place) {
            let session = outcome.sessions[place]
            let wishes = lineup.wishes(of: place)
            guard Int(session) < taken.count, wishes.contains(session) else { throw .notListed(place: place) }
            taken[Int(session)] += 1
            guard caps.hasRoom(place) else { throw .organization(place: place) }
            caps.take(place)
        }
        for (session, value) in allocation.sessions.enumerated()
        where taken[session] > value.capacity || taken[session] != outcome.taken[session] {
            throw .seats(session: session)
        }
        let placed = taken.reduce(0) { $0 + Int($1) }
        let quota = min(allocation.program.quota, allocation.sessions.reduce(0) { $0 + $1.capacity })
        guard placed == outcome.placed, placed <= quota, outcome.quota == quota else { throw .quota }
    }

    private static func checkCalls(_ allocation: Allocation, _ outcome: Outcome) throws(Fault) {
        let lineup = allocation.lineup
        let caps = organizationCounts(allocation, outcome)
        var closings = [UInt32](repeating: 0, count: allocation.sessions.count)
        // Whose call it was, by number.
        var called = [Int?](repeating: nil, count: lineup.count + 1)
        for place in 0..<lineup.count {
            let position = outcome.positions[place]
            if position == 0 {
                guard outcome.placed == outcome.quota, !outcome.isPlaced(place) else { throw .notCalled(place: place) }
                continue
            }
            guard Int(position) <= lineup.count, called[Int(position)] == nil else { throw .calls(place: place) }
            called[Int(position)] = place
            if outcome.isPlaced(place) { closings[Int(outcome.sessions[place])] = max(closings[Int(outcome.sessions[place])], position) }
        }
        try checkNumbers(called, outcome)
        for session in closings.indices where closings[session] != outcome.closings[session] { throw .seats(session: session) }
        for place in 0..<lineup.count where outcome.positions[place] != 0 {
            // Whose organization was full when the call came is explained by that alone.
            if !outcome.isPlaced(place), let last = caps.closing(place), last < outcome.positions[place] { continue }
            for wish in lineup.wishRange(place) {
                let session = lineup.wishes[wish]
                if session == Applicants.noSession || session == outcome.sessions[place] { break }
                guard outcome.taken[Int(session)] == allocation.sessions[Int(session)].capacity,
                    outcome.closings[Int(session)] < outcome.positions[place]
                else { throw .preferred(place: place, session: Int(session)) }
            }
        }
    }

    /// The calls are numbered one by one, and nobody is called after the last place was taken.
    private static func checkNumbers(_ called: [Int?], _ outcome: Outcome) throws(Fault) {
        var isOver = false
        var placed = 0
        for place in called.dropFirst() {
            guard let place else {
                isOver = true
                continue
            }
            guard !isOver, placed < outcome.quota else { throw .calls(place: place) }
            if outcome.isPlaced(place) { placed += 1 }
        }
    }

    /// When organizations that are at their cap got their last winner.
    package struct OrganizationClosings {
        private let closings: [UInt32: UInt32]
        private let organizations: [UInt32]

        fileprivate init(_ closings: [UInt32: UInt32], _ organizations: [UInt32]) {
            self.closings = closings
            self.organizations = organizations
        }

        /// Nil while the applicant's organization has room.
        package func closing(_ place: Int) -> UInt32? { organizations.isEmpty ? nil : closings[organizations[place]] }
    }

    package static func organizationCounts(_ allocation: Allocation, _ outcome: Outcome) -> OrganizationClosings {
        let lineup = allocation.lineup
        guard !lineup.organizations.isEmpty else { return OrganizationClosings([:], []) }
        var counts: [UInt32: (count: Int, last: UInt32)] = [:]
        for place in 0..<lineup.count where outcome.isPlaced(place) {
            let known = counts[lineup.organizations[place]] ?? (0, 0)
            counts[lineup.organizations[place]] = (known.count + 1, max(known.last, outcome.positions[place]))
        }
        let program = allocation.program
        var full = counts.filter { $0.value.count >= program.organizationCaps[$0.key] ?? program.organizationCap ?? Int.max }.mapValues(
            \.last)
        // An organization without any place was at its cap from the beginning.
        for (organization, cap) in program.organizationCaps where cap == 0 { full[organization] = 0 }
        if program.organizationCap == 0 {
            for organization in lineup.organizations where program.organizationCaps[organization] == nil { full[organization] = 0 }
        }
        return OrganizationClosings(full, lineup.organizations)
    }
}
