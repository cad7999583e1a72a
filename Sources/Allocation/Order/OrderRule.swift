/// Mode `order`: winners first, sessions second.
///
/// The winners are chosen as if there were no sessions. Then people are called, each once, and take the first session on their list that
/// still has a seat:
/// 1. for each strict floor, by precedence: the winners chosen for a floor who belong to its group; and, as far as some of them found
///    no seat, other members in their place;
/// 2. the other winners;
/// 3. whoever fills a floor that is still short;
/// 4. everybody else, until the quota is reached.
///
/// Since everybody is called at a time that their own list has no part in and takes what they like best of what is left, no list serves
/// better than the true one. Floors over many sessions cannot at once be filled whenever possible, leave nobody envious and be safe from
/// false lists: strict floors give up the second, fair ones the first.
///
/// Two things are not promised, and small examples in the tests show them. With three strict floors or more that overlap, a member who
/// hides a group can (once in some ten thousand random cases) get a better session; with caps of organizations and floors, one place up in
/// the order can hurt. Groups come from verified records, and the lottery is nobody's choice.
package struct OrderRule {
    private let lineup: Lineup
    private let floors: FloorTable
    private let choice: Choice
    private var outcome: Outcome
    private var free: [Int32]
    private var caps: OrganizationCaps
    /// Of those placed.
    private var filled: FloorCount
    private var callCount: UInt32 = 0

    /// Who gets what.
    package static func run(_ program: Program, _ sessions: [Session], _ lineup: Lineup, _ floors: FloorTable) -> Outcome {
        var rule = OrderRule(program, sessions, lineup, floors)
        rule.callAll()
        return rule.outcome
    }

    private init(_ program: Program, _ sessions: [Session], _ lineup: Lineup, _ floors: FloorTable) {
        let quota = min(program.quota, sessions.reduce(0) { $0 + $1.capacity })
        self.lineup = lineup
        self.floors = floors
        caps = OrganizationCaps(program, lineup)
        choice = Choice(lineup, quota: quota, floors: floors, caps: caps)
        outcome = Outcome(count: lineup.count, sessionCount: sessions.count, quota: quota)
        free = sessions.map { Int32($0.capacity) }
        filled = FloorCount(sizes: floors.sizes)
    }

    private var isOver: Bool { outcome.placed == outcome.quota }

    private mutating func callAll() {
        callStrictFloors()
        for place in 0..<lineup.count where choice.isChosen(place) && isUncalled(place) {
            if isOver { break }
            call(place, .winner)
        }
        for place in 0..<lineup.count where filled.isRaised(by: lineup.floorMasks[place]) && isUncalled(place) {
            if isOver { break }
            call(place, .floorLater)
        }
        for place in 0..<lineup.count where isUncalled(place) {
            if isOver { break }
            call(place, .later)
        }
        outcome.rank = filled.rank
    }

    private mutating func callStrictFloors() {
        guard floors.floors.contains(where: { $0.kind == .strict }) else { return }
        // Those placed, and those chosen for a floor who were not called yet: what the floors may count on.
        var hoped = FloorCount(sizes: floors.sizes)
        for place in 0..<lineup.count where choice.isReserved(place) { hoped.add(lineup.floorMasks[place]) }
        for (number, floor) in floors.floors.enumerated() where floor.kind == .strict {
            let bit = UInt8(1) << UInt8(number)
            let phase = Phase.floorFirst(number)
            for place in 0..<lineup.count
            where choice.isReserved(place) && lineup.floorMasks[place] & bit != 0 && isUncalled(place) {
                if isOver { return }
                if !call(place, phase) { hoped.remove(lineup.floorMasks[place]) }
            }
            if hoped.rank == choice.reservedCount { continue }
            for place in 0..<lineup.count where lineup.floorMasks[place] & bit != 0 && isUncalled(place) {
                if isOver { return }
                if hoped.rank == choice.reservedCount { break }
                let mask = lineup.floorMasks[place]
                if hoped.isRaised(by: mask), call(place, phase) { hoped.add(mask) }
            }
        }
    }

    private func isUncalled(_ place: Int) -> Bool { outcome.positions[place] == 0 }

    /// Whether there was a seat.
    @discardableResult private mutating func call(_ place: Int, _ phase: Phase) -> Bool {
        callCount += 1
        outcome.positions[place] = callCount
        outcome.phases[place] = phase.code
        guard caps.hasRoom(place) else { return false }
        for wish in lineup.wishRange(place) {
            let session = lineup.wishes[wish]
            if session == Applicants.noSession { return false }
            guard free[Int(session)] > 0 else { continue }
            free[Int(session)] -= 1
            caps.take(place)
            filled.add(lineup.floorMasks[place])
            outcome.sessions[place] = session
            outcome.taken[Int(session)] += 1
            outcome.closings[Int(session)] = callCount
            outcome.placed += 1
            return true
        }
        return false
    }
}
