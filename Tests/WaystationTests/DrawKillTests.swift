import Crypto
import FoundationEssentials
import Glibc
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// A server that is killed while it draws the seats of a course: nothing was drawn, and of the next two servers one draws all of it.
struct DrawKillTests {
    private static let applicants = 300
    private static let seats: Int32 = 40

    // A draw that is not done again would be waited for for ever. The limit counts the wait for a turn among all tests, too.
    @Test(.timeLimit(.minutes(20))) func `a draw cut off in the middle leaves nothing, and the next server draws, once`() async throws {
        try await withDatabase { database in
            let folder = "/tmp/waystation-draw-\(UInt64.random(in: 0 ... .max))"
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            defer {
                do { try FileManager.default.removeItem(atPath: folder) } catch { Issue.record("\(folder) stays: \(error)") }
            }
            let connection = try await TestCluster.shared.connectionString(
                try await database.query("select current_database()::text")[0].decode(0))
            let keys = try KeyFile.openOrCreate(path: folder + "/keys.json")
            let registry = Registry(database: database, keys: keys, loops: database.loops)
            try await Self.apply(NightSchool(database: database, registry: registry, keys: keys, clock: Clock()), database, registry)
            try await database.inTransaction { transaction in
                // It writes the seats and waits for whoever holds the table of their events.
                _ = try await transaction.query("lock table enrolment_event in share row exclusive mode")
                let killed = try await RunningServer(connection, folder: folder, days: 3, ["--job-lease", "1"])
                while try await !Self.isWaiting(database) { try await Task.sleep(for: .milliseconds(5)) }
                killed.process.send(SIGKILL)
                _ = try await onThread(name: "wait") { killed.process.wait() }.get()
                let left = try await database.query(
                    "select count(*) filter (where state = 'applied'), (select count(*) from school_draw_entry) from enrolment"
                ).single
                let (applied, entries): (Int64, Int64) = (try left.decode(0), try left.decode(1))
                #expect(applied == Int64(Self.applicants) && entries == 0)
            }
            let servers = [
                try await RunningServer(connection, folder: folder, days: 3, ["--job-lease", "1"]),
                try await RunningServer(connection, folder: folder, days: 3, ["--job-lease", "1"]),
            ]
            while try await database.query("select 1 from school_draw where drawn_at is null").first != nil {
                try await Task.sleep(for: .milliseconds(20))
            }
            for server in servers { try await server.stop() }
            let row = try await database.query(
                """
                select
                    (select count(*) from enrolment where state = 'seated'), (select sum(seated) from class_seat_count),
                    (select sum(taken)::bigint from member_term), (select count(*) from enrolment where state = 'waitlisted'),
                    (select sum(waiting) from class_seat_count), (select count(*) from enrolment_event),
                    (select count(*) from outbox_event where type like 'enrolment.%'),
                    (select count(*) from audit_entry where action = 'school_draw.drawn')
                """
            ).single
            let (seats, all) = (Int64(Self.seats), Int64(Self.applicants))
            for (column, value) in [seats, seats, seats, all - seats, all - seats, all, all, 1].enumerated() {
                #expect(try row.decode(column, as: Int64.self) == value, "\(column)")
            }
        }
    }

    private static func isWaiting(_ database: Database) async throws -> Bool {
        try await database.query(
            """
            select exists (
                select from pg_stat_activity
                where datname = current_database() and wait_event_type = 'Lock' and query like '%night_school_settle_draw%'
                    and pid <> pg_backend_pid())
            """
        ).single.decode(0)
    }

    /// A published class whose seats are drawn in two days, and who wants them.
    private static func apply(_ school: NightSchool, _ database: Database, _ registry: Registry) async throws {
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "深圳"))).id
        let members = try await database.query(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            select \(city), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false
            from generate_series(1, \(Int32(applicants)))
            returning member_id
            """
        ).map { try $0.decode(0, as: ID<Member>.self) }
        for statement: SQL in [
            "insert into school (organization_id, name, created_by) values (\(city), '夜校', 'test')",
            """
            insert into school_term (school_id, name, starts_on, ends_on, created_by)
            values (1, '秋季', current_date, current_date + 100, 'test')
            """,
            "insert into teacher (organization_id, kind, name, created_by) values (\(city), 'staff', '王老师', 'test')",
            "insert into classroom (school_id, site, name, address, seats, created_by) values (1, '文化宫', '101', '1 号', 99, 'test')",
            "insert into course (school_id, category_id, title, created_by) values (1, 1, '书法', 'test')",
            """
            insert into school_class (
                school_id, term_id, course_id, label, kind, teacher_id, room_id, enrolment_mode, opens_at, closes_at, pattern, state,
                first_at, last_until, published_at, created_by, created_at)
            values (
                1, 1, 1, '一班', 'class', 1, 1, 'draw', now() - interval '1 day', now() + interval '2 days', '{}', 'published',
                now() + interval '10 days', now() + interval '50 days', now(), 'test', now())
            """,
            "insert into class_seat_count (class_id, capacity) values (1, \(seats))",
        ] { _ = try await database.query(statement) }
        let mismatched = try await database.inTransaction { try await school.draws.open([ID(1)], in: $0) }
        #expect(mismatched.isEmpty)
        let outcomes = try await school.enrolments.enrol(
            batch: members.map { EnrolmentRequest(memberID: $0, requestID: UUID(), wishes: [ID(1)], subject: "test") })
        #expect(outcomes.count == applicants)
    }
}
