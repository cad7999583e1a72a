import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

/// Transfers that go both ways at once.
@Suite struct TransferRaceTests {
    @Test(arguments: SeededGenerator.seeds(2))
    func `members who change places between two streets at once all arrive, once`(seed: UInt64) async throws {
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await RegistryScene(database)
            let streets = [try await scene.grow(.street, "东街"), try await scene.grow(.street, "西街")]
            let organizers = [try await scene.organizer(.operator, in: streets[0]), try await scene.organizer(.operator, in: streets[1])]
            let rows = (0..<24).map { "张三,\(DemoRegister.nationalID(seed: seed, row: $0).text),\($0 % 2 == 0 ? "东街" : "西街")\n" }
            _ = try await scene.bringIn("姓名,身份证号,组织\n" + rows.joined())
            let people = try await database.query("select member_id, organization_id from member").map {
                (id: try $0.decode(0, as: Int64.self), from: try $0.decode(1, as: ID<Organization>.self) == streets[0] ? 0 : 1)
            }
            // All ask at once; those of the street that lets go.
            let transfers = await withTaskGroup(of: Int64?.self) { group in
                for person in people {
                    group.addTask {
                        let asked = await scene.send(
                            .post, "/v1/members/\(person.id)/transfers", #"{"organizationId":\#(streets[1 - person.from])}"#,
                            bearer: organizers[person.from])
                        #expect(asked.status == 201, "seed \(seed): \(asked.text)")
                        do { return try asked.json(TransferAnswer.self).id.rawValue } catch { return nil }
                    }
                }
                return await group.reduce(into: [Int64]()) { if let id = $1 { $0.append(id) } }
            }
            #expect(transfers.count == 24)
            _ = try await database.query(
                """
                update member_transfer
                set asked_at = asked_at - interval '8 days', deadline_at = deadline_at - interval '8 days'
                where transfer_id % 3 = 0
                """)
            let orders = [transfers.shuffled(using: &random), transfers.shuffled(using: &random)]
            await withTaskGroup(of: Void.self) { group in
                for side in 0..<2 {
                    for transfer in orders[side] {
                        group.addTask {
                            let agreed = await scene.send(.post, "/v1/transfers/\(transfer)/agree", bearer: organizers[side])
                            let isFine = agreed.status == 200 || agreed.problemCode == "transfer.ended"
                            #expect(isFine || agreed.problemCode == "transfer.deadline_passed", "seed \(seed): \(agreed.text)")
                        }
                    }
                }
                for _ in 0..<2 {
                    group.addTask {
                        for job in scene.registry.jobs where job.name == "transfers.settle" {
                            do { _ = try await job.run() } catch { Issue.record("seed \(seed): \(error)") }
                        }
                    }
                }
            }
            for job in scene.registry.jobs where job.name == "transfers.settle" { _ = try await job.run() }
            for person in people {
                let now = try await scene.registry.members.memberships(of: ID(person.id))
                #expect(now.map(\.organizationID) == [streets[1 - person.from], streets[person.from]], "seed \(seed)")
                #expect(now.first?.startedAt == now.last?.endedAt, "seed \(seed)")
            }
            let states = Set(try await scene.texts("select state || ' ' || end_cause from member_transfer"))
            #expect(states.isSubset(of: ["completed both_agreed", "completed silence"]), "seed \(seed): \(states)")
            for (what, count) in [
                ("audit_entry where action = 'transfer.completed'", 24), ("outbox_event where type = 'member.transferred'", 24),
            ] { #expect(try await scene.count(what) == count, "seed \(seed): \(what)") }
        }
    }
}
