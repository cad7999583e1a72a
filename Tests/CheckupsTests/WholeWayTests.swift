import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups
@testable import Programs

/// From the draft to the report, through everybody's own calls.
@Suite struct WholeWayTests {
    @Test func `workers find a van, wish, are placed, confirm, decline and swap, are examined, and hear of the report`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(capacity: 2, quota: 6, family: "checkup", offerHours: 24)
            let members = try await scene.members(8)
            var tokens: [String] = []
            for member in members { tokens.append(try await scene.token(of: member)) }
            let announced = await scene.today.send(.post, "/v1/programs/\(campaign.id)/announce")
            try #require(announced.status == 200, "\(announced.text)")

            // Open: an hour from now for another one.
            let open = scene.at(microseconds: 90 * 60_000_000)
            let found = try await open.send(.get, "/v1/me/checkups/visits?latitude=31.8&longitude=119.97", by: tokens[0])
                .json(NearbyVisitList.self).items
            #expect(found.map(\.visit.id) == [campaign.visit])
            let visit = "/v1/me/checkups/visits/\(campaign.visit)"
            let numbers = try await open.send(.get, visit, by: tokens[0]).json(NearbyVisitAnswer.self).sessions.map(\.number)
            #expect(numbers == [1, 2, 3])
            for token in tokens {
                let applied = await open.send(.put, "/v1/me/programs/\(campaign.id)/application", #"{"wishes":[1,2,3]}"#, by: token)
                try #require(applied.status == 200, "\(applied.text)")
            }

            // Closed, shared out, looked at by another, published.
            let closed = scene.at(microseconds: 3 * 3_600_000_000)
            try await share(campaign.id, closed)
            var states: [Int32: [ID<Member>]] = [:]
            for row in try await scene.database.query("select number, member_id from program_award where state = 'offered'") {
                states[try row.decode(0), default: []].append(try row.decode(1))
            }
            #expect(states.mapValues(\.count) == [1: 2, 2: 2, 3: 2], "six of eight have a place")

            // One declines: the place is offered to who waits, one after the other, and only then left for a swap.
            let first = try #require(states[3]?.first)
            let token = { (member: ID<Member>) in tokens[members.firstIndex(of: member) ?? 0] }
            let award = "/v1/me/programs/\(campaign.id)/award"
            let mover = try #require(states[1]?.first)
            #expect(await closed.send(.post, visit + "/swap", #"{"session":2}"#, by: token(mover)).problemCode == "checkup.swap_full")
            let placed = Set(states.values.flatMap(\.self))
            var waiting = Set(members).subtracting(placed)
            var leaver = first
            while true {
                let declined = await closed.send(.post, award + "/decline", by: token(leaver))
                try #require(declined.status == 200, "\(declined.text)")
                #expect(
                    await closed.send(.post, visit + "/swap", #"{"session":3}"#, by: token(mover)).problemCode == "checkup.swap_full",
                    "the place belongs to who waits, until a tick has looked")
                let shown = try await closed.send(.get, visit, by: token(mover)).json(NearbyVisitAnswer.self).sessions
                #expect(shown.map(\.left) == [0, 0, 0])
                guard try await closed.programs.sharing.ticks.tick(campaign.id).offered == 1 else { break }
                let next: ID<Member> = try await scene.value(
                    "select member_id from program_award where number = 3 and source = 'tick' and state = 'offered'")
                #expect(waiting.remove(next) != nil)
                leaver = next
            }
            #expect(waiting.isEmpty, "everybody who waited was asked")
            let swapped = await closed.send(.post, visit + "/swap", #"{"session":3}"#, by: token(mover))
            #expect(try swapped.json(OwnCheckupList.self).items.first?.session.number == 3)
            for member in states.values.flatMap(\.self) where member != first {
                let confirmed = await closed.send(.post, award + "/confirm", by: token(member))
                #expect(confirmed.status == 200, "\(confirmed.text)")
            }

            // At the van; who declined comes anyway, and has the place that was left.
            let morning = scene.at("08:01")
            for member in [try #require(states[1]?.last), mover] {
                let answer = try await scene.show(member, at: campaign.visit, scene.at("08:40"))
                #expect(answer.outcome == .checkedIn, "\(answer.reasons.map(\.code))")
            }
            let unlucky = leaver
            #expect(try await scene.show(unlucky, at: campaign.visit, morning, to: "walk-ins").outcome == .waiting)
            #expect(try await scene.callNext(campaign.visit, morning).items.map(\.member.memberId) == [unlucky])
            #expect(try await scene.show(unlucky, at: campaign.visit, morning).outcome == .checkedIn)

            let after = scene.at("12:00", day: 5)
            let told = await after.send(
                .post, "/v1/checkups/campaigns/\(campaign.id)/reports", #"{"lines":[{"memberId":\#(unlucky),"state":"ready"}]}"#)
            #expect(told.status == 200)
            let own = try await after.send(.get, "/v1/me/checkups", by: token(unlucky)).json(OwnCheckupList.self).items
            #expect(own.first?.state == .attended && own.first?.report != nil)
            let total = try await after.send(.get, "/v1/checkups/campaigns/\(campaign.id)/figures?by=session").json(CheckupReport.self)
                .total
            #expect([total.applied, total.placed, total.confirmed, total.attended] == [8, 8, 6, 3])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    private func share(_ id: ID<UnionProgram>, _ moment: CheckupScene.Moment) async throws {
        let programs = moment.programs
        let closed = await moment.send(.post, "/v1/programs/\(id)/close")
        try #require(closed.status == 200, "\(closed.text)")
        let runs = RunStore(programs.programs.database, clock: moment.clock)
        let run = try await RunMaker(programs.life, runs: runs).make(id, by: .init(subject: "account:1"))
        let review = RunReview(programs.life, runs: runs)
        _ = try await programs.programs.database.transaction { transaction in
            _ = try await review.review(run.number, of: id, isAccepted: true, note: nil, by: .init(subject: "account:2"), in: transaction)
            return try await review.publish(id, by: .init(subject: "account:2"), in: transaction)
        }
    }
}
