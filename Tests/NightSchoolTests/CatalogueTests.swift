import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// A whole term in one call, and the catalogue as everybody sees it.
@Suite struct CatalogueTests {
    /// Shenzhen's term: 108 courses, 774 lessons (90 of seven evenings, 18 of eight), 27 rooms and as many teachers, four evenings a week.
    static func term(_ scene: SchoolScene) async throws -> CatalogueBody {
        let rooms: [ID<Classroom>] = try await scene.database.query(
            """
            insert into classroom (school_id, site, name, address, seats, created_by)
            select \(scene.school), '文化宫', 200 + number, '人民路 1 号', 60, 'test' from generate_series(1, 27) number
            returning room_id
            """
        ).map { try $0.decode(0) }
        let teachers: [ID<Teacher>] = try await scene.database.query(
            """
            with made as (
                insert into teacher (organization_id, kind, name, created_by)
                select \(scene.city), 'staff', '老师' || number, 'test' from generate_series(1, 27) number
                returning teacher_id
            )
            insert into teacher_office (teacher_id, days) select teacher_id, '[2020-01-01,)' from made returning teacher_id
            """
        ).map { try $0.decode(0) }
        let codes = ["skills", "culture", "health", "life"]
        return CatalogueBody(
            courses: try (0..<108).map { number in
                let from = try #require(ClockTime("19:00"))
                let to = try #require(ClockTime("20:30"))
                let pattern = LessonPattern(weekdays: [number / 27 + 1], from: from, to: to, count: number < 90 ? 7 : 8)
                return CatalogueBody.Entry(
                    course: CourseBody(category: codes[number % 4], title: "课程 \(number)"),
                    classes: [
                        SchoolClassFacts(
                            label: "一班", teacherId: teachers[number % 27], roomId: rooms[number % 27], capacity: 40,
                            opensAt: Timestamp(dateTime: SchoolScene.time(1)), closesAt: Timestamp(dateTime: SchoolScene.time(8)),
                            pattern: pattern)
                    ])
            }, publish: true)
    }

    private static func json(_ body: CatalogueBody) throws -> String { String(decoding: try JSON.encode(body), as: UTF8.self) }

    @Test func `108 courses with 774 lessons come in by one call, once`() async throws {
        try await withSchool { scene in
            let body = try Self.json(try await Self.term(scene))
            let path = "/v1/school-terms/\(scene.term)/catalogue"
            let made = await scene.at().send(.post, path, body, headers: [("Idempotency-Key", "k")])
            try #require(made.status == 201, "\(made.text)")
            let answer = try made.json(CatalogueAnswer.self)
            #expect(answer.courses == 108 && answer.classes == 108 && answer.lessons == 774)
            let again = await scene.at().send(.post, path, body, headers: [("Idempotency-Key", "k")])
            #expect(again.text == made.text)
            #expect(try await scene.value("select count(*) from lesson", as: Int64.self) == 774)
            let titles: [String] = try await scene.database.query(
                "select title from school_class join course using (course_id) order by class_id"
            ).map { try $0.decode(0) }
            #expect(titles == (0..<108).map { "课程 \($0)" }, "in the order of the body")
            // A second time without the key, every room is taken.
            let twice = await scene.at().send(.post, path, body)
            #expect(twice.status == 422 && Set(twice.reasonCodes) == ["school.room_clash", "school.teacher_clash"])
            #expect(try await scene.value("select count(*) from course", as: Int64.self) == 108)

            // The catalogue, page by page, and by its filters.
            var seen: [ClassAnswer] = []
            var next: String? = ""
            while let after = next {
                let cursor = after.isEmpty ? "" : "&after=\(after)"
                let page = try await scene.at().send(.get, "/v1/public/classes?limit=50\(cursor)").json(ClassList.self)
                seen += page.items
                next = page.next
            }
            #expect(seen.map(\.id) == answer.classIds && seen.allSatisfy { $0.free == 40 && $0.state == .published })
            func count(_ query: String) async throws -> Int {
                try await scene.at().send(.get, "/v1/public/classes?limit=200&\(query)").json(ClassList.self).items.count
            }
            #expect(try await count("category=skills") == 27)
            #expect(try await count("organization=\(scene.east)") == 108)
            #expect(try await count("organization=\(scene.west)") == 0)
            #expect(try await count("term=\(scene.term)&state=running") == 0)
            #expect(try await count("course=\(answer.courseIds[3])&school=\(scene.school)") == 1)
        }
    }

    @Test func `a catalogue with faults is refused as a whole, each fault with its place`() async throws {
        try await withSchool { scene in
            var body = try await Self.term(scene)
            body.courses[3].course.category = "wine"
            body.courses[5].classes[0].pattern.weekdays = []
            body.courses[7].classes[0].capacity = 61
            body.courses[9].classes[0].teacherId = scene.expert
            body.courses[9].classes[0].pattern.until = SchoolScene.day(200)
            // Two of the same call in one room, a day earlier than planned.
            body.courses[30].classes[0].pattern.weekdays = [1]
            body.courses[40].classes.append(body.courses[40].classes[0])
            let before = try await scene.rows()
            let refused = await scene.at().send(.post, "/v1/school-terms/\(scene.term)/catalogue", try Self.json(body))
            #expect(refused.status == 422)
            let found = Set(refused.problem?.reasons.map { "\($0.code) \($0.pointer ?? "")" } ?? [])
            #expect(
                found == [
                    "school.category_not_there /courses/3/category",
                    "school.pattern_without_lessons /courses/5/classes/0/pattern",
                    "school.room_too_small /courses/7/classes/0/roomId",
                    "school.lesson_outside_term /courses/9/classes/0/pattern/until",
                    "school.room_clash /courses/30/classes/0/roomId", "school.teacher_clash /courses/30/classes/0/teacherId",
                    "school.label_twice /courses/40/classes/1/label", "school.room_clash /courses/40/classes/1/roomId",
                    "school.teacher_clash /courses/40/classes/1/teacherId",
                ])
            let named = refused.problem?.reasons.first { $0.pointer == "/courses/30/classes/0/roomId" }?.detail
            #expect(named?.contains("《课程 3》一班 #1") == true, "\(named ?? "")")
            #expect(try await scene.rows() == before)
        }
    }

    @Test func `a condition that is none is refused with its place in the catalogue`() async throws {
        try await withSchool { scene in
            var body = try await Self.term(scene)
            body.courses = Array(body.courses.prefix(3))
            let audience = #""audience":{"age":{"on":"2026-01-01"}},"capacity":40"#
            let json = try Self.json(body).replacing("\"capacity\":40", with: audience)
            let refused = await scene.at().send(.post, "/v1/school-terms/\(scene.term)/catalogue", json)
            #expect(refused.problemCode == "program.rules_invalid")
            #expect(refused.problem?.reasons.first?.pointer == "/courses/0/classes/0/audience/age/atLeast")
        }
    }

    @Test func `drafts and what was never published are in no catalogue, and what was published stays there when it is cancelled`()
        async throws
    {
        try await withSchool { scene in
            let course = try await scene.course()
            let draft = try await scene.draft(scene.classBody(course: course)).schoolClass.id
            let shown = try await scene.published(scene.classBody(course: course, label: "二班", weekday: 3)).schoolClass.id
            let moment = scene.at()
            for id in [draft, shown] { await moment.send(.post, "/v1/classes/\(id)/cancel", #"{"reason":"停办"}"#) }
            let items = try await moment.send(.get, "/v1/public/classes").json(ClassList.self).items
            #expect(items.map(\.id) == [shown] && items.first?.cancelReason == "停办")
            #expect(await moment.send(.get, "/v1/public/classes/\(draft)").problemCode == "school.class_unknown")
            #expect(await moment.send(.get, "/v1/public/classes/\(draft)/calendar.ics").problemCode == "school.class_unknown")
            #expect(try await moment.send(.get, "/v1/classes").json(ClassList.self).items.map(\.id) == [draft, shown])
        }
    }

    @Test func `lists, clashes, views and what is due read every table by its keys`() async throws {
        try await withSchool { scene in
            let body = try await Self.term(scene)
            let made = await scene.at().send(.post, "/v1/school-terms/\(scene.term)/catalogue", try Self.json(body))
            let answer = try made.json(CatalogueAnswer.self)
            _ = try await scene.database.query("analyze")
            let from = try #require(ClockTime("19:00"))
            let to = try #require(ClockTime("21:00"))
            let asked = (0..<20).map { number in
                LessonStore.Asked(
                    owner: -1, time: LessonTime(day: SchoolScene.day(20 + number), from: from, to: to), roomID: scene.room,
                    teacherID: scene.teacher)
            }
            let looks = answer.classIds.map { LessonViewCounter.Look(classID: $0, number: 1, memberID: ID(1)) }
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                var filter = ClassListStore.Filter()
                filter.term = scene.term
                filter.isPublic = true
                _ = try await querying.query(ClassListStore.listStatement(filter, after: nil, limit: 51))
                filter.category = "skills"
                _ = try await querying.query(ClassListStore.listStatement(filter, after: answer.classIds[50], limit: 51))
                _ = try await querying.query(ClassListStore.findStatement(answer.classIds[0], ClassListStore.Filter()))
                _ = try await querying.query(LessonStore.listStatement(answer.classIds[0]))
                _ = try await querying.query(LessonStore.clashStatement(asked, leaving: (answer.classIds[0], nil)))
                _ = try await querying.query(LessonViewCounter.statement(looks, 0))
                let moment = scene.at(days: 30)
                for due in [ClassStore.Due.toDecide, .toStart, .toEnd] {
                    _ = try await querying.query(moment.school.classes.dueStatement(due, limit: 50))
                }
                #expect(try await moment.school.lessons.markHeld(in: querying) > 100)
                #expect(try await scene.at().school.lessons.markHeld(in: querying) == 0)
            }
            #expect(reads.whole.isEmpty, "\(reads.whole)")
            #expect(reads.byKey["lesson", default: 0] < 20_000, "\(reads.byKey)")
        }
    }
}
