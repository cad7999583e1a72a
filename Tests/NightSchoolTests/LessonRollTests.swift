import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// The teacher's list, and who was not seen.
@Suite struct LessonRollTests {
    @Test func `all lines of a list stand or none, a teacher has it for own lessons alone, and scans give way to it`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 4)
            let members = taught.seated.map(\.id)
            let teacher = try await scene.member()
            _ = try await taught.scan(members[0], 1, minutes: -5)
            let stranger = try await scene.member()
            let wrong = await taught.mark(1, [(members[1], "attended"), (stranger.id, "late"), (members[1], "late")], minutes: 20)
            #expect(wrong.problemCode == "school.invalid")
            #expect(wrong.text.contains("school.no_seat") && wrong.text.contains("school.marked_twice") && wrong.text.contains("/items/1"))
            #expect(try await taught.state(members[1], 1) == nil)
            #expect(await taught.mark(1, [(members[1], "absent")], minutes: -60).text.contains("school.attendance_not_open"))
            let path = "/v1/me/taught-classes/\(taught.id)/lessons/1/roll"
            let line = #"{"items":[{"memberId":\#(members[1]),"state":"late"}]}"#
            #expect(
                await taught.at(1, minutes: 20).send(.put, path, line, bearer: teacher.token).problemCode == "school.lesson_unknown")
            _ = try await scene.database.query(
                """
                update teacher set member_id = \(teacher.id)
                where teacher_id = (select teacher_id from school_class where class_id = \(taught.id))
                """)
            let marked = await taught.at(1, minutes: 20).send(.put, path, line, bearer: teacher.token)
            #expect(marked.status == 200)
            #expect(try await taught.state(members[1], 1) == "late list")
            // Who scanned and left is absent by the list; a scan from before it changes nothing, one from after it does.
            #expect(await taught.mark(1, [(members[0], "absent"), (members[2], "absent")], minutes: 30).status == 200)
            #expect(try await taught.state(members[0], 1) == "absent list")
            let late = try await taught.upload([taught.line(members[2], 1, minutes: 10)])
            #expect(late[0].codes == ["school.already_marked"])
            #expect(try await taught.scan(members[2], 1, minutes: 40).state == .late)
            let audited: Int64 = try await scene.value("select count(*) from audit_entry where action = 'lesson.attendance_marked'")
            #expect(audited == 2)
        }
    }

    @Test func `a room's device marks lessons at hand in its own room, and no others`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 2)
            let other = try await scene.taught(seats: 1, title: "舞蹈", weekday: 2, room: "302")
            let member = taught.seated[0].id
            func mark(_ lesson: Int, minutes: Double, by device: String) async -> TestResponse {
                await taught.at(1, minutes: minutes).send(
                    .put, "/v1/classes/\(taught.id)/lessons/\(lesson)/roll", #"{"items":[{"memberId":\#(member),"state":"late"}]}"#,
                    bearer: device)
            }
            #expect(await mark(1, minutes: 20, by: other.device).problemCode == "school.lesson_unknown", "another room's")
            #expect(await mark(1, minutes: 90 + 13 * 60, by: taught.device).problemCode == "school.lesson_unknown", "of yesterday")
            #expect(await mark(9, minutes: 0, by: taught.device).problemCode == "school.lesson_unknown", "there is none")
            let early = await mark(1, minutes: -120, by: taught.device)
            #expect(early.problemCode == "school.invalid" && early.text.contains("school.attendance_not_open"))
            #expect(try await taught.state(member, 1) == nil)
            let marked = await mark(1, minutes: 20, by: taught.device)
            #expect(marked.status == 200)
            #expect(try await taught.state(member, 1) == "late list")
            let actor: String = try await scene.value("select actor from audit_entry where action = 'lesson.attendance_marked'")
            #expect(actor.hasPrefix("device:"))
            _ = try await scene.database.query("delete from classroom_device")
            #expect(await mark(1, minutes: 21, by: taught.device).problemCode == "school.device_unbound")
        }
    }

    @Test func `of a scan and a line of the list at one moment the later one stands, whoever comes first`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 12)
            let (scans, lists) = (taught.at(1, minutes: 20), taught.at(1, minutes: 21))
            try await withThrowingTaskGroup { group in
                for member in taught.seated.map(\.id) {
                    let body = taught.body(member, at: taught.time(1, minutes: 20))
                    group.addTask {
                        await scans.send(.post, "/v1/classes/\(taught.id)/lessons/1/scans", body, bearer: taught.device)
                    }
                    group.addTask {
                        await lists.send(
                            .put, "/v1/classes/\(taught.id)/lessons/1/roll", #"{"items":[{"memberId":\#(member),"state":"absent"}]}"#)
                    }
                }
                for try await response in group { #expect(response.status == 200) }
            }
            let states: [String] = try await scene.database.query("select state || ' ' || source from lesson_attendance").map {
                try $0.decode(0)
            }
            #expect(states == [String](repeating: "absent list", count: 12))
        }
    }

    @Test func `who was not seen is absent once the lesson waited long enough, once, and a late upload takes it back`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 4, waiting: 1)
            let members = taught.seated.map(\.id)
            _ = try await taught.scan(members[0], 1, minutes: 0)
            #expect(await taught.mark(1, [(members[1], "excused")], minutes: 20).status == 200)
            try await taught.run(after: 1, hours: 11)
            #expect(try await taught.state(members[2], 1) == nil, "devices may be away yet")
            try await withThrowingTaskGroup { group in
                for _ in 0..<3 { group.addTask { try await taught.run(after: 1, hours: 13) } }
                try await group.waitForAll()
            }
            let states = [
                try await taught.state(members[0], 1), try await taught.state(members[1], 1), try await taught.state(members[2], 1),
                try await taught.state(members[3], 1), try await taught.state(taught.waiting[0].id, 1),
            ]
            #expect(states == ["attended scan", "excused list", "absent job", "absent job", nil])
            let uploaded = try await taught.upload([taught.line(members[3], 1, minutes: 20)], minutes: 2_000)
            #expect(uploaded[0].state == .late)
            #expect(try await taught.state(members[3], 1) == "late scan")
            // Nobody took the roll of the second lesson: nobody is absent, until somebody is found to have come.
            try await taught.run(after: 2)
            #expect(try await taught.state(members[2], 2) == nil)
            #expect(try await scene.value("select was_taken from lesson_roll where number = 2") == false)
            #expect(await taught.mark(2, [(members[0], "attended")], minutes: 2_000).status == 200)
            try await taught.run(after: 2, hours: 40)
            #expect(try await taught.state(members[2], 2) == "absent job")
            let rate = try await taught.at(2, minutes: 3_000).send(.get, "/v1/classes/\(taught.id)/attendance").json(ClassAttendance.self)
            let lines = rate.items.sorted { $0.member.memberId.rawValue < $1.member.memberId.rawValue }.map(\.rate)
            #expect(lines.map(\.percent) == [100, 0, 0, 50])
            #expect(lines[1].excused == 1 && lines[1].absent == 1)
        }
    }

    @Test func `a lesson counts for who had the seat then: not for who came to have it later, and still for who left since`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 2, waiting: 1)
            let (stays, leaves, later) = (taught.seated[0], taught.seated[1], taught.waiting[0])
            _ = try await taught.scan(stays.id, 1, minutes: 0)
            let taken = taught.line(leaves.id, 1, minutes: 5)
            try await scene.step("withdraw", leaves, days: taught.days(1, minutes: 100))
            try await scene.step("confirm", later, days: taught.days(1, minutes: 110))
            #expect(try await scene.own(later).state == .seated)
            #expect(try await scene.own(leaves).state == .dropped)
            try await taught.run(after: 1)
            #expect(try await taught.state(later.id, 1) == nil, "had no seat then")
            #expect(try await taught.state(leaves.id, 1) == nil, "left before it was written")
            #expect(try await taught.upload([taken])[0].state == .attended)
            #expect(try await taught.scan(leaves.id, 2, minutes: 0).codes == ["school.no_seat"])
            _ = try await taught.scan(stays.id, 2, minutes: 0)
            try await taught.run(after: 2)
            #expect(try await taught.state(later.id, 2) == "absent job")
        }
    }
}
