import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Who is told what, and whose rules hold.
@Suite struct AttendanceNoticeTests {
    /// Somebody of the register, with a name and a phone.
    private func person(_ scene: SchoolScene) async throws -> TestMember {
        let made = await scene.at().send(
            .post, "/v1/members",
            #"{"organizationId":\#(scene.east),"name":"夏侯惇","nationalId":"11010519491231002X","phone":"13812345678"}"#
        )
        try #require(made.status == 201, "\(made.text)")
        let id: ID<Member> = try await scene.value(
            "update member set status = 'active' where member_id = (select max(member_id) from member) returning member_id")
        return (id, try await scene.registry.memberSessions.create(id, lifetimeSeconds: 3_600).token)
    }

    private func messages(_ scene: SchoolScene, to member: ID<Member>) async throws -> Int64 {
        try await scene.value(
            """
            select count(*) from outbox_event
            where type = 'message.requested' and data_sealed is not null and subject = \("member:\(member)")
            """)
    }

    @Test func `an organizer's excuse in time lends the seat too, and who waits is told once, by a sealed message`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1)
            let guest = try await person(scene)
            _ = try await scene.enrol(guest, [taught.id])
            #expect(await taught.mark(1, [(taught.seated[0].id, "excused")], minutes: -600).status == 200)
            for minutes in [-599.0, -598] { try await taught.at(1, minutes: minutes).run() }
            #expect(try await messages(scene, to: guest.id) == 1)
            #expect(await taught.answer(guest, 1, "take", minutes: -590).status == 200)
            let roll = try await taught.at(1).send(.get, "/v1/classes/\(taught.id)/lessons/1/roll").json(LessonRoll.self)
            let lines = roll.lines.sorted { !$0.isGuest && $1.isGuest }
            #expect(lines.map(\.isGuest) == [false, true] && lines.map(\.isLent) == [true, false])
            #expect(lines[1].maskedName?.contains("*") == true && lines[1].maskedName?.contains("惇") == false)
            #expect(lines[0].state == .excused)
            // Too late to be excused in time: excused all the same, but nobody is asked any more.
            #expect(await taught.mark(2, [(taught.seated[0].id, "excused")], minutes: -60).status == 200)
            #expect(try await scene.value("select count(*) from lesson_seat where number = 2") == Int64(0))
        }
    }

    @Test func `who is warned is told by a message, and of the decision by another`() async throws {
        try await withSchool { scene in
            try await scene.setRules { $0.warningAfter = 1 }
            let member = try await person(scene)
            let (course, room) = (try await scene.course(), try await scene.room("301"))
            let sheet = try await scene.published(scene.classBody(course: course, count: 2, room: room, capacity: 2))
            let comes = try await scene.member()
            for one in [member, comes] { _ = try await scene.enrol(one, [sheet.schoolClass.id]) }
            let taught = TaughtClass(
                scene: scene, id: sheet.schoolClass.id, lessons: sheet.lessons, seated: [member, comes], waiting: [],
                device: try await scene.classroomDevice(in: room))
            _ = try await taught.scan(comes.id, 1, minutes: 0)
            for hours in [13.0, 14] { try await taught.run(after: 1, hours: hours) }
            #expect(try await messages(scene, to: member.id) == 1)
            let moment = taught.at(1, minutes: 2_000)
            let standing = try #require(
                try await moment.send(.get, "/v1/me/school-standings", bearer: member.token).json(StandingList.self).items.first)
            let path = "school-standings/\(standing.id)/appeal"
            #expect(await moment.send(.post, "/v1/me/\(path)", #"{"ground":"was_there"}"#, bearer: member.token).status == 200)
            #expect(await moment.send(.put, "/v1/\(path)", #"{"accepted":true}"#).status == 200)
            for hours in [40.0, 41] { try await taught.run(after: 1, hours: hours) }
            #expect(try await messages(scene, to: member.id) == 2)
            let told: [String] = try await scene.database.query(
                "select type from outbox_event where type like 'enrolment\\_standing.%' order by event_id"
            ).map { try $0.decode(0) }
            #expect(told == ["enrolment_standing.began", "enrolment_standing.accepted"])
        }
    }

    @Test func `rules are the term's own, else its school's, else the service's, and each change is audited`() async throws {
        try await withSchool { scene in
            let moment = scene.at()
            func late(_ term: ID<SchoolTerm>) async throws -> Int16 {
                try await moment.send(.get, "/v1/school-terms/\(term)/attendance-rules").json(AttendanceRules.self).lateAfterMinutes
            }
            let other = try await scene.term("另一学期")
            #expect(try await late(scene.term) == 10)
            var rules = try await moment.send(.get, "/v1/school-terms/\(scene.term)/attendance-rules").json(AttendanceRules.self)
            rules.lateAfterMinutes = 20
            let path = "/v1/schools/\(scene.school)/attendance-rules"
            #expect(await moment.send(.put, path, String(decoding: try JSON.encode(rules), as: UTF8.self)).status == 200)
            try await scene.setRules { $0.lateAfterMinutes = 5 }
            #expect(try await late(scene.term) == 5)
            #expect(try await late(other) == 20)
            rules.certificatePercent = 0
            #expect(await moment.send(.put, path, String(decoding: try JSON.encode(rules), as: UTF8.self)).status == 422)
            let west = scene.organizer(of: scene.west)
            #expect(await west.send(.put, path, String(decoding: try JSON.encode(rules), as: UTF8.self)).status != 200)
            let audited: Int64 = try await scene.value("select count(*) from audit_entry where action like '%.rules_set'")
            #expect(audited == 2)
        }
    }
}
