/// Checks a result of mode `local`: no session would choose an applicant who would rather be there.
///
/// A session's choice of those it has and one more differs from what it has exactly if there is a seat, or somebody can leave for the one
/// who comes: somebody later in its order without whom no reserved seat is lost, or anybody not needed when the one who comes fills one
/// more.
package enum StabilityCertificate {
    package static func check(_ allocation: Allocation, _ outcome: Outcome) throws(ReplayCertificate.Fault) {
        let lineup = allocation.lineup
        let order = AreaOrder(areas: allocation.sessions.map(\.area), places: lineup.areas)
        let sizes = Apportionment.floorSizes(allocation.floors, allocation.sessions)
        var here = zip(allocation.sessions, sizes).map { Session(capacity: $0.capacity, floorSizes: $1) }
        for place in 0..<lineup.count where outcome.isPlaced(place) {
            let session = Int(outcome.sessions[place])
            here[session].take(order.number(of: place, at: session), lineup.floorMasks[place])
        }
        for place in 0..<lineup.count {
            for wish in lineup.wishRange(place) {
                let session = lineup.wishes[wish]
                if session == Applicants.noSession || session == outcome.sessions[place] { break }
                if here[Int(session)].wouldTake(order.number(of: place, at: Int(session)), lineup.floorMasks[place]) {
                    throw .unstable(place: place, session: Int(session))
                }
            }
        }
    }

    /// Those at one session: by kind of floors how many, and the last in the session's order.
    private struct Session {
        private let capacity: Int
        private let floorSizes: [Int]
        private var count = 0
        private var filled: FloorCount
        private var lasts: [UInt8: UInt32] = [:]

        init(capacity: Int, floorSizes: [Int]) {
            self.capacity = capacity
            self.floorSizes = floorSizes
            filled = FloorCount(sizes: floorSizes)
        }

        mutating func take(_ number: UInt32, _ mask: UInt8) {
            count += 1
            filled.add(mask)
            lasts[mask] = max(lasts[mask] ?? 0, number)
        }

        func wouldTake(_ number: UInt32, _ mask: UInt8) -> Bool {
            if count < capacity { return true }
            var with = filled
            with.add(mask)
            let isSpare = with.rank > capacity
            // The last of all, the one who comes included, whom the floors can do without.
            var last: UInt32? = isSpare || with.isKept(without: mask) ? number : nil
            for (kind, worst) in lasts where isSpare || with.isKept(without: kind) { last = max(last ?? 0, worst) }
            return last != number
        }
    }
}
