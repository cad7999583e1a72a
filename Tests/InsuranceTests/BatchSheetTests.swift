import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct BatchSheetTests {
    private static let rules = """
        {"eligibility":[],"classes":[{"name":"women","conditions":[{"sex":["female"]}]}],
        "groups":[{"name":"new forms","conditions":[{"attribute":{"name":"worker_kind","in":["courier"]}}]}],
        "floors":[{"group":"new forms","size":3}]}
        """

    @Test func `everybody sees the commitment before the run, the secret only once it is confirmed, and draws the same again`() async throws
    {
        try await withInsurance { scene in
            try await scene.members(5, kind: "courier", sex: "male")
            try await scene.members(20, kind: "factory_worker")
            let batch = try await scene.draft(of: scene.product(), size: 6, rules: Self.rules)
            func sheet() async -> TestResponse {
                await scene.at().client.send(.get, "/v1/public/insurance-batches/\(batch.id)")
            }
            #expect(await sheet().status == 404)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            let before = try await sheet().json(BatchSheet.self)
            #expect(before.lotteryCommitment != nil && before.lotterySecret == nil && before.figures == nil)
            try await scene.run(batch.id)
            let during = try await sheet().json(BatchSheet.self)
            #expect(during.lotterySecret == nil && during.figures == nil && during.places == nil && during.inputsHash == nil)
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#, bearer: scene.second)
            let after = try await sheet().json(BatchSheet.self)
            let secret = try #require(after.lotterySecret.flatMap { Hex.decode($0) })
            #expect(Hex.encode(CommittedShuffle.commitment(to: secret)) == before.lotteryCommitment)
            #expect(after.figures?.floors.first?.filled == 3 && after.places?.reserved == 6)

            let insurance = scene.at().insurance
            let (candidates, places) = try await scene.database.inTransaction {
                try await insurance.policies.candidates(of: batch.id, in: $0)
            }
            #expect(Hex.encode(SHA256.hash(candidates.bytes)) == after.inputsHash)
            let draw = RegisterDraw(candidates, rules: after.rules, quota: 6, secret: secret, name: after.lotteryName)
            #expect(draw.places == places)
            let held = try await scene.policies(batch.id).map(\.memberID.rawValue).sorted()
            #expect(draw.given.map { candidates.members[$0.row] }.sorted() == held)
        }
    }

    @Test func `figures by whatever add up to the batch, and a preview tells how many there are and are covered`() async throws {
        try await withInsurance { scene in
            try await scene.members(5, kind: "courier", sex: "male")
            try await scene.members(20, in: scene.west, kind: "factory_worker")
            let product = try await scene.product()
            let batch = try await scene.confirmed(of: product, size: 10, rules: Self.rules)
            let first = try await scene.policies(batch.id)[0].id
            try await scene.move([PolicyMove(first, to: .returned, reason: "名单有误")], of: batch.id)
            let held = try await scene.policies(batch.id).filter { $0.state == .reserved }
            let couriers: Int64 = try await scene.value(
                "select count(*) from member where worker_kind = 'courier' and member_id = any(\(held.map(\.memberID)))")
            for (by, names) in [
                ("class", ["women": 9 - couriers, "": couriers]), ("organization", ["东区": couriers, "西区": 9 - couriers]),
                ("worker_kind", ["courier": couriers, "factory_worker": 9 - couriers]), ("source", ["run": 9]),
            ] {
                let lines = try await scene.at().send(.get, "/v1/insurance-batches/\(batch.id)/figures?by=\(by)").json(BatchFigureList.self)
                #expect(Dictionary(uniqueKeysWithValues: lines.items.map { ($0.name, $0.policies) }) == names, "\(by)")
                #expect(lines.items.compactMap { $0.states["returned"] }.reduce(0, +) == 1, "\(by)")
            }
            let floors = try await scene.at().send(.get, "/v1/insurance-batches/\(batch.id)/figures").json(BatchFigureList.self).items
            #expect(floors.map(\.name) == ["new forms"])
            #expect(floors[0].states.values.reduce(0, +) >= 3)
            let next = try await scene.draft(of: product, size: 10, rules: Self.rules)
            let preview = try await scene.at().send(.get, "/v1/insurance-batches/\(next.id)/preview").json(BatchPreviewAnswer.self)
            #expect((preview.eligible, preview.covered, preview.groups.map(\.members)) == (25, 9, [5]))
        }
    }
}
