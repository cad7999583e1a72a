import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct GiftStandingTests {
    private static let rules = """
        {"eligibility":[{"sex":["female"]}],
        "classes":[{"name":"首批","conditions":[{"attribute":{"name":"worker_kind","in":["courier"]}}]}],
        "groups":[{"name":"工厂","conditions":[{"attribute":{"name":"worker_kind","in":["factory_worker"]}}]}],
        "floors":[{"group":"工厂","size":2}]}
        """

    @Test func `everybody looked at is told the place, the floors and a secret by which the draw comes out the same`() async throws {
        try await withInsurance { scene in
            try await scene.members(12, kind: "courier")
            try await scene.members(4, kind: "factory_worker")
            let batch = try await scene.confirmed(of: scene.product(), size: 6, rules: Self.rules)
            let held = try await scene.policies(batch.id)
            let all: [ID<Member>] = try await scene.database.query("select member_id from member order by 1").map { try $0.decode(0) }
            var shown: [ID<Member>: OwnBatchAnswer] = [:]
            for member in all {
                let answer = await (try scene.mine(member)).get("/v1/me/insurance-batches/\(batch.id)/standing")
                try #require(answer.status == 200, "\(answer.text)")
                shown[member] = try answer.json(OwnBatchAnswer.self)
            }
            let lottery = try #require(shown[all[0]]?.lottery)
            let secret = try #require(Hex.decode(lottery.secret))
            #expect(Hex.encode(CommittedShuffle.commitment(to: secret)) == lottery.commitment)
            let candidates = RegisterCandidates(
                packed: all.map { member in
                    let draw = shown[member]?.draw
                    return member.rawValue << 16 | Int64(draw?.class ?? 0) << 8 | (draw?.groups == ["工厂"] ? 1 : 0)
                })
            #expect(Hex.encode(SHA256.hash(candidates.bytes)) == lottery.inputsHash)
            let again = RegisterDraw(candidates, rules: batch.rules, quota: 6, secret: secret, name: lottery.name)
            var without = batch.rules
            without.floors = []
            let free = RegisterDraw(candidates, rules: without, quota: 6, secret: secret, name: lottery.name)
            let last = again.given.filter { $0.way == .next }.map { again.places[$0.row] }.max()
            for (row, member) in all.enumerated() {
                let answer = try #require(shown[member])
                let draw = try #require(answer.draw)
                #expect(draw.place == again.places[row] && draw.number == member && draw.candidates == 16 && draw.policies == 6)
                let has = again.given.contains { $0.row == row }
                #expect(answer.standing == (has ? .given : .waiting) && has == held.contains { $0.memberID == member })
                #expect(draw.floorDecided == (has != free.given.contains { $0.row == row }), "\(member)")
                #expect(draw.lastPlace == last && draw.className == (draw.class == 1 ? "首批" : nil))
            }
            // A floor of people who come last must have decided about somebody.
            #expect(shown.values.count { $0.draw?.floorDecided == true } == 4)
        }
    }

    @Test func `who was not looked at is told why: covered, the rules, the product's ages, the membership`() async throws {
        try await withInsurance { scene in
            let covered = try await scene.members(1)[0]
            let product = try await scene.product()
            let first = try await scene.confirmed(of: product, size: 1)
            let man = try await scene.members(1, sex: "male")[0]
            let old = try await scene.members(1, birthOn: "1950-01-01")[0]
            let gone = try await scene.members(1)[0]
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(gone)")
            let lucky = try await scene.members(1)[0]
            let batch = try await scene.confirmed(of: product, size: 3, rules: Self.rules)
            let later = try await scene.members(1)[0]
            func ask(_ member: ID<Member>, language: String = "zh") async throws -> OwnBatchAnswer {
                let mine = try await scene.mine(member)
                return try await mine.get("/v1/me/insurance-batches/\(batch.id)/standing", language: language).json(OwnBatchAnswer.self)
            }
            #expect(try await ask(lucky).standing == .given)
            for (member, codes) in [(covered, ["covered"]), (man, ["rules"]), (old, ["rules"]), (gone, ["not_active"]), (later, ["later"])]
            {
                let answer = try await ask(member)
                #expect(answer.standing == .notLookedAt && answer.draw == nil && answer.reasons.map(\.code) == codes, "\(answer)")
                #expect(answer.lottery != nil)
            }
            #expect(try await ask(man).lines.contains { $0.contains("性别为女") })
            #expect(try await ask(old, language: "en").lines.contains { $0.contains("at most 65") })
            // The list says the same in short; a batch that nobody confirmed is not there.
            let draft = try await scene.draft(of: product, size: 1, from: 500)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/announce")
            let mine = try await scene.mine(man)
            let list = try await mine.get("/v1/me/insurance-batches").json(OwnBatchList.self)
            #expect(list.items.map(\.batchId) == [first.id, batch.id] && list.items.allSatisfy { $0.lottery == nil })
            let page = try await mine.get("/v1/me/insurance-batches?limit=1").json(OwnBatchList.self)
            #expect(page.items.count == 1 && page.next == "\(first.id)")
            #expect(await mine.get("/v1/me/insurance-batches/\(draft.id)/standing").problemCode == "insurance.batch_unknown")
        }
    }

    @Test func `what becomes of a policy and of who waits shows: given back, left out, closed`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(3)
            let product = try await scene.product()
            let batch = try await scene.confirmed(of: product, size: 1)
            let holder = try #require(try await scene.policies(batch.id).first)
            let waiting = members.filter { $0 != holder.memberID }
            func verdict(_ member: ID<Member>) async throws -> GiftStanding.Verdict {
                try await scene.mine(member).get("/v1/me/insurance-batches/\(batch.id)/standing").json(OwnBatchAnswer.self).standing
            }
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(waiting[0])")
            #expect(try await verdict(waiting[0]) == .leftOut)
            #expect(try await verdict(waiting[1]) == .waiting)
            _ = try await scene.confirmed(of: product, size: 1)
            #expect(try await verdict(waiting[1]) == .leftOut)
            let mine = try await scene.mine(holder.memberID)
            _ = await mine.post("/v1/me/policies/\(holder.id)/refuse")
            #expect(try await verdict(holder.memberID) == .givenBack)
            _ = try await scene.database.query("update member set status = 'active' where member_id = \(waiting[0])")
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/close")
            #expect(try await verdict(waiting[0]) == .notGiven)
        }
    }
}
