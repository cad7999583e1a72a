import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Single lessons: moved, cancelled, in calendars, tried out, looked at online.
@Suite struct LessonTests {
    private static func move(
        on day: CalendarDate, from: String = "19:00", to: String = "20:30", more: String = ""
    ) -> String {
        #"{"on":"\#(day)","from":"\#(from)","to":"\#(to)","reason":"场地检修","reasonEn":"Repairs"\#(more)}"#
    }

    @Test func `a lesson that is moved keeps its number and its history, and its calendar entry grows`() async throws {
        try await withSchool { scene in
            let sheet = try await scene.published(scene.classBody(course: try await scene.course()))
            let path = "/v1/classes/\(sheet.schoolClass.id)"
            let free = try await scene.teacher("赵老师")
            let day = SchoolScene.weekday(3)
            let more = #","roomId":\#(scene.hall),"teacherId":\#(free)"#
            let moved = await scene.at().send(
                .post, "\(path)/lessons/1/move", Self.move(on: day, more: more), headers: [("If-Match", "\"\(sheet.schoolClass.version)\"")]
            )
            #expect(moved.status == 200, "\(moved.text)")
            let after = try moved.json(ClassSheet.self)
            let lesson = try #require(after.lessons.first { $0.number == 1 })
            #expect(lesson.state == .moved && lesson.sequence == 1 && lesson.reason == "场地检修" && lesson.reasonEn == "Repairs")
            #expect(lesson.room?.id == scene.hall && lesson.teacher?.id == free && CalendarDate.inChina(lesson.startsAt) == day)
            #expect(after.schoolClass.version == sheet.schoolClass.version + 1)
            #expect(after.schoolClass.firstAt == after.lessons[0].startsAt)
            // Its old place is free for another, its new one is taken.
            let other = try await scene.course("国画")
            let third = try await scene.teacher("钱老师")
            _ = try await scene.draft(scene.classBody(course: other, count: 1, teacher: third))
            let clash = await scene.at().send(
                .post, "/v1/classes",
                scene.classBody(course: other, label: "二班", weekday: 3, count: 1, room: scene.hall, teacher: third))
            #expect(clash.reasonCodes == ["school.room_clash"])
            let events = await scene.at().send(.get, "\(path)/events").text
            #expect(events.contains("lesson_moved") && events.contains(sheet.lessons[0].startsAt.description))
            let told: Int64 = try await scene.value("select count(*) from outbox_event where type = 'school_class.lesson_moved'")
            #expect(told == 1)
        }
    }

    @Test func `a lesson is not moved out of the term, onto a holiday, into the past, or onto another; a refusal changes nothing`()
        async throws
    {
        try await withSchool { scene in
            let sheet = try await scene.published(scene.classBody(course: try await scene.course()))
            let other = try await scene.published(
                scene.classBody(
                    course: sheet.schoolClass.courseId, label: "二班", weekday: 4, room: scene.hall,
                    teacher: try await scene.teacher("赵老师")))
            let path = "/v1/classes/\(sheet.schoolClass.id)/lessons"
            let holiday = SchoolScene.weekday(5)
            _ = try await scene.database.query(
                "insert into school_holiday (term_id, day_on, name) values (\(scene.term), \(holiday), '停课')")
            let before = try await scene.rows()
            let taken = CalendarDate.inChina(other.lessons[0].startsAt)
            for (body, code) in [
                (Self.move(on: SchoolScene.day(131)), "school.lesson_outside_term"), (Self.move(on: holiday), "school.lesson_on_holiday"),
                (Self.move(on: taken, from: "21:00", to: "20:00"), "school.lesson_length_invalid"),
                (Self.move(on: taken, more: #","roomId":\#(scene.hall)"#), "school.room_clash"),
                (Self.move(on: taken, more: #","teacherId":\#(other.lessons[0].teacher?.id.rawValue ?? 0)"#), "school.teacher_clash"),
                (Self.move(on: CalendarDate.inChina(sheet.lessons[1].startsAt), from: "20:00", to: "21:00"), "school.class_clash"),
                (Self.move(on: SchoolScene.day(75), more: #","teacherId":\#(scene.expert)"#), "school.teacher_out_of_office"),
            ] {
                let refused = await scene.at().send(.post, "\(path)/1/move", body)
                #expect(refused.status == 422 && refused.reasonCodes.contains(code), "\(code): \(refused.text)")
            }
            let ahead = SchoolScene.weekday(2)
            let late = await scene.at(days: 40).send(.post, "\(path)/7/move", Self.move(on: ahead))
            #expect(late.reasonCodes == ["school.lesson_in_the_past"])
            #expect(await scene.at(days: 40).send(.post, "\(path)/1/move", Self.move(on: taken)).problemCode == "school.lesson_over")
            #expect(await scene.at().send(.post, "\(path)/9/move", Self.move(on: taken)).problemCode == "school.lesson_unknown")
            #expect(try await scene.rows() == before)
            #expect(try await scene.sheet(sheet.schoolClass.id).lessons == sheet.lessons)
            // An hour later on the same evening is no clash with itself.
            let own = Self.move(on: CalendarDate.inChina(sheet.lessons[0].startsAt), from: "20:00", to: "21:00")
            #expect(await scene.at().send(.post, "\(path)/1/move", own).status == 200)
        }
    }

    @Test func `a cancelled lesson frees its evening and is not cancelled twice`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let sheet = try await scene.published(scene.classBody(course: course))
            let path = "/v1/classes/\(sheet.schoolClass.id)/lessons/8/cancel"
            let cancelled = await scene.at().send(.post, path, #"{"reason":"台风"}"#)
            let after = try cancelled.json(ClassSheet.self)
            #expect(after.lessons[7].state == .cancelled && after.lessons[7].reason == "台风" && after.schoolClass.lessonCount == 7)
            #expect(after.schoolClass.lastUntil == sheet.lessons[6].endsAt)
            #expect(await scene.at().send(.post, path, #"{"reason":"台风"}"#).problemCode == "school.lesson_over")
            let day = CalendarDate.inChina(sheet.lessons[7].startsAt)
            let extra = scene.classBody(course: course, label: "二班", count: 1).replacing(
                "\"weekdays\":[2]", with: "\"startsOn\":\"\(day)\",\"weekdays\":[2]")
            _ = try await scene.draft(extra)
        }
    }

    @Test func `a class is a calendar by the grammar: moved lessons raise their sequence, cancelled ones say so`() async throws {
        try await withSchool { scene in
            let title = "书法；入门, 从零开始——每周二晚上在工人文化宫与老师一起练习楷书与行书的基本笔法"
            let sheet = try await scene.published(scene.classBody(course: try await scene.course(title)))
            let path = "/v1/classes/\(sheet.schoolClass.id)"
            let calendar = "/v1/public/classes/\(sheet.schoolClass.id)/calendar.ics"
            let before = CalendarLines.unfolded(await scene.at().send(.get, calendar).text)
            _ = await scene.at().send(.post, "\(path)/lessons/1/move", Self.move(on: SchoolScene.weekday(3)))
            _ = await scene.at().send(.post, "\(path)/lessons/2/cancel", #"{"reason":"台风"}"#)
            let answer = await scene.at().send(.get, calendar)
            #expect(answer.header("Content-Type") == "text/calendar; charset=utf-8")
            let lines = CalendarLines.unfolded(answer.text)
            #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
            func values(_ name: String, _ lines: [String]) -> [String] {
                lines.filter { $0.hasPrefix(name + ":") }.map { String($0.dropFirst(name.count + 1)) }
            }
            #expect(values("UID", lines) == (1...8).map { "class-\(sheet.schoolClass.id)-\($0)@waystation" })
            #expect(values("UID", lines) == values("UID", before), "the same for ever")
            #expect(values("SEQUENCE", before) == Array(repeating: "0", count: 8))
            #expect(values("SEQUENCE", lines) == ["1", "1", "0", "0", "0", "0", "0", "0"])
            #expect(values("STATUS", lines) == ["CONFIRMED", "CANCELLED"] + Array(repeating: "CONFIRMED", count: 6))
            #expect(values("DTSTART", lines)[0] != values("DTSTART", before)[0])
            #expect(lines.contains("SUMMARY;LANGUAGE=zh:" + CalendarFile.escaped("\(title)（一班）")))
            #expect(lines.contains { $0.hasPrefix("DESCRIPTION") && $0.contains("调课：场地检修") })
        }
    }

    @Test func `a pattern is tried out without keeping anything, clashes among it`() async throws {
        try await withSchool { scene in
            _ = try await scene.draft(scene.classBody(course: try await scene.course()))
            let before = try await scene.rows()
            let path = "/v1/school-terms/\(scene.term)/lesson-previews"
            let body = #"{"roomId":\#(scene.room),"pattern":{"weekdays":[2],"from":"20:00","to":"21:00","count":3}}"#
            let preview = try await scene.at().send(.post, path, body).json(LessonPreview.self)
            #expect(preview.lessons.map(\.on.weekday) == [2, 2, 2])
            #expect(preview.faults.map(\.code) == ["school.room_clash", "school.room_clash", "school.room_clash"])
            let none = #"{"pattern":{"weekdays":[2],"from":"20:00","to":"21:00","startsOn":"\#(SchoolScene.day(131))"}}"#
            let empty = try await scene.at().send(.post, path, none).json(LessonPreview.self)
            #expect(empty.faults.map(\.code) == ["school.lesson_outside_term", "school.pattern_without_lessons"])
            #expect(try await scene.rows() == before)
        }
    }

    @Test func `a link online is given to who has a seat, one by one, each look is counted, and nobody else sees it`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let link = "https://live.example.com/room/8"
            let body = scene.classBody(course: course, count: 2, more: #","kind":"online","link":"\#(link)""#)
                .replacing("\"roomId\":\(scene.room),", with: "")
            let sheet = try await scene.published(body)
            let room = try await scene.published(
                scene.classBody(course: try await scene.course("舞蹈"), label: "二班", weekday: 3, count: 1))
            let member = try await scene.member()
            let token = member.token
            let moment = scene.at()
            let early = await moment.send(.get, "/v1/me/classes/\(sheet.schoolClass.id)/lessons/1/link", bearer: token)
            #expect(early.problemCode == "school.seated_only")
            for id in [sheet.schoolClass.id, room.schoolClass.id] { #expect(try await scene.enrol(member, [id]).result == .seated) }
            let path = "/v1/me/classes/\(sheet.schoolClass.id)/lessons/1/link"
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<100 {
                    group.addTask {
                        let answer = await moment.send(.get, path, bearer: token)
                        #expect(answer.status == 200 && answer.text.contains(link))
                    }
                }
            }
            let found = try await moment.send(.get, "/v1/public/classes/\(sheet.schoolClass.id)").json(ClassSheet.self)
            #expect(found.lessons.map(\.views) == [100, 0] && found.lessons.allSatisfy { $0.isOnline && $0.link == nil })
            #expect(found.schoolClass.link == nil)
            #expect(try await scene.value("select count(*) from lesson_view", as: Int64.self) == 1)
            let offline = await moment.send(.get, "/v1/me/classes/\(room.schoolClass.id)/lessons/1/link", bearer: token)
            #expect(offline.problemCode == "school.lesson_offline")
            let missing = await moment.send(.get, "/v1/me/classes/\(sheet.schoolClass.id)/lessons/3/link", bearer: token)
            #expect(missing.problemCode == "school.lesson_unknown")
            let draft = try await scene.draft(body.replacing("一班", with: "三班").replacing("[2]", with: "[4]"))
            let hidden = await moment.send(.get, "/v1/me/classes/\(draft.schoolClass.id)/lessons/1/link", bearer: token)
            #expect(hidden.problemCode == "school.lesson_unknown")
            try await scene.stepIn(sheet.schoolClass.id, "withdraw", member, days: 2)
            #expect(await moment.send(.get, path, bearer: token).problemCode == "school.seated_only")
        }
    }
}

/// Reads calendar files back: lines end as they must, none is too long, none is torn within a character.
enum CalendarLines {
    static func unfolded(_ text: String) -> [String] {
        #expect(text.hasSuffix("\r\n"))
        var lines: [String] = []
        for line in text.replacing("\r\n", with: "\n").dropLast().split(separator: "\n", omittingEmptySubsequences: false) {
            #expect(line.utf8.count <= 75 && !line.contains("\r"))
            if line.first == " " { lines[lines.count - 1] += line.dropFirst() } else { lines.append(String(line)) }
        }
        return lines
    }
}
