import Crypto
import MemberCode
import Runtime
import TestSupport
import Testing

@testable import Controller

/// A door of its own with keys of its own, all of it values.
struct DoorScene {
    static let keys = Keys.random()
    static let issuer = MemberCodeIssuer(keys)
    static let cards = MemberCardIssuer(keys)
    /// Saturday 21 November 2026, 15:12:01 in China.
    static let now: Int64 = 1_795_245_121_000_000
    static let hour: Int64 = 3_600_000_000

    static func moment(_ microseconds: Int64 = now, isCertain: Bool = true) -> Moment {
        Moment(microseconds: microseconds, isCertain: isCertain, bootMicroseconds: 0, bootID: 1)
    }

    static func scan(_ code: String, _ direction: DoorDirection = .inward, at microseconds: Int64 = now, isCertain: Bool = true) -> DoorScan
    {
        DoorScan(
            requestID: UUIDv7(microseconds: microseconds), direction: direction, moment: moment(microseconds, isCertain: isCertain),
            code: code)
    }

    static func code(_ member: Int64, issuedAt: Int64 = now) -> String { issuer.issue(memberID: member, nowMicroseconds: issuedAt).text }

    static func state(
        _ policy: DoorPolicy = DoorPolicy(), refused: [Int64] = [], provisional: [Int64] = [], cards: [Int64] = [], pinCards: [Int64] = [],
        asOf: Int64 = now
    ) -> DoorState {
        var refusals = Refusals()
        refusals.members = NumberSet(refused)
        refusals.provisional = NumberSet(provisional)
        refusals.cards = NumberSet(cards)
        refusals.pinCards = NumberSet(pinCards)
        return DoorState(
            knowledge: DoorKnowledge(policy: policy, verifier: OfflineVerifier(keys), refusals: refusals, asOfMicroseconds: asOf))
    }
}

@Suite struct DoorStateTests {
    private typealias Scene = DoorScene

    private func alone(_ state: DoorState, _ scan: DoorScan) -> [String] {
        var state = state
        let decision = state.decide(scan, answer: nil)
        #expect(decision.isOpen == decision.reasons.isEmpty && decision.decider == .controller)
        #expect(decision.relayMilliseconds == (decision.isOpen ? 3_000 : 0))
        return decision.reasons
    }

    @Test func `alone it opens for an authentic code in its time, once`() {
        var state = Scene.state()
        let code = Scene.code(5)
        #expect(state.decide(Scene.scan(code), answer: nil).isOpen)
        #expect(state.decide(Scene.scan(code), answer: nil).reasons == ["door.code_replayed"])
        #expect(state.decide(Scene.scan(code, .outward), answer: nil).reasons == ["door.code_replayed"])
        #expect(state.decide(Scene.scan(Scene.code(5, issuedAt: Scene.now - 1_000_000)), answer: nil).reasons == ["door.code_replayed"])
        #expect(state.decide(Scene.scan(Scene.code(6)), answer: nil).isOpen)
    }

    @Test func `a server that has not heard of it yet cannot make it open again`() {
        var state = Scene.state()
        let code = Scene.code(5)
        #expect(state.decide(Scene.scan(code), answer: nil).isOpen)
        let yes = DoorAnswer(isOpen: true, reasons: [], relayMilliseconds: 500)
        #expect(state.decideBeforeAsking(Scene.scan(code))?.reasons == ["door.code_replayed"], "so nobody is asked")
        #expect(!state.decide(Scene.scan(code), answer: yes).isOpen)
        let fresh = Scene.code(5, issuedAt: Scene.now + 1_000_000)
        let decision = state.decide(Scene.scan(fresh), answer: yes)
        #expect(decision.isOpen && decision.decider == .server && decision.relayMilliseconds == 500)
        #expect(!state.decide(Scene.scan(fresh), answer: nil).isOpen, "and what the server accepted is not accepted alone")
    }

    @Test func `the server's word holds, whatever the door knows`() {
        var state = Scene.state(DoorPolicy(isOpen: false), refused: [5])
        #expect(state.decide(Scene.scan(Scene.code(5)), answer: DoorAnswer(isOpen: true, reasons: [], relayMilliseconds: 1)).isOpen)
        let no = DoorAnswer(isOpen: false, reasons: ["door.full"], relayMilliseconds: 0)
        #expect(Scene.state().knowledge != nil)
        #expect(state.decide(Scene.scan(Scene.code(6)), answer: no).reasons == ["door.full"])
    }

    @Test func `alone it tells every failing condition, and none keeps anybody inside`() {
        let policy = DoorPolicy(
            isOpen: false, servesEntries: false, stationIsOpen: false,
            openings: [DoorPolicy.Opening(week: [[DoorPolicy.Hours]](repeating: [], count: 7), exceptions: [:])], asksForAttributes: true,
            state: .lockedDown)
        var state = Scene.state(policy, refused: [5])
        state.isShutOut = true
        let old = Scene.scan(Scene.code(5, issuedAt: Scene.now - 66_000_000))
        #expect(
            alone(state, old) == [
                "door.code_expired", "door.member_not_active", "door.controller_shut_out", "door.station_closed", "door.locked_down",
                "door.access_point_closed", "door.direction_not_served", "door.outside_hours", "door.offline_unverifiable",
            ])
        #expect(alone(state, Scene.scan(Scene.code(5), .outward)) == [])
        #expect(alone(state, Scene.scan(Scene.code(5, issuedAt: Scene.now - 66_000_000), .outward)) == ["door.code_expired"])
    }

    @Test func `codes that are none, forged, of another key or of another time stay outside`() {
        let state = Scene.state()
        #expect(alone(state, Scene.scan("WS1:ABC")) == ["door.code_malformed"])
        #expect(alone(state, Scene.scan("4711")) == ["door.needs_network"], "a card's number or a day code")
        #expect(alone(state, Scene.scan("")) == ["door.needs_network"])
        let code = Scene.code(5)
        let forged = String(code.dropLast(3)) + (code.hasSuffix("000") ? "001" : "000")
        #expect(["door.code_forged", "door.code_malformed"].contains(alone(state, Scene.scan(forged)).first ?? ""))
        let foreign = MemberCodeIssuer(Keys.random()).issue(memberID: 5, nowMicroseconds: Scene.now).text
        #expect(alone(state, Scene.scan(foreign)) == ["door.code_forged"])
        #expect(alone(state, Scene.scan(Scene.code(5, issuedAt: Scene.now + 6_000_000))) == ["door.code_from_future"])
        #expect(alone(DoorState(), Scene.scan(code)) == ["door.offline_unprepared"])
    }

    @Test func `refused and provisional members`() {
        #expect(alone(Scene.state(refused: [5]), Scene.scan(Scene.code(5))) == ["door.member_not_active"])
        #expect(alone(Scene.state(provisional: [5]), Scene.scan(Scene.code(5))) == [])
        let strict = Scene.state(DoorPolicy(admitsProvisional: false), provisional: [5])
        #expect(alone(strict, Scene.scan(Scene.code(5))) == ["door.member_not_active"])
    }

    @Test func `cards open often, but not when revoked, ended or with a PIN`() {
        let day = UInt16(Scene.now / 1_000_000 / 86_400)
        func card(_ id: Int64, from: UInt16) -> String { Scene.cards.text(cardID: id, memberID: 5, issuedOnDay: from, validDays: 30) }
        var state = Scene.state(cards: [2], pinCards: [3])
        for _ in 0..<3 { #expect(state.decide(Scene.scan(card(1, from: day - 1)), answer: nil).isOpen) }
        #expect(alone(state, Scene.scan(card(2, from: day - 1))) == ["door.card_revoked"])
        #expect(alone(state, Scene.scan(card(3, from: day - 1))) == ["door.needs_network"])
        #expect(alone(state, Scene.scan(card(3, from: day - 1), .outward)) == [])
        #expect(alone(state, Scene.scan(card(1, from: day - 31))) == ["door.card_expired"])
        #expect(alone(Scene.state(refused: [5]), Scene.scan(card(1, from: day - 1))) == ["door.member_not_active"])
    }

    @Test func `beyond the limit it does what the policy says`() {
        let late = Scene.now + 72 * Scene.hour + 1
        let code = Scene.code(5, issuedAt: late)
        #expect(alone(Scene.state(), Scene.scan(Scene.code(5, issuedAt: late - 1), at: late - 1)) == [])
        #expect(alone(Scene.state(refused: [5]), Scene.scan(code, at: late)) == ["door.offline_too_long"])
        #expect(alone(Scene.state(), Scene.scan(code, .outward, at: late)) == [])
        let frost = Scene.state(DoorPolicy(whenOfflineTooLong: .openForValidCodes), refused: [5])
        #expect(alone(frost, Scene.scan(code, at: late)) == [], "a frost night")
        #expect(
            alone(
                Scene.state(DoorPolicy(offlineLimitHours: 1)),
                Scene.scan(Scene.code(5, issuedAt: Scene.now + 2 * Scene.hour), at: Scene.now + 2 * Scene.hour)) == [
                    "door.offline_too_long"
                ])
    }

    @Test func `hours by weekday, over midnight and by date`() {
        func opening(_ week: [[DoorPolicy.Hours]], _ exceptions: [String: [DoorPolicy.Hours]] = [:]) -> DoorPolicy {
            DoorPolicy(openings: [DoorPolicy.Opening(week: week, exceptions: exceptions)])
        }
        let daily = [DoorPolicy.Hours(from: 22 * 60, until: 26 * 60)]
        let nights = opening([[DoorPolicy.Hours]](repeating: daily, count: 7))
        // 15:12 on a Saturday.
        #expect(!nights.isWithinHours(Scene.now))
        #expect(nights.isWithinHours(Scene.now + 7 * Scene.hour) && nights.isWithinHours(Scene.now + 10 * Scene.hour))
        #expect(!nights.isWithinHours(Scene.now + 11 * Scene.hour))
        var week = [[DoorPolicy.Hours]](repeating: [], count: 7)
        week[5] = daily
        let saturday = opening(week)
        #expect(saturday.isWithinHours(Scene.now + 7 * Scene.hour) && saturday.isWithinHours(Scene.now + 10 * Scene.hour))
        #expect(!saturday.isWithinHours(Scene.now - 17 * Scene.hour), "Friday night")
        let holiday = opening(week, ["2026-11-21": [], "2026-11-22": [DoorPolicy.Hours(from: 0, until: 60)]])
        #expect(!holiday.isWithinHours(Scene.now + 7 * Scene.hour))
        #expect(holiday.isWithinHours(Scene.now + 9 * Scene.hour) && !holiday.isWithinHours(Scene.now + 10 * Scene.hour))
    }

    @Test func `a station closed for a while opens again by itself, an unlocked one opens for everybody`() {
        let closed = DoorPolicy(stationIsOpen: false, stationOpensAt: Scene.now)
        #expect(alone(Scene.state(closed), Scene.scan(Scene.code(5))) == [])
        #expect(
            alone(Scene.state(closed), Scene.scan(Scene.code(5, issuedAt: Scene.now - 1), at: Scene.now - 1)) == ["door.station_closed"])
        var unlocked = Scene.state(DoorPolicy(isOpen: false, state: .unlocked))
        for _ in 0..<2 { #expect(unlocked.decide(Scene.scan("anything"), answer: nil).isOpen) }
    }

    @Test func `an authentic code from the future puts an uncertain clock forward, never a certain one`() {
        let state = Scene.state()
        let code = Scene.code(5, issuedAt: Scene.now + Scene.hour)
        #expect(state.timeProven(by: code, at: Scene.moment(isCertain: false)) == (Scene.now + Scene.hour) / 1_000_000 * 1_000_000)
        #expect(state.timeProven(by: code, at: Scene.moment()) == nil)
        let ahead = Scene.issuer.issue(memberID: 5, nowMicroseconds: Scene.now, aheadSeconds: 1_450).text
        #expect(state.timeProven(by: ahead, at: Scene.moment(isCertain: false)) == nil, "made before its time, it proves none")
        #expect(state.timeProven(by: "WS1:", at: Scene.moment(isCertain: false)) == nil)
    }

    @Test func `a clock that jumps ahead and back again revives no code`() {
        var accepted = AcceptedCodes()
        for member in 1...3_000 {
            accepted.accept(
                AcceptedCodes.Code(memberID: Int64(member), sequence: 9, expiresAtSeconds: 1_000),
                nowSeconds: member < 2_000 ? 950 : 999_999)
        }
        for member in 1...3_000 {
            #expect(accepted.hasSeen(AcceptedCodes.Code(memberID: Int64(member), sequence: 9, expiresAtSeconds: 1_000)))
        }
        #expect(!accepted.hasSeen(AcceptedCodes.Code(memberID: 1, sequence: 10, expiresAtSeconds: 1_001)))
        #expect(accepted.all.count < 3_000, "what has ended is forgotten")
    }
}
