/// The rules by which a program's places are shared out, frozen before the applications are drawn.
///
/// A program with one session is a pool benefit: its session's capacity is its quota.
package struct Program: Hashable, Sendable {
    /// Applicants belong to groups by bits of a byte.
    package static let groupCountMax = 8
    /// Wishes of one applicant.
    package static let wishCountMax = 8
    /// Sessions are counted by two bytes, whose last value means none.
    package static let sessionCountMax = 65_535

    /// Who goes first, and how sessions come in.
    package enum Mode: String, Hashable, CaseIterable, Sendable {
        /// One order of all applicants for all sessions: winners first, sessions second.
        case order
        /// Each session lets those of its own area go first: deferred acceptance, floors split over the sessions beforehand.
        case local
    }

    /// Its name in the lottery; the same people draw anew in another program.
    package var name: String
    /// Places in all; may be less than the sessions have together.
    package var quota: Int
    package var mode: Mode
    /// Names of the groups; an applicant's group mask has bit 0 for the first.
    package var groups: [String]
    /// In the order in which they were published; see `floorPrecedence`.
    package var floors: [Floor]
    /// Whether floors are served in the order given, or those first that fewest members compete for.
    package var isFloorOrderGiven: Bool
    /// How many winners one organization may have; nil: any number.
    package var organizationCap: Int?
    /// Caps of single organizations, by number, instead of `organizationCap`.
    package var organizationCaps: [UInt32: Int]

    package init(
        name: String, quota: Int, mode: Mode = .order, groups: [String] = [], floors: [Floor] = [], isFloorOrderGiven: Bool = false,
        organizationCap: Int? = nil, organizationCaps: [UInt32: Int] = [:]
    ) {
        self.name = name
        self.quota = quota
        self.mode = mode
        self.groups = groups
        self.floors = floors
        self.isFloorOrderGiven = isFloorOrderGiven
        self.organizationCap = organizationCap
        self.organizationCaps = organizationCaps
    }

    /// Whether any organization is capped.
    package var hasOrganizationCaps: Bool { organizationCap != nil || !organizationCaps.isEmpty }
}

/// A promise of places to the members of a group: "at least 5,000 for gig workers". A winner counts for one floor only.
package struct Floor: Hashable, Sendable {
    /// What happens when the floor and the wishes for sessions collide.
    package enum Kind: String, Hashable, CaseIterable, Sendable {
        /// A promise: members are called first until it is filled, before others take the sessions that they wish for.
        case strict
        /// A target: everybody is called in one order; members follow only where places are left over.
        case fair
    }

    /// The group's bit, 0 to 7.
    package var group: Int
    /// Places.
    package var size: Int
    package var kind: Kind

    package init(group: Int, size: Int, kind: Kind = .strict) {
        self.group = group
        self.size = size
        self.kind = kind
    }
}

/// A time and place with seats.
package struct Session: Hashable, Sendable {
    package var name: String
    /// Seats.
    package var capacity: Int
    /// In mode `local`: whose applicants go first; nil: nobody's.
    package var area: UInt32?
    /// In mode `local`: seats promised, one number a floor of the program in its order; empty: the program's floors are split by capacity.
    package var floorSizes: [Int]

    package init(name: String, capacity: Int, area: UInt32? = nil, floorSizes: [Int] = []) {
        self.name = name
        self.capacity = capacity
        self.area = area
        self.floorSizes = floorSizes
    }
}
