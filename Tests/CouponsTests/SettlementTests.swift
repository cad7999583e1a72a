import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Testing

@testable import Coupons

/// What venues are owed is added up from events, and paid once.
@Suite struct SettlementTests {
    private func line(_ redeemed: Int64, _ fen: Int64) -> SettlementLine.Count { SettlementLine.Count(count: redeemed, fen: fen) }

    @Test func `the file says each venue and the sum, in yuan, and runs nothing`() {
        #expect([0, 5, 1_205, -1_205, 100_000_000].map(SettlementFile.yuan) == ["0.00", "0.05", "12.05", "-12.05", "1000000.00"])
        let lines = [
            SettlementLine(venueId: ID(1), venueName: "=cmd|'/c calc'!A1,\"x\"", redeemed: line(2, 10_000), twiceByUnion: line(1, 5_000)),
            SettlementLine(
                venueId: ID(2), venueName: "书店", redeemed: line(2, 9_000), annulled: line(1, 5_000), refunded: line(1, 5_000),
                twiceByVenue: line(1, 700), beyondAllowance: line(1, 4_000)),
        ]
        #expect(lines.map(\.owedFen) == [15_000, -5_000])
        let time = Timestamp(microseconds: 1_767_225_600_000_000)
        let bytes = SettlementFile.bytes(title: "冬日", from: time, until: time, lines)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(Array(bytes.prefix(3)) == [0xEF, 0xBB, 0xBF])
        let rows = text.split(separator: "\r\n")
        #expect(rows[2] == "1,\"'=cmd|'/c calc'!A1,\"\"x\"\"\",2,100.00,0,0.00,0,0.00,0,0.00,1,50.00,0,0.00,150.00")
        #expect(rows[3] == "2,书店,2,90.00,1,50.00,1,50.00,1,7.00,0,0.00,1,40.00,-50.00")
        #expect(rows[4] == ",合计,4,190.00,1,50.00,1,50.00,1,7.00,1,50.00,1,40.00,100.00" && rows.count == 5)
    }

    @Test func `a period is settled once, when nothing in it can be annulled any more; a later refund is the next one's`() async throws {
        try await withVenues { scene in
            let counter = try await scene.counter()
            let members = try await scene.members(3)
            let campaign = try await scene.campaign(at: [counter])
            for member in members { try await scene.coupon(of: campaign, for: member) }
            let moment = scene.moment()
            let ids = members.map { _ in VenueScene.requestID() }
            for (member, id) in zip(members, ids) { _ = try await scene.show(member, at: counter, moment, id: id) }
            #expect(await scene.annul(ids[2], at: counter, moment).status == 200)
            let (begin, end) = (scene.moment(-60).now, scene.moment(60).now)
            let path = "/v1/coupon-campaigns/\(campaign)"
            let body = #"{"from":"\#(begin)","until":"\#(end)"}"#
            #expect(await moment.send(.post, path + "/settlements", body).problemCode == "coupon.settlement_too_early")
            #expect(await scene.moment(955).send(.post, path + "/settlements", body).problemCode == "coupon.settlement_too_early")
            let backwards = #"{"from":"\#(end)","until":"\#(begin)"}"#
            #expect(await moment.send(.post, path + "/settlements", backwards).reasonCodes == ["coupon.period_invalid"])
            let preview = try await moment.send(.get, path + "/settlement-preview?from=\(begin)&until=\(end)").json(SettlementPreview.self)
            #expect(preview.sum.owedFen == 10_000 && preview.lines.count == 1 && preview.lines[0].annulled.count == 1)
            let later = scene.moment(1_000)
            let made = await later.send(.post, path + "/settlements", body)
            let settlement = try made.json(SettlementAnswer.self)
            #expect(made.status == 201 && settlement.owedFen == 10_000 && settlement.redemptions == 3)
            #expect(await later.send(.post, path + "/settlements", body).problemCode == "coupon.settlement_overlaps")
            let file = await later.send(.get, path + "/settlements/\(settlement.id)/file")
            #expect(Hex.encode(SHA256.hash(file.body)) == settlement.sha256 && file.header("ETag") == "\"\(settlement.sha256)\"")
            #expect(file.text.contains("1,面馆,3,150.00,1,50.00,0,0.00,0,0.00,0,0.00,0,0.00,100.00"))
            #expect(await scene.refund(ids[0], of: counter.id, later).status == 200)
            let next = #"{"from":"\#(end)","until":"\#(scene.moment(2_000).now)"}"#
            let second = try await scene.moment(4_000).send(.post, path + "/settlements", next).json(SettlementAnswer.self)
            #expect(second.owedFen == -5_000 && second.redemptions == 0)
            let list = try await later.send(.get, path + "/settlements").json(SettlementList.self)
            #expect(list.items.map(\.id) == [settlement.id, second.id] && list.items.map(\.owedFen).reduce(0, +) == 5_000)
            let other = try await scene.campaign(at: [counter])
            #expect(
                await later.send(.get, "/v1/coupon-campaigns/\(other)/settlements/\(settlement.id)/file").problemCode
                    == "coupon.settlement_unknown")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `of two who settle a period at once one does, and a retried request gets its settlement`() async throws {
        try await withVenues { scene in
            let campaign = try await scene.campaign(at: [scene.counter()])
            let moment = scene.moment()
            let body = #"{"from":"2026-01-01T00:00:00Z","until":"2026-01-08T00:00:00Z"}"#
            let path = "/v1/coupon-campaigns/\(campaign)/settlements"
            async let one = moment.send(.post, path, body, headers: [("Idempotency-Key", "one")])
            async let two = moment.send(.post, path, body, headers: [("Idempotency-Key", "two")])
            let answers = [await one, await two]
            #expect(answers.map(\.status).sorted() == [201, 409])
            let again = await moment.send(
                .post, path, body, headers: [("Idempotency-Key", answers[0].status == 201 ? "one" : "two")])
            #expect(try again.status == 201 && again.json(SettlementAnswer.self).id == ID(1))
        }
    }
}
