import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct GiftRunTests {
    private static let couriersFirst = """
        {"eligibility":[],"groups":[{"name":"new forms","conditions":[{"attribute":{"name":"worker_kind","in":["courier"]}}]}],
        "floors":[{"group":"new forms","size":4}]}
        """

    @Test func `a batch goes to those whom rules and product let in, with its floor, once confirmed by a second organizer`() async throws {
        try await withInsurance { scene in
            try await scene.members(6, kind: "courier")
            try await scene.members(20, kind: "factory_worker")
            // So many that a run which let them in would hardly pass them all over.
            let old = try await scene.members(60, birthOn: "1950-01-01")
            let young = try await scene.members(60, birthOn: "2020-01-01")
            let product = try await scene.product()
            let batch = try await scene.draft(of: product, size: 5, rules: Self.couriersFirst)
            let announced = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            #expect(try announced.json(BatchAnswer.self).state == .announced)
            let asked = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/runs")
            #expect(asked.status == 202)
            let twice = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/runs")
            #expect((twice.status, twice.problemCode) == (409, "insurance.run_under_way"))
            try await scene.run(batch.id)
            let made = try await scene.batch(batch.id)
            #expect((made.state, made.places.reserved, made.places.free) == (.run, 5, 0))
            let own = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#)
            #expect((own.status, own.problemCode) == (403, "insurance.own_run"))
            let reviewed = await scene.at().send(
                .post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#, bearer: scene.second)
            #expect(try reviewed.json(BatchAnswer.self).state == .confirmed)
            let couriers: Int64 = try await scene.value(
                "select count(*) from policy join member using (member_id) where worker_kind = 'courier'")
            #expect(couriers >= 4)
            #expect(try await scene.value("select count(*) from policy where member_id = any(\(old + young))", as: Int64.self) == 0)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `nobody is given two of a family over the same days, whatever batch, and after them again`() async throws {
        try await withInsurance { scene in
            try await scene.members(10)
            let product = try await scene.product()
            let first = try await scene.confirmed(of: product, size: 6)
            let second = try await scene.confirmed(of: product, size: 10)
            #expect((first.places.reserved, second.places.reserved, second.places.free) == (6, 4, 6))
            let later = try await scene.confirmed(of: product, size: 20, from: 375)
            #expect(later.places.reserved == 10)
            let other = try await scene.confirmed(of: scene.product(of: product.insurerId, family: "two_cancers"), size: 20)
            #expect(other.places.reserved == 10)
            // The database itself holds it, whoever writes.
            await #expect(throws: (any Error).self) {
                _ = try await scene.database.query(
                    "insert into policy_cover select member_id, 999, family, cover from policy_cover limit 1")
            }
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a merged person who is covered under the old number gets no second one`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(3)
            let product = try await scene.product()
            _ = try await scene.confirmed(of: product, size: 3)
            let more = try await scene.members(1)
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(more[0]) where member_id = \(members[0])")
            let next = try await scene.draft(of: product, size: 3)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(next.id)/announce")
            await #expect(throws: Problem.self) { try await scene.run(next.id) }
            #expect(try await scene.batch(next.id).state == .announced)
        }
    }

    @Test func `a run that is not confirmed gives everything back, and the next one draws alike`() async throws {
        try await withInsurance { scene in
            try await scene.members(30)
            let batch = try await scene.draft(of: scene.product(), size: 7)
            let numbers = await scene.upload("/v1/insurance-batches/\(batch.id)/numbers", Array("number\nA1\nA2\n".utf8))
            try #require(numbers.status == 201, "\(numbers.text)")
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            try await scene.run(batch.id)
            let before = try await scene.policies(batch.id).map(\.memberID)
            #expect(try await scene.policies(batch.id).compactMap(\.number).sorted() == ["A1", "A2"])
            let why = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":false}"#, bearer: scene.second)
            #expect((why.status, why.problemCode) == (422, "insurance.invalid"))
            let rejected = await scene.at().send(
                .post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":false,"reason":"名单有误"}"#, bearer: scene.second)
            let back = try rejected.json(BatchAnswer.self)
            #expect((back.state, back.places.free, back.places.reserved) == (.announced, 7, 0))
            #expect(try await scene.outOfBalance() == 0)
            // Nothing of it is left, and the insurer's numbers are free for the next.
            for table in ["policy", "policy_cover", "policy_event", "insurance_candidates"] {
                #expect(try await scene.value("select count(*) from \(raw: table)", as: Int64.self) == 0, "\(table)")
            }
            #expect(try await scene.value("select count(*) from policy_number where state = 'free'", as: Int64.self) == 2)
            try await scene.run(batch.id)
            #expect(try await scene.policies(batch.id).map(\.memberID) == before)
        }
    }

    @Test func `the draw is the same anywhere, fills floors first, and what comes free goes to who mends them`() {
        var random = SeededGenerator(seed: 11)
        for _ in 0..<20 {
            let count = Int.random(in: 20...200, using: &random)
            let packed = (1...count).map { Int64($0) << 16 | 1 << 8 | Int64.random(in: 0...1, using: &random) }.shuffled(using: &random)
            let candidates = RegisterCandidates(packed: packed)
            let special = candidates.groups.count { $0 == 1 }
            let quota = Int.random(in: 1...count, using: &random)
            let size = Int.random(in: 1...quota, using: &random)
            let rules = ProgramRules(
                groups: [.init(name: "special", conditions: [])], floors: [.init(group: "special", size: size)])
            let draw = RegisterDraw(candidates, rules: rules, quota: quota, secret: [UInt8](repeating: 3, count: 32), name: "a")
            let again = RegisterDraw(candidates, rules: rules, quota: quota, secret: [UInt8](repeating: 3, count: 32), name: "a")
            #expect(draw.given.map(\.row) == again.given.map(\.row))
            #expect(draw.given.count == min(quota, count))
            let given = draw.given.count { candidates.groups[$0.row] == 1 }
            #expect(given >= min(size, special))
            // One of the group leaves: the next comes from it, if the floor needs it and anybody is left.
            guard let leaver = draw.given.first(where: { candidates.groups[$0.row] == 1 })?.row, draw.given.count < count else { continue }
            var standings = [RegisterDraw.Standing](repeating: .waiting, count: count)
            for one in draw.given { standings[one.row] = .holds }
            standings[leaver] = .gone
            let next = RegisterDraw.next(candidates, places: draw.places, standings: standings, rules: rules, quota: quota)
            #expect(next.count == 1)
            let isShort = given - 1 < size && special > given
            if isShort { #expect(candidates.groups[next[0].row] == 1 && next[0].way == .floor) }
            let waiting = (0..<count).filter { standings[$0] == .waiting && (!isShort || candidates.groups[$0] == 1) }
            #expect(next[0].row == waiting.min { draw.places[$0] < draw.places[$1] })
        }
    }
}
