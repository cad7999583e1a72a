import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime

/// What an organizer writes of a draft.
struct ProgramBody: Codable, Sendable, APIType {
    let organizationId: ID<Organization>
    let title: String
    let shares: UnionProgram.Share?
    let quota: Int32
    let rules: ProgramRules?
    let family: String?
    let period: String?
    let timeZone: String?
    let opensAt: String?
    let closesAt: String?
    let runAt: String?
    let resultsAt: String?
    let endsAt: String?
    let offerHours: Int32?
    let tickMinutes: Int32?
    let keepsWaiting: Bool?
    let appeal: String?
    let lotteryKind: UnionProgram.LotteryKind?
    let beaconSource: String?

    var facts: ProgramFacts {
        func time(_ text: String?) -> Timestamp? { text.flatMap { Timestamp(dateTime: $0) } }
        return ProgramFacts(
            title: title, shares: shares ?? .place, rules: rules ?? ProgramRules(), family: family, period: period,
            timeZone: timeZone ?? "Asia/Shanghai", opensAt: time(opensAt), closesAt: time(closesAt), runAt: time(runAt),
            resultsAt: time(resultsAt), endsAt: time(endsAt), offerHours: offerHours, tickMinutes: tickMinutes ?? 10,
            keepsWaiting: keepsWaiting ?? false, appeal: appeal, lotteryKind: lotteryKind ?? .secret, beaconSource: beaconSource)
    }

    static let name = Schema.string(1...40, pattern: Pattern("^[a-z][a-z0-9_]{0,39}$") { text in isName(text) })
    static let periodName = Schema.string(
        1...40, pattern: Pattern("^[0-9a-z_-]{1,40}$") { $0.allSatisfy { isDigitOrLetter($0) || $0 == 0x5F || $0 == 0x2D } })

    private static func isDigitOrLetter(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte) }
    private static func isName(_ text: some Collection<UInt8>) -> Bool {
        text.first.map { (0x61...0x7A).contains($0) } ?? false && text.allSatisfy { isDigitOrLetter($0) || $0 == 0x5F }
    }

    static let schema = Schema.object(
        "ProgramBody", "A program to be made, or what a draft is to be",
        [
            .required("organizationId", .id, "Who shares out"),
            .required("title", .string(1...100)),
            .optional("shares", .oneOf(UnionProgram.Share.allCases.map(\.rawValue)), "What is shared; place when absent"),
            .required("quota", .integer(1...1_000_000_000), "Places in all"),
            .optional("rules", ProgramRules.schema, "Who may apply, who goes first, what is promised"),
            .optional("family", name, "A person holds one benefit of a family and period"),
            .optional("period", periodName, "2026, 2026-h1"),
            .optional("timeZone", .string(1...64), "As in the tz database; Asia/Shanghai when absent"),
            .optional("opensAt", .dateTime), .optional("closesAt", .dateTime),
            .optional("runAt", .dateTime, "When it is shared out by itself; by hand when absent"),
            .optional("resultsAt", .dateTime, "When applicants may expect the result; a reviewed run is published then"),
            .optional("endsAt", .dateTime),
            .optional("offerHours", .integer(1...720), "How long a place waits for its confirmation; it needs none when absent"),
            .optional("tickMinutes", .integer(1...1_440), "How often freed places are given on; 10 when absent"),
            .optional("keepsWaiting", .boolean, "Whether who declined or let an offer lapse stays on the waitlist; not when absent"),
            .optional("appeal", .string(1...500), "How to appeal"),
            .optional("lotteryKind", .oneOf(UnionProgram.LotteryKind.allCases.map(\.rawValue)), "secret when absent"),
            .optional("beaconSource", .string(1...200), "Which public number, and when it comes"),
        ])
}

/// A session as it is written and read.
struct SessionBody: Codable, Sendable, APIType {
    let number: Int32
    let title: String
    let capacity: Int32
    let walkIn: Int32?
    /// In answers.
    let taken: Int32?
    let startsAt: String?
    let endsAt: String?
    let areaId: ID<Organization>?
    let audienceId: ID<Organization>?

    init(_ session: ProgramSession) {
        number = session.number
        title = session.title
        capacity = session.capacity
        walkIn = session.walkIn
        taken = session.taken
        startsAt = session.startsAt?.description
        endsAt = session.endsAt?.description
        areaId = session.areaID
        audienceId = session.audienceID
    }

    var session: ProgramSession {
        ProgramSession(
            number: number, title: title, capacity: capacity, walkIn: walkIn ?? 0,
            startsAt: startsAt.flatMap { Timestamp(dateTime: $0) }, endsAt: endsAt.flatMap { Timestamp(dateTime: $0) }, areaID: areaId,
            audienceID: audienceId)
    }

    static let schema = Schema.object(
        "ProgramSession", "A time and place with seats",
        [
            .required("number", .integer(1...65_535)), .required("title", .string(1...100), "Without , | = and quotes"),
            .required("capacity", .integer(0...1_000_000_000)),
            .optional("walkIn", .integer(0...1_000_000_000), "Seats of the capacity kept for who comes without a place"),
            .optional("taken", .integer(0...1_000_000_000), "Seats that are held; only in answers"),
            .optional("startsAt", .dateTime), .optional("endsAt", .dateTime),
            .optional("areaId", .id, "In mode local: whose members go first"),
            .optional("audienceId", .id, "Whose members may wish for it; everybody's who may apply when absent"),
        ])
}

struct SessionListBody: Codable, Sendable, APIType {
    let sessions: [SessionBody]

    static let schema = Schema.object(
        "ProgramSessions", "Sessions of a program", [.required("sessions", .array(of: SessionBody.schema, 1...65_535))])
}

struct SessionList: Codable, Sendable, APIType {
    let items: [SessionBody]

    static let schema = Schema.object(
        "ProgramSessionList", "Every session, by its number", [.required("items", .array(of: SessionBody.schema, 0...65_535))])
}

/// A part for a subtree of the organizations.
struct PartBody: Codable, Sendable, APIType {
    struct Places: Codable, Sendable {
        let session: Int32
        let places: Int32

        static let schema = Schema.object(
            "PartPlaces", "Places of one session",
            [.required("session", .integer(1...65_535)), .required("places", .integer(1...1_000_000_000))])
    }

    let organizationId: ID<Organization>
    let quota: Int32
    let returnsAt: String
    let sessions: [Places]?

    static let schema = Schema.object(
        "ProgramPartBody", "Places that an organization below shares out among its own members",
        [
            .required("organizationId", .id, "Whose members may apply"), .required("quota", .integer(1...1_000_000_000)),
            .required("returnsAt", .dateTime, "When places that nobody holds come back"),
            .optional("sessions", .array(of: Places.schema, 1...65_535), "Of which sessions; needed unless the program is one pool"),
        ])
}

struct CancelBody: Codable, Sendable, APIType {
    let reason: String

    static let schema = Schema.object(
        "ProgramCancelBody", "Why", [.required("reason", .string(1...500), "Everybody who applied is told; no personal data")])
}

/// A program as organizers see it.
struct ProgramAnswer: Codable, Sendable, APIType {
    let id: ID<UnionProgram>
    let organizationId: ID<Organization>
    let parentId: ID<UnionProgram>?
    let state: ProgramState
    let title: String
    let shares: UnionProgram.Share
    let quota: Int32
    let taken: Int32
    let rules: ProgramRules
    let family: String?
    let period: String?
    let timeZone: String
    let opensAt: String?
    let closesAt: String?
    let runAt: String?
    let resultsAt: String?
    let endsAt: String?
    let returnsAt: String?
    let offerHours: Int32?
    let tickMinutes: Int32
    let keepsWaiting: Bool
    let appeal: String?
    let lotteryKind: UnionProgram.LotteryKind
    let beaconSource: String?
    let rulesHash: String?
    let commitment: String?
    let inputsHash: String?
    let announcedAt: String?
    let publishedAt: String?
    let cancelReason: String?

    init(_ program: UnionProgram) {
        let facts = program.facts
        id = program.id
        organizationId = program.organizationID
        parentId = program.parentID
        state = program.state
        title = facts.title
        shares = facts.shares
        quota = program.quota
        taken = program.taken
        rules = facts.rules
        family = facts.family
        period = facts.period
        timeZone = facts.timeZone
        opensAt = facts.opensAt?.description
        closesAt = facts.closesAt?.description
        runAt = facts.runAt?.description
        resultsAt = facts.resultsAt?.description
        endsAt = facts.endsAt?.description
        returnsAt = program.returnsAt?.description
        offerHours = facts.offerHours
        tickMinutes = facts.tickMinutes
        keepsWaiting = facts.keepsWaiting
        appeal = facts.appeal
        lotteryKind = facts.lotteryKind
        beaconSource = facts.beaconSource
        rulesHash = program.rulesHash.map { Hex.encode($0) }
        commitment = program.commitment.map { Hex.encode($0) }
        inputsHash = program.inputsHash.map { Hex.encode($0) }
        announcedAt = program.announcedAt?.description
        publishedAt = program.publishedAt?.description
        cancelReason = program.cancelReason
    }

    static let schema = Schema.object(
        "Program", "What an organization shares out",
        [
            .required("id", .id), .required("organizationId", .id), .optional("parentId", .id, "The program it has its places from"),
            .required("state", .oneOf(ProgramState.allCases.map(\.rawValue))), .required("title", .string(1...100)),
            .required("shares", .oneOf(UnionProgram.Share.allCases.map(\.rawValue))), .required("quota", .integer(0...1_000_000_000)),
            .required("taken", .integer(0...1_000_000_000), "Places that are held"), .required("rules", ProgramRules.schema),
            .optional("family", .string(1...40)), .optional("period", .string(1...40)), .required("timeZone", .string(1...64)),
            .optional("opensAt", .dateTime), .optional("closesAt", .dateTime), .optional("runAt", .dateTime),
            .optional("resultsAt", .dateTime), .optional("endsAt", .dateTime), .optional("returnsAt", .dateTime),
            .optional("offerHours", .integer(1...720)), .required("tickMinutes", .integer(1...1_440)), .required("keepsWaiting", .boolean),
            .optional("appeal", .string(1...500)), .required("lotteryKind", .oneOf(UnionProgram.LotteryKind.allCases.map(\.rawValue))),
            .optional("beaconSource", .string(1...200)), .optional("rulesHash", .string(64...64), "SHA-256 of the announcement's bytes"),
            .optional("commitment", .string(64...64), "To the lottery's secret"),
            .optional("inputsHash", .string(64...64), "Of the applications, once it has closed"), .optional("announcedAt", .dateTime),
            .optional("publishedAt", .dateTime), .optional("cancelReason", .string(1...500)),
        ])
}

struct ProgramList: Codable, Sendable, APIType {
    let items: [ProgramAnswer]
    let next: String?

    static let schema = Schema.object(
        "ProgramList", "A page of programs", [.required("items", .array(of: ProgramAnswer.schema, 0...200)), PageCursor.next])
}

struct ProgramEventAnswer: Codable, Sendable {
    let id: Int64
    let step: String
    let stateBefore: String?
    let stateAfter: String
    let reason: String?
    let doneBy: String
    let occurredAt: String

    init(_ event: ProgramEvent) {
        id = event.id
        step = event.step
        stateBefore = event.stateBefore
        stateAfter = event.stateAfter
        reason = event.reason
        doneBy = event.doneBy
        occurredAt = event.occurredAt.description
    }

    static let schema = Schema.object(
        "ProgramEvent", "What happened to a program",
        [
            .required("id", .id), .required("step", .string(1...40)), .optional("stateBefore", .string(1...20)),
            .required("stateAfter", .string(1...20)), .optional("reason", .string(1...500)), .required("doneBy", .string(1...100)),
            .required("occurredAt", .dateTime),
        ])
}

struct ProgramEventList: Codable, Sendable, APIType {
    let items: [ProgramEventAnswer]
    let next: String?

    static let schema = Schema.object(
        "ProgramEventList", "A page of a program's history",
        [.required("items", .array(of: ProgramEventAnswer.schema, 0...200)), PageCursor.next])
}
