/// Where an applicant was called, and so why.
package enum Phase: Hashable, Sendable {
    /// Not called: every place was gone before.
    case notCalled
    /// As a member of a strict floor's group, before others; the floor's number by precedence.
    case floorFirst(Int)
    /// In the common order, as one of the winners.
    case winner
    /// As one who fills a floor that the winners' wishes left short.
    case floorLater
    /// In the common order, after the winners.
    case later
    /// In mode `local`: by each session for itself.
    case session

    package init(code: UInt8) {
        self =
            switch code {
            case 1...8: .floorFirst(Int(code) - 1)
            case 9: .winner
            case 10: .floorLater
            case 11: .later
            case 12: .session
            default: .notCalled
            }
    }

    package var code: UInt8 {
        switch self {
        case .notCalled: 0
        case .floorFirst(let floor): UInt8(floor) + 1
        case .winner: 9
        case .floorLater: 10
        case .later: 11
        case .session: 12
        }
    }
}

/// Who got what, by place in the common order, with what explains it.
package struct Outcome: Sendable, Equatable {
    /// The session's index; `Applicants.noSession`: none.
    package var sessions: [UInt16]
    /// The number of the call, 1 for the first; 0: not called. In mode `local` everybody's place + 1.
    package var positions: [UInt32]
    /// Codes of `Phase`.
    package var phases: [UInt8]
    /// Seats taken, by session.
    package var taken: [Int32]
    /// The last call that found a seat there, by session; 0: nobody did. In mode `local` unused.
    package var closings: [UInt32]
    /// Places taken in all.
    package var placed: Int
    /// Places that could be taken: the quota, or all seats if those are fewer.
    package var quota: Int
    /// Reserved places filled by those placed, everybody counting for one floor.
    package var rank: Int

    package init(count: Int, sessionCount: Int, quota: Int) {
        sessions = [UInt16](repeating: Applicants.noSession, count: count)
        positions = [UInt32](repeating: 0, count: count)
        phases = [UInt8](repeating: 0, count: count)
        taken = [Int32](repeating: 0, count: sessionCount)
        closings = [UInt32](repeating: 0, count: sessionCount)
        placed = 0
        self.quota = quota
        rank = 0
    }

    package func isPlaced(_ place: Int) -> Bool { sessions[place] != Applicants.noSession }

    package func phase(_ place: Int) -> Phase { Phase(code: phases[place]) }
}
