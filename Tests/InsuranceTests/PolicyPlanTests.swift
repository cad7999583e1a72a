import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Insurance

/// What is done to single policies goes by keys, however many there are beside them.
@Suite struct PolicyPlanTests {
    @Test func `one policy is given and moved by keys among thousands`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            try await scene.members(3_000)
            let batch = try await scene.confirmed(of: product, size: 3_001)
            let new = try await scene.members(1)[0]
            let policies = scene.at().insurance.policies
            let ids = try await scene.policies(batch.id).map(\.id)
            try await scene.move(ids.map { PolicyMove($0, to: .sent) }, of: batch.id)
            try await scene.move(ids.dropLast(2).map { PolicyMove($0, to: .issued, number: "P-\($0)") }, of: batch.id)
            _ = try await scene.database.query("analyze")
            func check(_ what: String, _ body: (any Querying) async throws(PostgresError) -> Void) async throws {
                let reads = try await tableReads(scene.database, settings: [], body)
                #expect(reads.whole.isEmpty, "\(what): \(reads.whole)")
                for table in ["policy", "policy_number", "policy_cover"] {
                    #expect(reads.byKey[table, default: 0] < 20, "\(what): \(table)")
                }
            }
            for move in [
                PolicyMove(ids[1_000], to: .active), PolicyMove(ids[1_001], to: .returned, reason: "x"),
                PolicyMove(ids[2_998], to: .issued, number: "Q-1"), PolicyMove(ids[2_999], to: .rejected, reason: "x"),
            ] {
                try await check("\(move.state)") { (querying) async throws(PostgresError) in
                    let moved = try await policies.move([move], of: batch.id, acceptDays: nil, by: "test", in: querying)
                    #expect(moved.map(\.verdict) == [.moved])
                }
            }
            try await check("assign") { (querying) async throws(PostgresError) in
                let given = try await policies.assign([PolicyRequest(new)], of: batch.id, source: .waitlist, by: "test", in: querying)
                #expect(given.map(\.verdict) == [.assigned])
            }
        }
    }

    @Test func `the clock's pages begin where the one before ended, and all of them are done`() async throws {
        try await withInsurance { scene in
            try await scene.members(900)
            let batch = try await scene.confirmed(of: scene.product(), size: 900, from: 0)
            try await scene.issue(batch.id)
            let due = PolicyDueStore(database: scene.database, clockOffsetMicroseconds: 0)
            let insurance = scene.at().insurance
            let product = try #require(try await insurance.products.product(batch.productId))
            let found = try #require(try await insurance.batches.find(batch.id))
            var last: ID<Policy>?
            for page in 0..<3 {
                let from = last
                let moves = try await scene.database.inTransaction {
                    try await due.moves(of: batch.id, product, after: from, limit: 300, in: $0)
                }
                try #require(moves.count == 300, "page \(page)")
                if let from { #expect(moves[0].policyID.rawValue > from.rawValue) }
                try await scene.move(moves, of: batch.id)
                last = moves.last?.policyID
            }
            let end = last
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                #expect(try await due.moves(of: batch.id, product, after: end, limit: 300, in: querying).isEmpty)
                #expect(try await due.leavers(of: found, product, after: end, limit: 300, in: querying).isEmpty)
                #expect(try await due.doubles(of: batch.id, after: end, limit: 300, in: querying).isEmpty)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(reads.byKey["policy", default: 0] < 20)
            #expect(try await scene.batch(batch.id).places.active == 900)
        }
    }

    @Test func `what comes by the clock comes to thousands in one run, and its batch is ripe no more`() async throws {
        try await withInsurance { scene in
            try await scene.members(10_100)
            let batch = try await scene.confirmed(of: scene.product(), size: 10_100, from: 0, days: 30)
            try await scene.issue(batch.id)
            let job = try #require(scene.at().insurance.jobs.first { $0.name == "insurance.clock" })
            #expect(try await job.run() == .idle)
            #expect(try await scene.batch(batch.id).places.active == 10_100)
            let ripe: Bool = try await scene.value("select ripe_at > now() from insurance_batch where batch_id = \(batch.id)")
            #expect(ripe)
            _ = try await scene.database.query("update member set status = 'left'")
            try await scene.at(days: 31).run("insurance.clock")
            #expect(try await scene.batch(batch.id).places.expired == 10_100)
            #expect(try await scene.outOfBalance() == 0)
        }
    }
}
