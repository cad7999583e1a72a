import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// What decides at the van goes by keys, however much there is beside it.
@Suite struct CheckupPlanTests {
    @Test func `check-ins, walk-ins, calls, swaps and lists read every table by its keys`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 40, to: "10:00", days: 2)
            let members = try await scene.members(30)
            for member in members[..<20] { try await scene.give(1, of: campaign, to: member) }
            _ = try await scene.database.query("analyze")
            let moment = scene.at("08:20")
            let offset = moment.clock.offsetMicroseconds
            let reader = VanCodeReader(scene.keys)
            let scans = try members[..<16].map { member in
                let code = reader.read(scene.code(member, moment), pin: nil, nowMicroseconds: moment.clock.nowMicroseconds)
                return VanScan(
                    requestID: try #require(UUID(uuidString: CheckupScene.requestID())), visitID: campaign.visit, code: code,
                    occurredAt: moment.now, fingerprint: [UInt8](repeating: 0, count: 16), doneBy: "device:1")
            }
            let call = try #require(UUID(uuidString: CheckupScene.requestID()))
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(CheckInStore.checkInStatement(scans, offset))
                _ = try await querying.query(CheckInStore.checkInStatement(scans, offset))
                _ = try await querying.query(
                    CheckInStore.swapStatement(
                        members[16..<20].map { VanSwap(memberID: $0, visitID: campaign.visit, number: 6) }, offset))
                for (index, member) in members[20..<24].enumerated() {
                    _ = try await querying.query(
                        """
                        select from checkups_walk_in(
                            \(scans[index].requestID), \(campaign.visit), \(member), null, 'member_code', now(),
                            \([UInt8](repeating: 1, count: 16)),
                            'device:1', true, 0::smallint, \(offset))
                        """)
                }
                _ = try await moment.checkups.walkIns.callNext(call, count: 3, at: campaign.visit, by: "device:1", in: querying)
                _ = try await moment.checkups.days.enter(
                    members[24...].map { AttendanceLine(memberId: $0, session: 1, state: .walkIn) },
                    times: members[24...].map { _ in scene.instant("08:10") }, on: scene.day, of: campaign.visit, campaign.id,
                    by: "account:1", in: querying)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(Set(["program_award", "program_session", "checkup_visit", "checkup_session", "member"]).isSubset(of: reads.byKey.keys))
        }
    }
}
