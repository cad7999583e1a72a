import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Insurance

@Suite struct RenewalTests {
    private func renewals(_ scene: InsuranceScene) async throws -> [InsuranceBatch] {
        try await scene.at().insurance.batches.list(within: .everything, after: nil, limit: 100).filter { $0.renewsBatchID != nil }
    }

    @Test func `thirty days before a batch ends a draft of the next is made once, and its holders go on without a gap`() async throws {
        try await withInsurance { scene in
            try await scene.members(3)
            let product = try await scene.product()
            let batch = try await scene.confirmed(of: product, size: 2, from: 0, days: 60, more: #","renewDays":30"#)
            let other = try await scene.confirmed(of: try await scene.product(family: "illness"), size: 2, from: 0, days: 60)
            try await scene.issue(batch.id)
            let holders = Set(try await scene.policies(batch.id).map(\.memberID))

            try await scene.at(days: 29).run("insurance.renewals")
            #expect(try await renewals(scene).isEmpty, "a day too early")
            for _ in 0..<2 { try await scene.at(days: 31).run("insurance.renewals") }
            let drafts = try await renewals(scene)
            let draft = try #require(drafts.first)
            #expect(drafts.count == 1 && draft.renewsBatchID == batch.id && draft.state == .draft)
            #expect(try await scene.batch(other.id).renewDays == nil)
            #expect(draft.facts.coverFrom.description == InsuranceScene.day(60))
            #expect(draft.facts.coverUntil > draft.facts.coverFrom && draft.facts.renewDays == 30 && draft.facts.size == 2)
            let subject = "insurance_batch:\(batch.id)"
            let told: Int64 = try await scene.value(
                "select count(*) from outbox_event where type = 'insurance_batch.renewal_drafted' and subject = \(subject)")
            #expect(told == 1)

            // Two policies for three members; whoever has one until the day before may have one from that day on.
            let announced = await scene.at(days: 31).send(.post, "/v1/insurance-batches/\(draft.id)/announce")
            #expect(announced.status == 200, "\(announced.text)")
            let draw = try await scene.at(days: 31).insurance.run.make(draft.id, by: .init(subject: "account:1"))
            #expect(draw.candidates.count == 3 && draw.given.count == 2)
            #expect(!holders.isEmpty)
        }
    }

    @Test func `the next time is as long in years, months and days, and mutual aid is joined as much later`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let batch = try await scene.draft(
                of: product, size: 5,
                more: #","kind":"mutual_aid","contributionFen":3000,"joinUntil":"\#(InsuranceScene.day(9))T00:00:00Z","renewDays":366"#)
            let announced = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            #expect(announced.status == 200, "\(announced.text)")
            _ = try await scene.database.query(
                "update insurance_batch set cover_from = '2027-01-01', cover_until = '2028-01-01' where batch_id = \(batch.id)")
            try await scene.at(days: 40).run("insurance.renewals")
            let draft = try #require(try await renewals(scene).first)
            #expect(draft.facts.coverFrom.description == "2028-01-01" && draft.facts.coverUntil.description == "2029-01-01", "a leap year")
            let before = try #require(try await scene.at().insurance.batches.find(batch.id)?.facts.joinUntil)
            let shift = try #require(draft.facts.joinUntil).microseconds - before.microseconds
            #expect((364...367).contains(shift / 86_400_000_000))
        }
    }

    @Test func `what is due goes by its index`() async throws {
        try await withInsurance { scene in
            let batches = scene.at().insurance.batches
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(batches.dueToRenewStatement(limit: 20))
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
        }
    }
}
