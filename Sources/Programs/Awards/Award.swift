package import Postgres
package import Registry
package import Runtime

/// What one person has, or had, of a program: a place and where it stands.
package struct Award: Hashable, Sendable {
    package let memberID: ID<Member>
    package let programID: ID<UnionProgram>
    /// The session's.
    package let number: Int32
    package let state: AwardState
    package let source: AwardSource
    /// Until when it waits for its confirmation.
    package let offeredUntil: Timestamp?
    package let changedAt: Timestamp
}

/// What gave a place.
package enum AwardSource: String, Codable, CaseIterable, Sendable {
    case run, tick, organizer
    /// Somebody came without a place and found one free; may have the seats that are kept for that.
    case walkIn = "walk_in"
}

/// A place to be given.
package struct AwardPlace: Sendable {
    package var memberID: ID<Member>
    package var programID: ID<UnionProgram>
    package var number: Int32
    /// `offered` becomes `confirmed` where the program asks for no confirmation.
    package var state: AwardState
    package var source: AwardSource
    package var runNumber: Int32?
    package var reason: String?
    /// Who gives it: `account:1`, `job:programs.tick`.
    package var doneBy: String

    package init(
        _ memberID: ID<Member>, of programID: ID<UnionProgram>, number: Int32, state: AwardState = .offered, source: AwardSource,
        runNumber: Int32? = nil, reason: String? = nil, doneBy: String
    ) {
        self.memberID = memberID
        self.programID = programID
        self.number = number
        self.state = state
        self.source = source
        self.runNumber = runNumber
        self.reason = reason
        self.doneBy = doneBy
    }
}

/// A change of a place that was given.
package struct AwardMove: Sendable {
    package var memberID: ID<Member>
    package var programID: ID<UnionProgram>
    /// Nil: stays as it is.
    package var state: AwardState?
    /// The session to change to; nil: stays.
    package var number: Int32?
    package var reason: String?
    /// Who changes it: `member:12`, `account:1`, `job:programs.tick`.
    package var doneBy: String

    package init(
        _ memberID: ID<Member>, of programID: ID<UnionProgram>, to state: AwardState?, number: Int32? = nil, reason: String? = nil,
        doneBy: String
    ) {
        self.memberID = memberID
        self.programID = programID
        self.state = state
        self.number = number
        self.reason = reason
        self.doneBy = doneBy
    }
}

/// What came of giving or changing a place.
package struct AwardOutcome: Hashable, Sendable {
    package enum Verdict: String, CaseIterable, Sendable {
        /// Given, or changed.
        case held, moved
        /// It was so already.
        case unchanged
        /// The person holds another place of the program.
        case holdsPlace = "holds_place"
        /// An earlier request of the batch is about the same person and program.
        case repeated
        case noAward = "no_award"
        case programUnknown = "program_unknown"
        /// Places are held from publication on, and changed until the program's end and after.
        case programNotPublished = "program_not_published"
        case sessionUnknown = "session_unknown"
        case sessionOver = "session_over"
        case sessionFull = "session_full"
        case quotaFull = "quota_full"
        case memberNotActive = "member_not_active"
        /// The person has another benefit of the family and period.
        case benefitTaken = "benefit_taken"
        /// The present state does not lead there.
        case notAllowed = "not_allowed"
        /// The offer ended before it was confirmed.
        case offerOver = "offer_over"
    }

    package let verdict: Verdict
    /// As it is now; nil: none.
    package let state: AwardState?
    package let number: Int32?
    package let offeredUntil: Timestamp?

    /// Whether the award is as the request wanted it.
    package var isDone: Bool { [.held, .moved, .unchanged].contains(verdict) }
}
