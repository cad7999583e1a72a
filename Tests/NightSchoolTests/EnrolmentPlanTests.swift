import FoundationEssentials
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct EnrolmentPlanTests {
    @Test func `a draw of two thousand and the lists of its classes read every table by its keys, whatever the statistics`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 40, weekdays: [2, 3])
            let other = try await scene.drawn("舞蹈", capacity: 40, weekdays: [2])
            let members = try await scene.database.query(
                """
                insert into member (
                    organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                select \(scene.east), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false
                from generate_series(1, 2000)
                returning member_id
                """
            ).map { try $0.decode(0, as: ID<Member>.self) }
            let store = scene.at(days: 2).school.enrolments
            for wishes in [classes, other] {
                for start in stride(from: 0, to: members.count, by: 100) {
                    _ = try await store.enrol(
                        batch: members[start..<start + 100].map {
                            EnrolmentRequest(memberID: $0, requestID: UUID(), wishes: wishes, subject: "test")
                        })
                }
            }
            let server = scene.at(days: 8.6)
            let id = try #require(try await scene.sheet(classes[0]).schoolClass.drawId)
            // The statistics are still those of empty tables.
            let started = MonotonicTime.current
            let drawn = try await scene.database.inTransaction {
                try await server.school.draws.make(id, by: ProgramLife.Actor(subject: "test"), in: $0)
            }
            #expect(drawn?.applicants == 2_000 && drawn?.seated == 80)
            #expect((MonotonicTime.current - started).nanoseconds < 20_000_000_000, "a plan without keys takes minutes")

            _ = try await scene.database.query("analyze")
            let waiting: ID<Member> = try await scene.value("select member_id from enrolment where state = 'waitlisted' limit 1")
            let own = try #require(try await server.school.enrolments.list(of: waiting).first { $0.state == .waitlisted })
            let next = try #require(try await scene.sheet(other[0]).schoolClass.drawId)
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                for cursor in [SeatCursor.start, SeatCursor(part: 3, key: 1_000)] {
                    _ = try await querying.query(SeatListStore.statement(classes[0], after: cursor, limit: 51))
                    _ = try await querying.query(SeatListStore.statement(other[0], after: cursor, limit: 51))
                }
                _ = try await querying.query(EnrolmentWhyStore.wishesStatement(own.id, waiting))
                _ = try await querying.query(EnrolmentWhyStore.oddsStatement(own.courseId, own.termId, (1, 3)))
                #expect(try await server.school.draws.draws.freeze(next, in: querying))
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(reads.byKey["enrolment", default: 0] < 60_000, "\(reads.byKey)")
            #expect(try await scene.imbalances() == 0)
        }
    }
}
