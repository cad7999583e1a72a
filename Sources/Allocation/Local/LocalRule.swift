/// Mode `local`: applicants propose, each session keeps whom its own choice rule takes (Gale and Shapley 1962; with overlapping reserves
/// Aziz and Sun 2021).
///
/// The result is stable (nobody would rather be at a session that would rather have them), the best stable one for every applicant, and no
/// list serves better than the true one. Floors are the sessions' own; over the whole program they are a target only.
package enum LocalRule {
    /// Who gets what with the sessions' areas for priority.
    package static func run(_ program: Program, _ sessions: [Session], _ lineup: Lineup, _ floors: FloorTable) -> Outcome {
        run(
            sessions, lineup, floorSizes: Apportionment.floorSizes(floors, sessions),
            order: AreaOrder(areas: sessions.map(\.area), places: lineup.areas))
    }

    /// - Parameters:
    ///   - floorSizes: by session, in the order of the lineup's floor bits.
    ///   - order: whom each session lets go first.
    package static func run(
        _ sessions: [Session], _ lineup: Lineup, floorSizes: [[Int]], order: some SessionOrder
    ) -> Outcome {
        var outcome = Outcome(
            count: lineup.count, sessionCount: sessions.count, quota: sessions.reduce(0) { $0 + $1.capacity })
        var seats = zip(sessions, floorSizes).map { SessionSeats(capacity: $0.capacity, floorSizes: $1) }
        var next = [UInt8](repeating: 0, count: lineup.count)
        let stride = lineup.wishStride
        for place in 0..<lineup.count {
            var proposing = place
            while Int(next[proposing]) < stride {
                let session = lineup.wishes[lineup.wishRange(proposing).lowerBound + Int(next[proposing])]
                if session == Applicants.noSession { break }
                next[proposing] += 1
                let number = order.number(of: proposing, at: Int(session))
                let refused = seats[Int(session)].offer(proposing, number, lineup.floorMasks[proposing])
                if refused != proposing { outcome.sessions[proposing] = session }
                guard let refused else { break }
                outcome.sessions[refused] = Applicants.noSession
                proposing = refused
            }
        }
        for place in 0..<lineup.count {
            outcome.positions[place] = UInt32(place + 1)
            outcome.phases[place] = Phase.session.code
        }
        for session in sessions.indices {
            outcome.taken[session] = Int32(seats[session].count)
            outcome.placed += seats[session].count
            outcome.rank += seats[session].rank
        }
        return outcome
    }
}
