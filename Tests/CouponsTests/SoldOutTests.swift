import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import Coupons

@Suite struct SoldOutTests {
    private let start = MonotonicTime(nanoseconds: 1_000_000_000_000)
    private let round = ID<CouponRound>(7)

    @Test func `what the database promised is kept for less than it promised`() {
        let rounds = SoldOutRounds()
        let winner = UUID()
        #expect(!rounds.knows(round, now: start))
        rounds.enter(round, issued: 10, answered: [winner], asked: start)
        #expect(rounds.knows(round, now: start + .milliseconds(899)))
        #expect(rounds.contains(round, UUID(), now: start + .milliseconds(449)))
        // In the second half one asks again, so that the promise is renewed while the others are answered.
        #expect(!rounds.contains(round, UUID(), now: start + .milliseconds(899)))
        #expect(rounds.contains(round, UUID(), now: start + .milliseconds(899)))
        #expect(!rounds.knows(round, now: start + .milliseconds(900)))
        #expect(!rounds.contains(round, UUID(), now: start + .milliseconds(900)))
        #expect(SoldOutRounds.promised < .seconds(1))
        // Who has something asks the database, and is answered as the first time.
        #expect(!rounds.contains(round, winner, now: start))
        #expect(!rounds.contains(ID(8), UUID(), now: start))
    }

    @Test func `a promise holds on as long as nobody has got anything since`() {
        let rounds = SoldOutRounds()
        rounds.enter(round, issued: 10, answered: [], asked: start)
        #expect(rounds.extend(round, issued: 10, asked: start + .seconds(1)))
        #expect(rounds.contains(round, UUID(), now: start + .milliseconds(1_449)))
        #expect(!rounds.contains(round, UUID(), now: start + .milliseconds(1_899)))
        #expect(rounds.contains(round, UUID(), now: start + .milliseconds(1_899)))
        // One was given back and given out: whoever has it is not known here.
        #expect(!rounds.extend(round, issued: 11, asked: start + .seconds(2)))
        #expect(!rounds.extend(ID(8), issued: 10, asked: start + .seconds(2)))
    }

    @Test func `late claims are answered from memory, repeats as the first time, and nobody unknown learns more`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 1)
            let open = scene.at(hours: 2)
            let members = try await scene.members(3)
            var tokens: [String] = []
            for member in members { tokens.append(try await scene.token(of: member)) }
            let id = UUID()
            let mine = try await scene.claim(round.id, open, by: tokens[0], id: id)
            // Asks the database, and learns that nothing is left.
            #expect(try await scene.claim(round.id, open, by: tokens[1]).result == .soldOut)
            let store = open.coupons.claims
            store.soldOut.enter(round.id, issued: 1, answered: [id], asked: MonotonicTime.current + .seconds(3_600))
            let batches = store.figures.batches.load(ordering: .relaxed)
            let late = try await scene.claim(round.id, open, by: tokens[2])
            #expect((late.result, late.reasons.map(\.code)) == (.soldOut, ["coupon.sold_out"]))
            #expect(store.figures.batches.load(ordering: .relaxed) == batches)
            let again = try await scene.claim(round.id, open, by: tokens[0], id: id)
            #expect((again.result, again.couponId) == (.won, mine.couponId))
            #expect(store.figures.batches.load(ordering: .relaxed) == batches + 1)
            // Without a token nothing is said; a body that is none is refused as ever.
            let path = "/v1/coupon-rounds/\(round.id)/claims"
            let body = Array(#"{"requestId":"\#(UUID())"}"#.utf8)
            let nobody = await open.client.send(.post, path, body: body, contentType: "application/json")
            #expect(nobody.status == 401)
            #expect(await open.send(.post, path, #"{"requestId":"x"}"#, bearer: tokens[2]).status == 422)
        }
    }

    @Test func `an organizer sees a round's curve as it goes, within the own subtree, and a venue's device does not`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 3)
            let members = try await scene.members(2)
            let open = scene.at(hours: 2)
            let path = "/v1/coupon-rounds/\(round.id)/events"
            let (pieces, piece) = AsyncStream.makeStream(of: String.self)
            async let watching = open.watching { piece.yield($0) }.send(.get, path)
            var came = pieces.makeAsyncIterator()
            _ = await came.next()
            _ = try await scene.claims(members, on: round.id, open)
            while await came.next()?.contains("\"claimed\":2") == false {}
            _ = try await scene.database.query("update coupon_round set closes_at = opens_at + interval '1 minute'")
            let told = await watching
            #expect(told.undeclared == nil)
            let moments = try told.text.split(separator: "\n").filter { $0.hasPrefix("data: {") }.map {
                try JSON.decode(RoundMoment.self, from: Array($0.dropFirst(6).utf8))
            }
            #expect(moments.first?.claimed == 0 && moments.first?.left == 3 && moments.first?.phase == .open)
            #expect(moments.contains { $0.claimed == 2 && $0.left == 1 && $0.phase == .open })
            #expect(moments.last?.phase == .ended)
            #expect(zip(moments, moments.dropFirst()).allSatisfy { $0.at < $1.at })
            #expect(await open.send(.get, "/v1/coupon-rounds/4711/events").problemCode == "coupon.round_unknown")
        }
    }

    @Test func `whoever watches a round learns how it goes and what became of a waiting claim`() async throws {
        try await withCoupons { scene in
            let round = try await scene.announced(stock: 1, more: #","mode":"equal_start","equalStartSeconds":60"#)
            let member = try await scene.members(1)
            let token = try await scene.token(of: member[0])
            let open = scene.at(hours: 1 + 0.5 / 60)
            #expect(try await scene.claim(round.id, open, by: token).result == .pending)
            let late = scene.at(hours: 2)
            async let watching = late.send(.get, "/v1/coupon-rounds/\(round.id)/events", bearer: token)
            try await late.run("coupons.shuffle")
            // The stream ends with the round.
            _ = try await scene.database.query("update coupon_round set closes_at = opens_at + interval '1 minute'")
            let events = await watching.text
            #expect(events.contains("event: round"))
            #expect(events.contains("event: claim") || events.contains(#""own":1"#))
            #expect(events.contains(#""phase":"ended""#))
        }
    }
}
