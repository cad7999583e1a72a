import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Classes: made with their lessons, refused with every reason, published, cancelled.
@Suite struct ClassTests {
    @Test func `a class has the lessons of its pattern, and an audience and reduced fees as rules have them`() async throws {
        try await withSchool { scene in
            let rider = #"{"attribute":{"name":"worker_kind","in":["courier","food_rider"]}}"#
            let more = """
                ,"feeFen":20000,"reducedFees":[{"condition":\(rider),"fen":5000}],"audience":{"any":[\(rider),{"sex":["female"]}]},
                "minimum":10,"decideOn":"\(SchoolScene.day(9))","enrolmentMode":"draw_then_first_come"
                """
            let sheet = try await scene.draft(scene.classBody(course: try await scene.course(), more: more))
            let first = SchoolScene.weekday(2)
            #expect(sheet.lessons.map(\.number) == Array(1...8))
            #expect(
                sheet.lessons.map { CalendarDate.inChina($0.startsAt) }
                    == (0..<8).map { CalendarDate(daysSince1970: first.daysSince1970 + 7 * $0) })
            #expect(sheet.lessons.allSatisfy { $0.room?.id == scene.room && $0.teacher?.id == scene.teacher && $0.state == .planned })
            let found = sheet.schoolClass
            #expect(found.firstAt == sheet.lessons[0].startsAt && found.lastUntil == sheet.lessons[7].endsAt && found.lessonCount == 8)
            #expect(found.reducedFees.map(\.fen) == [5_000] && found.audience != nil && found.enrolmentMode == .drawThenFirstCome)
            #expect(found.free == 30 && found.seated == 0 && found.state == .draft)
            let wrong = scene.classBody(course: found.courseId, label: "x", more: #","audience":{"sex":["other"]}"#)
            let refused = await scene.at().send(.post, "/v1/classes", wrong)
            #expect(refused.problemCode == "program.rules_invalid" && refused.problem?.reasons.first?.pointer == "/audience/sex")
        }
    }

    @Test func `everything that is wrong with a class is said at once, and nothing of it is made`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let before = try await scene.rows()
            let more = """
                ,"kind":"master_lecture","minimum":2000,"feeFen":100,"reducedFees":[{"condition":{"sex":["female"]},"fen":100}]
                """
            let body = scene.classBody(course: course, room: ID(77), teacher: ID(78), capacity: 100, more: more)
                .replacing(SchoolScene.time(1), with: SchoolScene.time(9))
            let refused = await scene.at().send(.post, "/v1/classes", body)
            #expect(refused.status == 422)
            #expect(
                Set(refused.problem?.reasons.map { "\($0.code) \($0.pointer ?? "")" } ?? []) == [
                    "school.lecture_too_small /capacity", "school.lecture_is_one_lesson /pattern", "school.minimum_needs_day /decideOn",
                    "school.minimum_above_capacity /minimum", "school.fee_not_reduced /reducedFees/0/fen",
                    "school.enrolment_reversed /closesAt", "school.room_not_there /roomId", "school.teacher_not_there /teacherId",
                ])
            let small = await scene.at().send(.post, "/v1/classes", scene.classBody(course: course, teacher: scene.expert, capacity: 61))
            #expect(small.reasonCodes == ["school.room_too_small", "school.teacher_out_of_office"])
            let none = scene.classBody(course: course).replacing("\"weekdays\":[2]", with: "\"weekdays\":[]")
            #expect(await scene.at().send(.post, "/v1/classes", none).reasonCodes.contains("school.pattern_without_lessons"))
            let late = scene.classBody(course: course, more: #","minimum":3,"decideOn":"\#(SchoolScene.weekday(2))""#)
            #expect(await scene.at().send(.post, "/v1/classes", late).reasonCodes == ["school.decided_too_late"])
            #expect(try await scene.rows() == before)
        }
    }

    @Test func `a room and a teacher are in one lesson at a time, and the refusal names the other`() async throws {
        try await withSchool { scene in
            let first = try await scene.draft(scene.classBody(course: try await scene.course("书法")))
            let other = try await scene.course("国画")
            let free = try await scene.teacher("赵老师")
            let before = try await scene.rows()
            let inRoom = await scene.at().send(
                .post, "/v1/classes", scene.classBody(course: other, from: "20:00", to: "21:00", teacher: free))
            #expect(Set(inRoom.reasonCodes) == ["school.room_clash"] && inRoom.problem?.reasons.count == 8)
            let detail = try #require(inRoom.problem?.reasons.first?.detail)
            #expect(detail.contains("《书法》一班 #1, \(SchoolScene.weekday(2)) 19:00"), "\(detail)")
            let byTeacher = await scene.at().send(
                .post, "/v1/classes", scene.classBody(course: other, from: "18:00", to: "19:10", room: scene.hall))
            #expect(Set(byTeacher.reasonCodes) == ["school.teacher_clash"])
            #expect(try await scene.rows() == before)
            // One that ends as the other begins is none; nor is one after the first was cancelled.
            _ = try await scene.draft(scene.classBody(course: other, from: "18:00", to: "19:00"))
            let path = "/v1/classes/\(first.schoolClass.id)/cancel"
            #expect(await scene.at().send(.post, path, #"{"reason":"x"}"#).status == 200)
            _ = try await scene.draft(scene.classBody(course: other, label: "二班"))
            // The name of a cancelled class is free again.
            _ = try await scene.draft(scene.classBody(course: first.schoolClass.courseId, weekday: 5))
        }
    }

    @Test func `of lessons moved into one room at one time, one comes to be there`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            var paths: [String] = []
            for number in 0..<6 {
                let (room, teacher) = (try await scene.room("3\(number)"), try await scene.teacher("老师\(number)"))
                let sheet = try await scene.published(
                    scene.classBody(course: course, label: "班\(number)", count: 2, room: room, teacher: teacher))
                paths.append("/v1/classes/\(sheet.schoolClass.id)/lessons/1/move")
            }
            let body = """
                {"on":"\(SchoolScene.weekday(3))","from":"19:00","to":"20:00","roomId":\(scene.hall),"reason":"x"}
                """
            let codes = await withTaskGroup(of: String.self) { group in
                for path in paths {
                    group.addTask {
                        let answer = await scene.at().send(.post, path, body)
                        return answer.status == 200 ? "moved" : answer.reasonCodes.first ?? "\(answer.status)"
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["moved": 1, "school.room_clash": 5])
            let inHall: Int64 = try await scene.value("select count(*) from lesson where room_id = \(scene.hall)")
            #expect(inHall == 1)
        }
    }

    @Test func `a master lecture is one evening in a large hall`() async throws {
        try await withSchool { scene in
            let extras = "\"extras\":[{\"on\":\"\(SchoolScene.day(40))\",\"from\":\"14:00\",\"to\":\"16:00\"}],\"weekdays\":[]"
            let body = scene.classBody(
                course: try await scene.course("非遗讲座"), room: scene.hall, teacher: scene.expert, capacity: 260,
                more: #","kind":"master_lecture""#
            ).replacing("\"weekdays\":[2]", with: extras).replacing(",\"count\":8", with: "")
            let sheet = try await scene.published(body)
            #expect(sheet.schoolClass.kind == .masterLecture && sheet.schoolClass.free == 260)
            #expect(sheet.lessons.map { CalendarDate.inChina($0.startsAt) } == [SchoolScene.day(40)])
        }
    }

    @Test func `of many who want one room at one time, one gets it`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let other = try await scene.term("秋季二")
            var bodies: [String] = []
            for number in 0..<8 {
                let teacher = try await scene.teacher("老师\(number)")
                let body = scene.classBody(course: course, label: "班\(number)", teacher: teacher)
                // Half of them in another term, so that nothing but the room itself stands between them.
                bodies.append(number % 2 == 0 ? body : body.replacing("\"termId\":\(scene.term)", with: "\"termId\":\(other)"))
            }
            let codes = await withTaskGroup(of: String.self) { group in
                for body in bodies {
                    group.addTask {
                        let answer = await scene.at().send(.post, "/v1/classes", body)
                        return answer.status == 201 ? "made" : answer.reasonCodes.first ?? "\(answer.status)"
                    }
                }
                return await group.reduce(into: [String: Int]()) { $0[$1, default: 0] += 1 }
            }
            #expect(codes == ["made": 1, "school.room_clash": 7])
            #expect(try await scene.value("select count(*) from lesson", as: Int64.self) == 8)
        }
    }

    @Test func `the database itself keeps two lessons out of one room, whoever writes them`() async throws {
        try await withSchool { scene in
            let sheet = try await scene.draft(scene.classBody(course: try await scene.course()))
            let other = try await scene.draft(
                scene.classBody(
                    course: sheet.schoolClass.courseId, label: "二班", weekday: 3, room: scene.hall,
                    teacher: try await scene.teacher("赵老师")))
            for (column, constraint) in [
                ("room_id", "lesson_room_has_one_at_a_time"), ("teacher_id", "lesson_teacher_gives_one_at_a_time"),
            ] {
                var refused: PostgresError?
                do {
                    _ = try await scene.database.query(
                        """
                        update lesson
                        set (starts_at, ends_at, \(raw: column)) = (
                            select starts_at, ends_at, \(raw: column) from lesson
                            where class_id = \(sheet.schoolClass.id) and number = 1)
                        where class_id = \(other.schoolClass.id) and number = 1
                        """)
                } catch let error as PostgresError { refused = error }
                #expect(refused?.isConstraint(constraint) == true)
            }
            var refused: PostgresError?
            do throws(PostgresError) {
                _ = try await scene.database.query(
                    "update class_seat_count set seated = capacity + 1 where class_id = \(sheet.schoolClass.id)")
            } catch { refused = error }
            #expect(refused?.isConstraint("class_seated_within_capacity") == true)
        }
    }

    @Test func `a draft is changed with new lessons, and what is published is not`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let draft = try await scene.draft(scene.classBody(course: course))
            let path = "/v1/classes/\(draft.schoolClass.id)"
            let body = scene.classBody(course: course, label: "周四班", weekday: 4, count: 3, capacity: 40)
            let changed = await scene.at().send(.put, path, body, headers: [("If-Match", "\"1\"")])
            #expect(changed.status == 200)
            let sheet = try changed.json(ClassSheet.self)
            #expect(sheet.lessons.count == 3 && sheet.schoolClass.label == "周四班" && sheet.schoolClass.capacity == 40)
            #expect(sheet.lessons.allSatisfy { CalendarDate.inChina($0.startsAt).weekday == 4 })
            #expect(await scene.at().send(.put, path, body, headers: [("If-Match", "\"1\"")]).problemCode == "school.changed")
            let second = scene.classBody(course: course, label: "周四班", weekday: 5)
            #expect(await scene.at().send(.post, "/v1/classes", second).problemCode == "school.name_taken")
            #expect(await scene.at().send(.post, "\(path)/publish").status == 200)
            #expect(await scene.at().send(.put, path, body).problemCode == "school.wrong_state")
            #expect(await scene.at().send(.post, "\(path)/publish").problemCode == "school.wrong_state")
        }
    }

    @Test func `publishing looks at everything and says all that is missing or too late`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let bare = """
                {"courseId":\(course),"termId":\(scene.term),"label":"一班","capacity":30,"minimum":5,"decideOn":"\(SchoolScene.day(2))",
                "pattern":{"weekdays":[2],"from":"19:00","to":"20:30"}}
                """
            let draft = try await scene.draft(bare)
            let path = "/v1/classes/\(draft.schoolClass.id)/publish"
            let refused = await scene.at().send(.post, path)
            #expect(
                refused.problem?.reasons.map { "\($0.code) \($0.pointer ?? "")" } == [
                    "school.missing_to_publish /teacherId", "school.missing_to_publish /roomId", "school.missing_to_publish /opensAt",
                    "school.missing_to_publish /closesAt",
                ])
            let whole = try await scene.draft(
                scene.classBody(course: course, label: "二班", more: #","minimum":5,"decideOn":"\#(SchoolScene.day(5))""#))
            let late = await scene.at(days: 60).send(.post, "/v1/classes/\(whole.schoolClass.id)/publish")
            #expect(late.reasonCodes == ["school.enrolment_over", "school.decision_over", "school.first_lesson_over"])
            // Another's change between the draft and its publication is found out, whatever it passed by.
            _ = try await scene.database.query("update classroom set seats = 10 where room_id = \(scene.room)")
            _ = try await scene.database.query(
                "update teacher_office set days = '[2020-01-01,2020-02-01)' where teacher_id = \(scene.teacher)")
            _ = try await scene.database.query(
                "insert into school_holiday (term_id, day_on, name) values (\(scene.term), \(SchoolScene.weekday(2)), '停课')")
            let now = await scene.at().send(.post, "/v1/classes/\(whole.schoolClass.id)/publish")
            #expect(now.reasonCodes == ["school.lesson_on_holiday", "school.room_too_small", "school.teacher_out_of_office"])
            #expect(try await scene.sheet(whole.schoolClass.id).schoolClass.state == .draft)
        }
    }

    @Test func `more seats come at any time, fewer only while nobody loses one`() async throws {
        try await withSchool { scene in
            let sheet = try await scene.published(scene.classBody(course: try await scene.course()))
            let path = "/v1/classes/\(sheet.schoolClass.id)/capacity"
            let raised = await scene.at().send(.post, path, #"{"capacity":50}"#)
            #expect(try raised.json(ClassSheet.self).schoolClass.free == 50)
            #expect(await scene.at().send(.post, path, #"{"capacity":61}"#).reasonCodes == ["school.room_too_small"])
            _ = try await scene.database.query("update class_seat_count set seated = 45 where class_id = \(sheet.schoolClass.id)")
            let refused = await scene.at().send(.post, path, #"{"capacity":44}"#)
            #expect(refused.status == 409 && refused.problemCode == "school.second_organizer_needed")
            #expect(await scene.at().send(.post, path, #"{"capacity":45}"#).status == 200)
            let found = try await scene.sheet(sheet.schoolClass.id).schoolClass
            #expect(found.capacity == 45 && found.free == 0)
        }
    }

    @Test func `a cancelled class says why, frees its room, and cannot be cancelled twice`() async throws {
        try await withSchool { scene in
            let sheet = try await scene.published(scene.classBody(course: try await scene.course()))
            let path = "/v1/classes/\(sheet.schoolClass.id)"
            let why = #"{"reason":"老师生病","reasonEn":"The teacher is ill"}"#
            let first = await scene.at().send(.post, "\(path)/cancel", why, headers: [("Idempotency-Key", "k")])
            let after = try first.json(ClassSheet.self)
            #expect(after.schoolClass.state == .cancelled && after.schoolClass.cancelReasonEn == "The teacher is ill")
            #expect(after.lessons.allSatisfy { $0.state == .cancelled && $0.reason == "老师生病" && $0.sequence == 1 })
            #expect(await scene.at().send(.post, "\(path)/cancel", why, headers: [("Idempotency-Key", "k")]).text == first.text)
            #expect(await scene.at().send(.post, "\(path)/cancel", why).problemCode == "school.wrong_state")
            let types: [String] = try await scene.database.query(
                "select type from outbox_event where subject = \("school_class:\(sheet.schoolClass.id)") order by event_id"
            ).map { try $0.decode(0) }
            #expect(types == ["school_class.created", "school_class.published", "school_class.cancelled"])
            let events = await scene.at().send(.get, "\(path)/events")
            #expect(events.text.contains("老师生病") && events.text.contains("account:1"))
        }
    }
}
