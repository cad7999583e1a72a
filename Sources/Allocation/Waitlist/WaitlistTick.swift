/// Gives seats that became free to those who wait: first, in the common order, to whoever mends a short floor, then to everybody, each
/// taking the first session on their list that has a seat.
///
/// Nobody who has a place moves, no floor ever gets emptier, and no seat that somebody waiting has listed stays free. Vacancies are worked
/// off in batches ("ticks"), so that it does not matter who left first within one.
package struct WaitlistTick: Sendable {
    /// One who got a place.
    package struct Promotion: Hashable, Sendable {
        /// In the common order.
        package let place: Int
        package let session: UInt16
        package let phase: Phase
    }

    /// Who has or had a place, by place in the common order.
    package enum Standing: UInt8, Sendable {
        /// Waits for a place.
        case waiting
        /// Has the session named beside it.
        case placed
        /// Neither: has left, declined, or holds another benefit.
        case gone
    }

    /// By place in the common order; codes of `Standing`.
    package var standings: [UInt8]
    /// The session's index, where the standing is placed.
    package var sessions: [UInt16]

    /// The state that a sharing out leaves: who has no place waits.
    package init(_ outcome: Outcome) {
        sessions = outcome.sessions
        standings = outcome.sessions.map { ($0 == Applicants.noSession ? Standing.waiting : .placed).rawValue }
    }

    /// The state as it was written down.
    package init(standings: [UInt8], sessions: [UInt16]) {
        self.standings = standings
        self.sessions = sessions
    }

    package func standing(_ place: Int) -> Standing { Standing(rawValue: standings[place]) ?? .gone }

    /// Somebody leaves: the seat is free for the next tick.
    package mutating func leave(_ place: Int) {
        standings[place] = Standing.gone.rawValue
        sessions[place] = Applicants.noSession
    }

    /// - Returns: who got a place, in the order in which they did.
    package mutating func run(_ program: Program, _ sessions: [Session], _ lineup: Lineup, _ floors: FloorTable) -> [Promotion] {
        var free = sessions.map { Int32($0.capacity) }
        var caps = OrganizationCaps(program, lineup)
        var filled = FloorCount(sizes: floors.sizes)
        var rest = program.quota
        for place in 0..<lineup.count where standings[place] == Standing.placed.rawValue {
            free[Int(self.sessions[place])] -= 1
            caps.take(place)
            filled.add(lineup.floorMasks[place])
            rest -= 1
        }
        var promotions: [Promotion] = []
        var seats = free.reduce(0) { $0 + Int(max($1, 0)) }
        for isForFloors in [true, false] {
            for place in 0..<lineup.count where standings[place] == Standing.waiting.rawValue {
                if rest <= 0 || seats == 0 { return promotions }
                if isForFloors, !filled.isRaised(by: lineup.floorMasks[place]) { continue }
                guard caps.hasRoom(place) else { continue }
                for session in lineup.wishes[lineup.wishRange(place)] {
                    if session == Applicants.noSession { break }
                    guard free[Int(session)] > 0 else { continue }
                    free[Int(session)] -= 1
                    seats -= 1
                    rest -= 1
                    caps.take(place)
                    filled.add(lineup.floorMasks[place])
                    self.sessions[place] = session
                    standings[place] = Standing.placed.rawValue
                    promotions.append(Promotion(place: place, session: session, phase: isForFloors ? .floorLater : .later))
                    break
                }
            }
        }
        return promotions
    }
}
