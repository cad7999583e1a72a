import FoundationEssentials
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// What decides at a lesson and after it goes by keys, however much there is beside it.
@Suite struct AttendancePlanTests {
    @Test func `scans, lists, lent seats, closing, weighing, certificates and rates read every table by its keys`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 20, waiting: 5, count: 4)
            _ = try await taught.scan(taught.seated[0].id, 1, minutes: 0)
            _ = try await scene.database.query("analyze")
            let moment = taught.at(1, minutes: 5)
            let reader = LessonCodeReader(scene.keys)
            let time = taught.time(1, minutes: 5)
            let scans = taught.seated[..<10].map { member in
                reader.scan(
                    taught.code(member.id, at: time), pin: nil, at: (taught.id, 1), request: UUID(), device: ID(1), occurredAt: time,
                    by: "device:1", nowMicroseconds: time.microseconds)
            }
            func offset(_ lesson: Int, _ minutes: Double) -> Int64 { Int64(taught.days(lesson, minutes: minutes) * 86_400e6) }
            let attendance = moment.school.attendance
            let later = taught.at(4, minutes: 3_000).school.attendance.rolls
            let ids = taught.seated.map(\.id)
            let waiter = taught.waiting[0].id
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(LessonScanStore.statement(scans, isOffline: false, offset(1, 5)))
                _ = try await querying.query(LessonScanStore.statement(scans, isOffline: true, offset(1, 5)))
                let lines = ids[10...].map { LessonMarksBody.Item(memberId: $0, state: .late, occurredAt: nil) }
                _ = try await attendance.rolls.mark(lines, of: taught.id, 1, by: "account:1", in: querying)
                _ = try await attendance.rolls.roll(of: taught.id, 1, in: querying)
                _ = try await querying.query(
                    "select * from night_school_excuse(\(ids[0]), \(taught.id), 2::smallint, 'x', \(offset(2, -600)))")
                _ = try await querying.query(
                    "select night_school_answer_seat(\([waiter]), \(taught.id), 2::smallint, true, \(offset(2, -590)))")
                _ = try await querying.query("update lesson set state = 'held' where class_id = \(taught.id)")
                _ = try await querying.query("update school_class set state = 'ended' where class_id = \(taught.id)")
                for step in [LessonRollStore.Step.closeRolls, .weighAbsences, .certify] {
                    _ = try await later.run(step, 50, in: querying)
                }
                _ = try await querying.query(LessonRollStore.ratesStatement(taught.id, nil, nil))
                _ = try await querying.query("select * from night_school_lower_priority(\(ids), \(scene.term))")
                _ = try await attendance.standings.takeUntold(limit: 10, in: querying)
                _ = try await attendance.lent.takeUntold(limit: 10, in: querying)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(Set(["lesson_attendance", "lesson_roll", "enrolment", "lesson_seat"]).isSubset(of: reads.byKey.keys))
        }
    }

    @Test func `a class of two hundred with a term of marks is read once, not once a person`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1, waiting: 0, count: 16)
            _ = try await scene.database.query(
                """
                with made as (
                    insert into member (
                        organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
                    select \(scene.east), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false from generate_series(1, 200)
                    returning member_id
                ),
                seated as (
                    insert into enrolment (
                        member_id, term_id, course_id, state, class_id, wishes, request_id, answer, enrolled_by, enrolled_at, changed_at)
                    select made.member_id, school_class.term_id, school_class.course_id, 'seated', class_id, array[class_id],
                        gen_random_uuid(), 'seated', 'test', now(), now()
                    from made, school_class where class_id = \(taught.id)
                    returning member_id, enrolment_id
                ),
                rolls as (
                    insert into lesson_roll (class_id, number) select class_id, number from lesson where class_id = \(taught.id)
                    returning class_id, number
                )
                insert into lesson_attendance (
                    class_id, number, member_id, enrolment_id, state, is_guest, source, occurred_at, recorded_at, recorded_by)
                select class_id, number, member_id, enrolment_id, 'attended', false, 'list', now(), now(), 'test' from rolls, seated
                """)
            _ = try await scene.database.query("analyze")
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(LessonRollStore.ratesStatement(taught.id, nil, nil))
            }
            #expect(try await scene.at().school.attendance.rolls.rates(of: taught.id).count == 201)
            for (table, rows) in reads.byKey { #expect(rows <= 201 * 16 * 2, "\(rows) rows of \(table)") }
        }
    }
}
