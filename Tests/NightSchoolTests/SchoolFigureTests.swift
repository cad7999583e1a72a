import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// What a term's figures say, against what was done.
@Suite struct SchoolFigureTests {
    private func report(_ scene: SchoolScene, by grouping: String, days: Double = 0) async throws -> SchoolReport {
        let answer = await scene.at(days: days).send(.get, "/v1/school-terms/\(scene.term)/figures?by=\(grouping)")
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(SchoolReport.self)
    }

    @Test func `seats, waiting and what was wanted in vain are counted once a person, per class, course and category`() async throws {
        try await withSchool { scene in
            let calligraphy = try await scene.course("书法")
            let first = try await scene.published(scene.classBody(course: calligraphy, weekday: 2, capacity: 2)).schoolClass.id
            let second = try await scene.published(
                scene.classBody(course: calligraphy, label: "二班", weekday: 3, capacity: 1)
            ).schoolClass.id
            let cooking = try await scene.course("烹饪", category: "life")
            let third = try await scene.published(scene.classBody(course: cooking, weekday: 5, capacity: 10)).schoolClass.id
            let members = try await scene.members(6)
            for member in members.prefix(5) { _ = try await scene.enrol(member, [first, second]) }
            _ = try await scene.enrol(members[0], [third])
            _ = try await scene.enrol(members[5], [third])
            // One of those who wait goes: wanted it, and got nothing.
            try await scene.step("withdraw", members[4])

            let courses = try await report(scene, by: "course")
            let written = try #require(courses.items.first { $0.name == "书法" })
            #expect(
                [written.classes, written.capacity, written.seated, written.waiting, written.wanted, written.unmet] == [2, 3, 3, 1, 5, 2])
            #expect(written.key == "\(calligraphy)" && written.fillPercent == 100 && written.attendancePercent == nil)
            let cooked = try #require(courses.items.first { $0.name == "烹饪" })
            #expect([cooked.classes, cooked.capacity, cooked.seated, cooked.waiting, cooked.wanted, cooked.unmet] == [1, 10, 2, 0, 2, 0])
            #expect(cooked.fillPercent == 20)
            #expect([courses.total.classes, courses.total.seated, courses.total.wanted, courses.total.unmet] == [3, 5, 6, 2])

            let classes = try await report(scene, by: "class")
            let one = try #require(classes.items.first { $0.key == "\(first)" })
            #expect(one.name == "书法（一班）" && one.seated == 2 && one.wanted == 5 && one.waiting == 1)
            let categories = try await report(scene, by: "category")
            #expect(categories.items.map(\.key).sorted() == ["culture", "life"])
            let kinds = try await report(scene, by: "worker_kind")
            #expect(kinds.items.count == 1 && kinds.items[0].key == "courier" && kinds.items[0].seated == 4)
            #expect(kinds.items[0].unmet == 2 && kinds.items[0].capacity == 0 && kinds.items[0].fillPercent == nil)
        }
    }

    @Test func `who came is counted per lesson and worker kind, and as a file for a spreadsheet`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 3, count: 3)
            try await taught.hold(
                1, [(taught.seated[0].id, "attended"), (taught.seated[1].id, "late"), (taught.seated[2].id, "absent")])
            try await taught.run(after: 1)
            let lessons = try await report(scene, by: "lesson", days: taught.days(2))
            #expect(lessons.items.count == 1 && lessons.items[0].key == "\(taught.id).1")
            let first = lessons.items[0]
            #expect([first.attended, first.late, first.excused, first.absent, first.guests, first.lessons] == [1, 1, 0, 1, 0, 1])
            #expect(first.attendancePercent == 66 && lessons.total.attendancePercent == 66)
            let kinds = try await report(scene, by: "worker_kind", days: taught.days(2))
            #expect(kinds.items.first?.attended == 1 && kinds.items.first?.absent == 1)
            let file = await taught.at(2).send(
                .get, "/v1/school-terms/\(scene.term)/figures?by=class", headers: [("Accept", "text/csv")])
            #expect(file.status == 200 && file.text.hasPrefix("\u{FEFF}编号,名称") && file.text.contains("66%"))
            #expect(await scene.at().send(.get, "/v1/school-terms/999/figures?by=class").problemCode == "school.term_unknown")
            #expect(await scene.at().send(.get, "/v1/school-terms/\(scene.term)/figures?by=moon").status == 422)
        }
    }

    @Test func `a member's term is read by keys, however many lessons there are`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 20, waiting: 0, count: 4)
            _ = try await scene.database.query("analyze")
            let (from, until) = (taught.time(1), taught.time(4, minutes: 1))
            let reads = try await tableReads(scene.database) { (querying) async throws(PostgresError) in
                _ = try await querying.query(TimetableStore.statement([taught.seated[0].id], from: from, until: until))
            }
            #expect(reads.whole.isDisjoint(with: ["enrolment", "lesson", "lesson_seat"]), "\(reads.whole)")
            #expect(Set(["enrolment", "lesson"]).isSubset(of: reads.byKey.keys))
        }
    }

    @Test func `a member's lessons are theirs alone, with what was moved and cancelled, as a list and for calendars`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1, count: 3)
            let member = taught.seated[0]
            let (from, to) = (SchoolScene.day(0), SchoolScene.day(140))
            func lessons(_ token: String) async throws -> Timetable {
                try await scene.at().send(.get, "/v1/me/lessons?from=\(from)&to=\(to)", bearer: token).json(Timetable.self)
            }
            let own = try await lessons(member.token)
            #expect(own.items.map(\.lesson.number) == [1, 2, 3] && own.items.allSatisfy { $0.classId == taught.id && !$0.isGuest })
            #expect(own.items.map(\.lesson.startsAt) == taught.lessons.map(\.startsAt))
            let stranger = try await scene.member()
            #expect(try await lessons(stranger.token).items.isEmpty)
            #expect(
                await scene.at().send(.get, "/v1/me/lessons?from=\(to)&to=\(from)", bearer: member.token).problemCode == "school.invalid")

            let cancelled = await scene.at().send(
                .post, "/v1/classes/\(taught.id)/lessons/2/cancel", #"{"reason":"台风"}"#)
            try #require(cancelled.status == 200, "\(cancelled.text)")
            #expect(try await lessons(member.token).items[1].lesson.state == .cancelled)
            let file = await scene.at().send(.get, "/v1/me/lessons/calendar.ics", bearer: member.token).text
            #expect(file.contains("STATUS:CANCELLED") && file.components(separatedBy: "BEGIN:VEVENT").count == 4)

            // An address for calendars: nobody guesses it, a new one ends the one before.
            let path = try await scene.at().send(.post, "/v1/me/lessons/calendar-address", bearer: member.token)
                .json(CalendarAddress.self).path
            #expect(await scene.at().send(.get, path, bearer: nil).text == file)
            let next = try await scene.at().send(.post, "/v1/me/lessons/calendar-address", bearer: member.token)
                .json(CalendarAddress.self).path
            #expect(await scene.at().send(.get, path, bearer: nil).problemCode == "school.calendar_unknown")
            #expect(await scene.at().send(.get, next, bearer: nil).status == 200)
            #expect(await scene.at().send(.delete, "/v1/me/lessons/calendar-address", bearer: member.token).status == 204)
            #expect(await scene.at().send(.get, next, bearer: nil).problemCode == "school.calendar_unknown")
        }
    }
}
