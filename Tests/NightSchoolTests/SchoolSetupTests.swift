import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Schools, terms, rooms, teachers, categories and courses: made and changed as everything that organizers edit.
@Suite struct SchoolSetupTests {
    @Test func `a school is changed by who read it last, and stays with its organization`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            let path = "/v1/schools/\(scene.school)"
            let tag = try #require(await moment.send(.get, path).header("ETag"))
            let body = #"{"organizationId":\#(scene.east),"name":"新名"}"#
            #expect(await moment.send(.put, path, body, headers: [("If-Match", tag)]).status == 200)
            #expect(await moment.send(.put, path, body, headers: [("If-Match", tag)]).problemCode == "school.changed")
            let other = #"{"organizationId":\#(scene.west),"name":"新名"}"#
            #expect(await moment.send(.put, path, other).problemCode == "school.organization_unknown")
            #expect(await moment.send(.post, "/v1/schools", body).problemCode == "school.name_taken")
            #expect(await moment.send(.get, "/v1/schools/999").problemCode == "school.unknown")
        }
    }

    @Test func `the same key makes one school, and another body under it is refused`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            let body = #"{"organizationId":\#(scene.west),"name":"西区职工夜校"}"#
            let first = await moment.send(.post, "/v1/schools", body, headers: [("Idempotency-Key", "k")])
            let again = await moment.send(.post, "/v1/schools", body, headers: [("Idempotency-Key", "k")])
            #expect(first.status == 201 && again.text == first.text)
            let count: Int64 = try await scene.value("select count(*) from school")
            #expect(count == 2)
        }
    }

    @Test func `who organizes another district sees nothing of it and changes nothing`() async throws {
        try await withSchool { scene in
            let west = scene.organizer(of: scene.west)
            let course = try await scene.course()
            let draft = try await scene.draft(scene.classBody(course: course))
            let before = try await scene.rows()
            for (method, path, body) in [
                (HTTP.Method.get, "/v1/schools/\(scene.school)", nil), (.get, "/v1/school-terms/\(scene.term)", nil),
                (.get, "/v1/school-rooms/\(scene.room)", nil), (.get, "/v1/teachers/\(scene.teacher)", nil),
                (.get, "/v1/courses/\(course)", nil), (.get, "/v1/classes/\(draft.schoolClass.id)", nil),
                (.get, "/v1/classes/\(draft.schoolClass.id)/events", nil), (.post, "/v1/classes/\(draft.schoolClass.id)/publish", nil),
                (.post, "/v1/classes", scene.classBody(course: course, label: "二班")),
                (.post, "/v1/classes/\(draft.schoolClass.id)/cancel", #"{"reason":"x"}"#),
                (.post, "/v1/schools/\(scene.school)/rooms", #"{"site":"a","name":"b","address":"c","seats":3}"#),
            ] {
                #expect(await west.send(method, path, body).status == 404, "\(path)")
            }
            #expect(try await west.send(.get, "/v1/classes").json(ClassList.self).items.isEmpty)
            #expect(try await scene.rows() == before)
        }
    }

    @Test func `a term says every day that is wrong, and keeps lessons to come out of its holidays`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            func body(_ starts: Int, _ ends: Int, _ holidays: [Int]) -> String {
                let days = holidays.map { #"{"on":"\#(SchoolScene.day($0))","name":"假"}"# }.joined(separator: ",")
                return """
                    {"name":"秋季","startsOn":"\(SchoolScene.day(starts))","endsOn":"\(SchoolScene.day(ends))","holidays":[\(days)]}
                    """
            }
            let wrong = await moment.send(.put, "/v1/school-terms/\(scene.term)", body(30, 10, [12, 12]))
            #expect(
                wrong.reasonCodes == [
                    "school.term_days_invalid", "school.holiday_outside_term", "school.holiday_outside_term", "school.holiday_twice",
                ])
            let draft = try await scene.draft(scene.classBody(course: try await scene.course()))
            let third = CalendarDate.inChina(draft.lessons[2].startsAt)
            let days = third.daysSince1970 - SchoolScene.day(0).daysSince1970
            let refused = await moment.send(.put, "/v1/school-terms/\(scene.term)", body(10, 130, [days]))
            #expect(refused.reasonCodes == ["school.lesson_in_the_way"] && refused.text.contains("书法"))
            #expect(await moment.send(.get, "/v1/school-terms/\(scene.term)").header("ETag") == "\"1\"")
            let kept = await moment.send(.put, "/v1/school-terms/\(scene.term)", body(10, 130, [days + 1]))
            #expect(kept.status == 200)
            #expect(try kept.json(SchoolTerm.self).holidays.map(\.on) == [SchoolScene.day(days + 1)])
        }
    }

    @Test func `a teacher's terms of office neither overlap nor leave lessons to come`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            func body(_ offices: String, more: String = "") -> String {
                #"{"organizationId":\#(scene.city),"kind":"staff","name":"王老师","offices":[\#(offices)]\#(more)}"#
            }
            let (first, last) = (SchoolScene.day(0), SchoolScene.day(40))
            let wrong = await moment.send(
                .post, "/v1/teachers", body(#"{"from":"\#(last)","to":"\#(first)"},{"from":"\#(first)"},{"from":"\#(last)"}"#))
            #expect(wrong.reasonCodes == ["school.office_reversed", "school.offices_overlap"])
            _ = try await scene.draft(scene.classBody(course: try await scene.course()))
            let path = "/v1/teachers/\(scene.teacher)"
            let refused = await moment.send(.put, path, body(#"{"from":"\#(first)","to":"\#(last)"}"#))
            #expect(Set(refused.reasonCodes) == ["school.lesson_needs_office"])
            #expect(try await moment.send(.get, path).json(Teacher.self).offices == [.init(from: first)])
            #expect(
                await moment.send(.put, path, body(#"{"from":"\#(first)"}"#, more: #","memberId":77"#)).reasonCodes
                    == ["school.teacher_member_unknown"])
            let member = try await scene.member().id
            let kept = await moment.send(.put, path, body(#"{"from":"\#(first)"}"#, more: #","memberId":\#(member)"#))
            #expect(try kept.json(Teacher.self).memberId == member)
            let token = try await scene.registry.memberSessions.create(member, lifetimeSeconds: 60).token
            let own = await moment.send(.get, "/v1/me/data", bearer: token)
            #expect(own.status == 200 && own.text.contains("王老师"), "a member's own data tells that they teach")
            let forgotten = await moment.send(.post, "/v1/me/erasure", #"{"confirm":"erase"}"#, bearer: token)
            #expect(forgotten.status == 200, "\(forgotten.text)")
            let after = try await moment.send(.get, path).json(Teacher.self)
            #expect(after.memberId == nil && after.name == "王老师", "the school's own entry stays, and names nobody of the register")
            let experts = try await moment.send(.get, "/v1/teachers?kind=expert").json(TeacherList.self).items
            #expect(experts.map(\.id) == [scene.expert])
        }
    }

    @Test func `a catalogue has the four categories of all schools and the school's own`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            let path = "/v1/schools/\(scene.school)/categories"
            let own = await moment.send(.put, "\(path)/tea", #"{"name":"茶艺","nameEn":"Tea"}"#)
            #expect(try own.json(CourseCategoryList.self).items.map(\.code) == ["skills", "culture", "health", "life", "tea"])
            let renamed = await moment.send(.put, "\(path)/tea", #"{"name":"茶道","nameEn":"Tea"}"#)
            #expect(try renamed.json(CourseCategoryList.self).items.last?.name == "茶道")
            #expect(await moment.send(.put, "\(path)/skills", #"{"name":"x","nameEn":"x"}"#).problemCode == "school.name_taken")
            let course = try await scene.course("泡茶", category: "tea")
            #expect(try await moment.send(.get, "/v1/courses/\(course)").json(Course.self).category == "tea")
            let wrong = await moment.send(.put, "/v1/courses/\(course)", #"{"category":"wine","title":"泡茶"}"#)
            #expect(wrong.reasonCodes == ["school.category_not_there"])
        }
    }

    @Test func `a room keeps the seats of the largest class that is taught in it`() async throws {
        try await withSchool { scene in
            _ = try await scene.draft(scene.classBody(course: try await scene.course(), capacity: 50))
            let path = "/v1/school-rooms/\(scene.room)"
            func body(_ seats: Int) -> String { #"{"site":"文化宫","name":"101","address":"人民路 1 号","seats":\#(seats)}"# }
            #expect(await scene.at().send(.put, path, body(49)).reasonCodes == ["school.room_too_small"])
            #expect(await scene.at().send(.put, path, body(50)).status == 200)
        }
    }
}
