package import Postgres
package import Registry
package import Runtime

/// What an organization shares out among many: places, policies, coupons or seats. (The engine's `Program` is what a run takes of it.)
package struct UnionProgram: Sendable {
    package let id: ID<UnionProgram>
    package let organizationID: ID<Organization>
    /// The program that this one has its places from, when it is a part for a subtree.
    package let parentID: ID<UnionProgram>?
    package let state: ProgramState
    /// Grows with every change; the ETag.
    package let version: Int32
    package let facts: ProgramFacts
    /// Places; of a part, those that its parent gave it, fewer once unused ones went back.
    package let quota: Int32
    /// Places that awards hold.
    package let taken: Int32
    /// Of a part: when places that nobody holds go back.
    package let returnsAt: Timestamp?
    /// SHA-256 of the rules' canonical JSON; nil in a draft.
    package let rulesHash: [UInt8]?
    /// The digest of the frozen inputs; nil until it closed.
    package let inputsHash: [UInt8]?
    /// SHA-256 by which the lottery's secret was promised; nil in a draft.
    package let commitment: [UInt8]?
    /// The public number, given after closing.
    package let beacon: [UInt8]?
    package let announcedAt: Timestamp?
    package let openedAt: Timestamp?
    package let closedAt: Timestamp?
    package let publishedAt: Timestamp?
    package let endedAt: Timestamp?
    package let cancelReason: String?
    package let createdBy: String

    /// What is shared.
    package enum Share: String, Codable, CaseIterable, Sendable {
        case place, policy, coupon, seat
    }

    /// Where the lottery's numbers come from besides the secret.
    package enum LotteryKind: String, Codable, CaseIterable, Sendable {
        /// The committed secret alone.
        case secret
        /// A public beacon's later round, named when announced.
        case beacon
        /// Public numbers of later, as RFC 3797 has them.
        case publicSources = "public_sources"
    }
}

/// What an organizer says of a program; frozen once it is announced.
package struct ProgramFacts: Hashable, Sendable {
    package var title: String
    package var shares: UnionProgram.Share
    package var rules: ProgramRules
    /// With `period`: a person holds one benefit of a family and period, wherever it was given. Lower-case letters, digits, `_`.
    package var family: String?
    /// `2026`, `2026-h1`.
    package var period: String?
    package var timeZone: String
    package var opensAt: Timestamp?
    package var closesAt: Timestamp?
    /// When the timetable shares out by itself; nil: by hand.
    package var runAt: Timestamp?
    /// When applicants may expect the result; a reviewed run is published then.
    package var resultsAt: Timestamp?
    package var endsAt: Timestamp?
    /// How long a place waits for its confirmation, 1 to 720 hours; nil: it needs none.
    package var offerHours: Int32?
    /// How often freed places are given on, 1 to 1,440 minutes.
    package var tickMinutes: Int32
    /// Whether who declined or let an offer lapse stays on the waitlist.
    package var keepsWaiting: Bool
    /// How to appeal, for those who want to.
    package var appeal: String?
    package var lotteryKind: UnionProgram.LotteryKind
    /// What the public number is and when it comes.
    package var beaconSource: String?

    package init(
        title: String, shares: UnionProgram.Share = .place, rules: ProgramRules = ProgramRules(), family: String? = nil,
        period: String? = nil, timeZone: String = "Asia/Shanghai", opensAt: Timestamp? = nil, closesAt: Timestamp? = nil,
        runAt: Timestamp? = nil, resultsAt: Timestamp? = nil, endsAt: Timestamp? = nil, offerHours: Int32? = nil, tickMinutes: Int32 = 10,
        keepsWaiting: Bool = false, appeal: String? = nil, lotteryKind: UnionProgram.LotteryKind = .secret, beaconSource: String? = nil
    ) {
        self.title = title
        self.shares = shares
        self.rules = rules
        self.family = family
        self.period = period
        self.timeZone = timeZone
        self.opensAt = opensAt
        self.closesAt = closesAt
        self.runAt = runAt
        self.resultsAt = resultsAt
        self.endsAt = endsAt
        self.offerHours = offerHours
        self.tickMinutes = tickMinutes
        self.keepsWaiting = keepsWaiting
        self.appeal = appeal
        self.lotteryKind = lotteryKind
        self.beaconSource = beaconSource
    }
}

/// A time and place with seats, or the pool of a program without times.
package struct ProgramSession: Hashable, Sendable {
    /// 1 to 65,535, for good.
    package var number: Int32
    /// The program's own; without `,`, `|`, `=`, quotes and control characters, so that it needs no quoting in an audit file.
    package var title: String
    package var capacity: Int32
    /// Seats of the capacity that are kept for who comes without a place.
    package var walkIn: Int32
    /// Seats that awards hold.
    package var taken: Int32
    package var startsAt: Timestamp?
    package var endsAt: Timestamp?
    /// In mode `local`: whose members go first here.
    package var areaID: ID<Organization>?
    /// Whose members may wish for it, with those of the organizations below; nil: everybody's who may apply.
    package var audienceID: ID<Organization>?

    package init(
        number: Int32, title: String, capacity: Int32, walkIn: Int32 = 0, taken: Int32 = 0, startsAt: Timestamp? = nil,
        endsAt: Timestamp? = nil, areaID: ID<Organization>? = nil, audienceID: ID<Organization>? = nil
    ) {
        self.number = number
        self.title = title
        self.capacity = capacity
        self.walkIn = walkIn
        self.taken = taken
        self.startsAt = startsAt
        self.endsAt = endsAt
        self.areaID = areaID
        self.audienceID = audienceID
    }
}
