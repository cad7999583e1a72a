import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

/// Batches of one family that give to the same people at once: nobody has two, and nothing fails for it.
@Suite struct GiftRaceTests {
    private func announced(_ scene: InsuranceScene, of product: ProductAnswer, size: Int) async throws -> ID<InsuranceBatch> {
        let batch = try await scene.draft(of: product, size: size)
        let announced = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
        try #require(announced.status == 200, "\(announced.text)")
        return batch.id
    }

    /// Members who are covered more often than once.
    private func twice(_ scene: InsuranceScene) async throws -> Int64 {
        try await scene.value("select count(*) from (select from policy_cover group by member_id, family having count(*) > 1) twice")
    }

    @Test func `two runs that looked at the same people both give, and what was drawn for who is covered goes on`() async throws {
        try await withInsurance { scene in
            try await scene.members(10)
            let product = try await scene.product()
            let ids = [
                try await announced(scene, of: product, size: 6), try await announced(scene, of: product, size: 6),
                try await announced(scene, of: product, size: 6),
            ]
            let run = scene.at().insurance.run
            var computed: [GiftRun.Computed] = []
            for id in ids { computed.append(try await run.compute(id)) }
            #expect(computed.allSatisfy { $0.draw.given.count == 6 })
            func write(_ one: GiftRun.Computed) async throws {
                try await scene.database.inTransaction { try await run.write(one, by: .init(subject: "account:1"), in: $0) }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for one in computed.prefix(2) { group.addTask { try await write(one) } }
                try await group.waitForAll()
            }
            var places: [InsuranceBatch.Places] = []
            for id in ids.prefix(2) { places.append(try await scene.batch(id).places) }
            #expect(places.map(\.reserved).sorted() == [4, 6] && places.map(\.free).sorted() == [0, 2])
            #expect(try await twice(scene) == 0)
            #expect(try await scene.outOfBalance() == 0)
            // Of whom it gave to anybody can still draw it again.
            for id in ids.prefix(2) {
                let confirmed = await scene.at().send(
                    .post, "/v1/insurance-batches/\(id)/review", #"{"confirm":true}"#, bearer: scene.second)
                #expect(confirmed.status == 200, "\(confirmed.text)")
                let sheet = try await scene.at().client.send(.get, "/v1/public/insurance-batches/\(id)").json(BatchSheet.self)
                let insurance = scene.at().insurance
                let (candidates, drawn) = try await scene.database.inTransaction { try await insurance.policies.candidates(of: id, in: $0) }
                #expect(Hex.encode(SHA256.hash(candidates.bytes)) == sheet.inputsHash)
                let secret = try #require(sheet.lotterySecret.flatMap { Hex.decode($0) })
                let draw = RegisterDraw(candidates, rules: sheet.rules, quota: 6, secret: secret, name: sheet.lotteryName)
                #expect(draw.places == drawn)
                let held = try await scene.policies(id).map(\.memberID.rawValue).sorted()
                #expect(draw.given.map { candidates.members[$0.row] }.sorted() == held)
            }
            // Nobody is left for the third, which says so and stays as it was.
            await #expect { try await write(computed[2]) } throws: {
                ($0 as? Problem)?.type.code == InsuranceProblem.nobodyEligible.code
            }
            #expect(try await scene.batch(ids[2]).state == .announced)
        }
    }

    @Test func `people who join two mutual aids of a family at once get one, and are told so of the other`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(40)
            let product = try await scene.product()
            let batches = [try await scene.aid(of: product, size: 40).id, try await scene.aid(of: product, size: 40).id]
            let moment = scene.at()
            var tokens: [String] = []
            for member in members { tokens.append(try await scene.token(of: member)) }
            let codes = await withTaskGroup(of: String.self) { group in
                for token in tokens {
                    for batch in batches {
                        group.addTask {
                            let answer = await moment.send(.post, "/v1/me/insurance-batches/\(batch)/join", bearer: token)
                            return answer.problemCode ?? "\(answer.status)"
                        }
                    }
                }
                return await group.reduce(into: [:]) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["200": 40, "insurance.covered_already": 40], "\(codes)")
            #expect(try await twice(scene) == 0)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `waitlists of two batches that give to the same people at once both go on`() async throws {
        try await withInsurance { scene in
            try await scene.members(60)
            let product = try await scene.product()
            var ids: [ID<InsuranceBatch>] = []
            for _ in 0..<2 {
                let id = try await scene.confirmed(of: product, size: 20).id
                try await scene.move(scene.policies(id).map { PolicyMove($0.id, to: .returned, reason: "名单有误") }, of: id)
                ids.append(id)
            }
            let waitlist = scene.at(days: 1).insurance.waitlist
            let given = try await withThrowingTaskGroup(of: Int.self) { group in
                for id in ids { group.addTask { try await scene.database.inTransaction { try await waitlist.give(id, in: $0) } } }
                return try await group.reduce(0, +)
            }
            #expect(given >= 20)
            #expect(try await scene.value("select count(*) from policy_cover", as: Int64.self) == Int64(given))
            #expect(try await twice(scene) == 0)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    // Who does not wait would be waited for for ever. The limit counts the wait for a turn among all tests, too.
    @Test(.timeLimit(.minutes(20))) func `who gives waits for who gives of the same family, and not for others`() async throws {
        try await withInsurance { scene in
            let members = try await scene.members(2)
            let product = try await scene.product()
            let (first, second) = (try await scene.aid(of: product, size: 5).id, try await scene.aid(of: product, size: 5).id)
            let other = try await scene.aid(of: scene.product(of: product.insurerId, family: "illness"), size: 5).id
            let policies = scene.at().insurance.policies
            func give(_ batch: ID<InsuranceBatch>, in querying: any Querying) async throws -> PolicyAssigned.Verdict? {
                try await policies.assign([PolicyRequest(members[0])], of: batch, source: .joined, by: "test", in: querying).first?.verdict
            }
            let waiting = try await scene.database.inTransaction { transaction in
                #expect(try await give(first, in: transaction) == .assigned)
                #expect(try await scene.database.inTransaction { try await give(other, in: $0) } == .assigned)
                let waiting = Task { try await scene.database.inTransaction { try await give(second, in: $0) } }
                while try await scene.value(
                    "select count(*) from pg_locks where locktype = 'advisory' and not granted", as: Int64.self) == 0
                {
                    try await Task.sleep(for: .milliseconds(5))
                }
                return waiting
            }
            #expect(try await waiting.value == .covered)
        }
    }
}
