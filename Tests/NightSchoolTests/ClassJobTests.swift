import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// What the clock does to classes.
@Suite struct ClassJobTests {
    @Test func `a class below its minimum is cancelled on its day, with the reason in both languages, and once`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let more = #","minimum":10,"decideOn":"\#(SchoolScene.day(9))""#
            let few = try await scene.published(scene.classBody(course: course, more: more)).schoolClass.id
            let enough = try await scene.published(
                scene.classBody(course: course, label: "二班", weekday: 3, room: scene.hall, more: more)
            ).schoolClass.id
            _ = try await scene.database.query("update class_seat_count set seated = 9 where class_id = \(few)")
            _ = try await scene.database.query("update class_seat_count set seated = 10 where class_id = \(enough)")
            try await scene.at(days: 8).run()
            #expect(try await scene.sheet(few).schoolClass.state == .published, "not before its day")
            try await scene.at(days: 9).run()
            let cancelled = try await scene.sheet(few)
            #expect(cancelled.schoolClass.state == .cancelled)
            #expect(cancelled.schoolClass.cancelReason == "报名 9 人，未达到开班人数 10 人")
            #expect(cancelled.schoolClass.cancelReasonEn == "9 enrolled; it takes 10 to start")
            #expect(cancelled.lessons.allSatisfy { $0.state == .cancelled })
            #expect(try await scene.sheet(enough).schoolClass.state == .published)
            // Who leaves later does not undo the decision.
            _ = try await scene.database.query("update class_seat_count set seated = 1 where class_id = \(enough)")
            try await scene.at(days: 9.5).run()
            #expect(try await scene.sheet(enough).schoolClass.state == .published)
            let decided: Int64 = try await scene.value("select count(*) from school_class_event where step = 'decided'")
            #expect(decided == 1)
        }
    }

    @Test func `classes run from their first lesson to the end of the last one, and lessons are held when they are over`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let sheet = try await scene.published(scene.classBody(course: course, count: 3))
            let draft = try await scene.draft(scene.classBody(course: course, label: "二班", weekday: 3, count: 3))
            let id = sheet.schoolClass.id
            #expect(await scene.at().send(.post, "/v1/classes/\(id)/lessons/2/cancel", #"{"reason":"x"}"#).status == 200)
            func days(_ time: Timestamp, minutes: Double) -> Double {
                (Double(time.microseconds) / 1e6 + minutes * 60 - Double(Clock().nowSeconds)) / 86_400
            }
            let (first, last) = (sheet.lessons[0], sheet.lessons[2])
            try await scene.at(days: days(first.startsAt, minutes: -5)).run()
            #expect(try await scene.sheet(id).schoolClass.state == .published)
            try await scene.at(days: days(first.startsAt, minutes: 5)).run()
            #expect(try await scene.sheet(id).schoolClass.state == .running)
            #expect(try await scene.sheet(id).lessons.map(\.state) == [.planned, .cancelled, .planned])
            try await scene.at(days: days(first.endsAt, minutes: 5)).run()
            #expect(try await scene.sheet(id).lessons.map(\.state) == [.held, .cancelled, .planned])
            try await scene.at(days: days(last.endsAt, minutes: 5)).run()
            let over = try await scene.sheet(id)
            #expect(over.schoolClass.state == .ended && over.lessons.map(\.state) == [.held, .cancelled, .held])
            #expect(try await scene.sheet(draft.schoolClass.id).lessons.allSatisfy { $0.state == .planned }, "a draft is never held")
            let steps: [String] = try await scene.database.query(
                "select step from school_class_event where class_id = \(id) order by event_id"
            ).map { try $0.decode(0) }
            #expect(steps == ["created", "published", "lesson_cancelled", "started", "ended"])
            let late = await scene.at(days: days(last.endsAt, minutes: 5)).send(.post, "/v1/classes/\(id)/cancel", #"{"reason":"x"}"#)
            #expect(late.problemCode == "school.wrong_state")
        }
    }
}
