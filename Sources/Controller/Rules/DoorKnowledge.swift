import Crypto
package import MemberCode

/// What the door knows for the time alone: its policy, the keys that prove a code, and whom to refuse.
package struct DoorKnowledge: Sendable {
    package var policy: DoorPolicy
    package var verifier: OfflineVerifier
    package var refusals: Refusals
    /// When the server last said that all this is so, true time in microseconds since 1970.
    package var asOfMicroseconds: Int64

    package init(policy: DoorPolicy, verifier: OfflineVerifier, refusals: Refusals, asOfMicroseconds: Int64) {
        self.policy = policy
        self.verifier = verifier
        self.refusals = refusals
        self.asOfMicroseconds = asOfMicroseconds
    }
}

/// Whom a door alone refuses: compact enough for a city on a board of 20 MB.
package struct Refusals: Hashable, Sendable {
    package var version: Int64 = 0
    /// Members who are not active and not provisional.
    package var members = NumberSet()
    /// Members who are provisional: some doors let them in.
    package var provisional = NumberSet()
    /// Printed cards that were revoked.
    package var cards = NumberSet()
    /// Printed cards with a PIN, which only the server can check.
    package var pinCards = NumberSet()

    package init() {}

    /// One word for all of it, as the server computes it.
    package var digest: UInt64 {
        members.digest(kind: "member") ^ provisional.digest(kind: "provisional") ^ cards.digest(kind: "card")
            ^ pinCards.digest(kind: "pin_card")
    }

    package var count: Int { members.count + provisional.count + cards.count + pinCards.count }
}

/// What a door alone goes by, of the policy of its access point and the state of its station.
package struct DoorPolicy: Hashable, Codable, Sendable {
    package enum State: String, Codable, Sendable {
        case normal
        /// Every entry is refused.
        case lockedDown = "locked_down"
        /// It opens for everybody.
        case unlocked
    }

    package enum WhenTooLong: String, Codable, Sendable {
        case stayShut = "stay_shut"
        case openForValidCodes = "open_for_valid_codes"
    }

    /// Minutes of a day at which it is open, from the first to before the second; beyond 1440 they reach into the next day.
    package struct Hours: Hashable, Codable, Sendable {
        package var from: Int
        package var until: Int

        package init(from: Int, until: Int) {
            self.from = from
            self.until = until
        }
    }

    /// One calendar of opening hours; both the station's and the access point's must be open.
    package struct Opening: Hashable, Codable, Sendable {
        /// Monday first, seven of them.
        package var week: [[Hours]]
        /// In place of their weekday's, by `2026-12-31`.
        package var exceptions: [String: [Hours]]

        package init(week: [[Hours]], exceptions: [String: [Hours]]) {
            self.week = week
            self.exceptions = exceptions
        }
    }

    package var isOpen: Bool
    /// Whether anybody goes in here at all.
    package var servesEntries: Bool
    package var stationIsOpen: Bool
    /// When a station that is closed for a while opens again, microseconds since 1970; nil when nobody knows.
    package var stationOpensAt: Int64?
    package var openings: [Opening]
    /// What the station's clock is ahead of UTC.
    package var zoneSeconds: Int
    /// Whether it asks for organizations or attributes, which a controller does not know.
    package var asksForAttributes: Bool
    package var admitsProvisional: Bool
    package var relayMilliseconds: Int32
    package var offlineLimitHours: Int
    package var whenOfflineTooLong: WhenTooLong
    package var state: State

    package init(
        isOpen: Bool = true, servesEntries: Bool = true, stationIsOpen: Bool = true, stationOpensAt: Int64? = nil, openings: [Opening] = [],
        zoneSeconds: Int = 28_800,
        asksForAttributes: Bool = false, admitsProvisional: Bool = true, relayMilliseconds: Int32 = 3_000, offlineLimitHours: Int = 72,
        whenOfflineTooLong: WhenTooLong = .stayShut, state: State = .normal
    ) {
        self.isOpen = isOpen
        self.servesEntries = servesEntries
        self.stationIsOpen = stationIsOpen
        self.stationOpensAt = stationOpensAt
        self.openings = openings
        self.zoneSeconds = zoneSeconds
        self.asksForAttributes = asksForAttributes
        self.admitsProvisional = admitsProvisional
        self.relayMilliseconds = relayMilliseconds
        self.offlineLimitHours = offlineLimitHours
        self.whenOfflineTooLong = whenOfflineTooLong
        self.state = state
    }

    /// Whether every calendar is open at this time, microseconds since 1970.
    package func isWithinHours(_ microseconds: Int64) -> Bool {
        let here = microseconds / 1_000_000 + Int64(zoneSeconds)
        let (day, second) = (Int(here / 86_400), Int(here % 86_400))
        return openings.allSatisfy { opening in
            opening.contains(day: day, minute: second / 60) || opening.contains(day: day - 1, minute: second / 60 + 1_440)
        }
    }
}

extension DoorPolicy.Opening {
    /// - Parameter day: since 1970-01-01, a Thursday.
    func contains(day: Int, minute: Int) -> Bool {
        let weekday = ((day + 3) % 7 + 7) % 7
        let ordinary = weekday < week.count ? week[weekday] : []
        return (exceptions[Self.name(of: day)] ?? ordinary).contains { $0.from <= minute && minute < $0.until }
    }

    /// The date of a day since 1970 (Hinnant, "days from civil", the way back).
    private static func name(of day: Int) -> String {
        let shifted = day + 719_468
        let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
        let ofEra = shifted - era * 146_097
        let yearOfEra = (ofEra - ofEra / 1_460 + ofEra / 36_524 - ofEra / 146_096) / 365
        let ofYear = ofEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let fromMarch = (5 * ofYear + 2) / 153
        let month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9
        let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(ofYear - (153 * fromMarch + 2) / 5 + 1, 2))"
    }
}
