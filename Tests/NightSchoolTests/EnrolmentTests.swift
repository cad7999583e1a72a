import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct EnrolmentTests {
    private static let isOpen = 2.0

    /// A published class of a new course, open from tomorrow on.
    private func course(
        _ scene: SchoolScene, _ title: String, capacity: Int = 1, weekday: Int = 2, room: String, more: String = ""
    ) async throws -> ID<SchoolClass> {
        let course = try await scene.course(title)
        return try await scene.published(
            scene.classBody(
                course: course, weekday: weekday, room: try await scene.room(room), teacher: try await scene.teacher("老师\(room)"),
                capacity: capacity, more: more)
        ).schoolClass.id
    }

    @Test func `the dearest wish with a free seat, else one place in the queue for all, and a repeat is told the same`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            var classes: [ID<SchoolClass>] = []
            for (label, weekday) in [("一班", 2), ("二班", 3)] {
                let body = scene.classBody(
                    course: course, label: label, weekday: weekday, room: try await scene.room(label),
                    teacher: try await scene.teacher(label), capacity: 1)
                classes.append(try await scene.published(body).schoolClass.id)
            }
            let members = try await scene.members(4)
            let first = UUID()
            let seated = try await scene.enrol(members[0], classes, request: first)
            #expect(seated.result == .seated && seated.classId == classes[0] && seated.place == nil)
            let second = try await scene.enrol(members[1], classes)
            #expect(second.classId == classes[1])
            let third = try await scene.enrol(members[2], classes)
            #expect(third.result == .waitlisted && third.place == 1)
            #expect(try await scene.enrol(members[3], [classes[1]]).place == 2, "one place for both wishes")
            let again = try await scene.enrol(members[0], classes, request: first)
            #expect(again.result == .seated && again.enrolmentId == seated.enrolmentId)
            let other = await scene.ask(members[0], [classes[1]], request: first)
            #expect(other.problemCode == "school.request_id_reused")
            let sheet = try await scene.sheet(classes[1]).schoolClass
            #expect((sheet.seated, sheet.waiting, sheet.free) == (1, 2, 0))
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `everything against a request is told, with the lesson that clashes, and nothing is written`() async throws {
        try await withSchool { scene in
            let calligraphy = try await course(scene, "书法", capacity: 5, room: "201")
            let dance = try await course(scene, "舞蹈", capacity: 5, room: "202")
            let chess = try await course(scene, "象棋", capacity: 5, weekday: 3, room: "203")
            let cooking = try await course(scene, "烹饪", capacity: 5, weekday: 4, room: "204", more: #","audience":{"sex":["male"]}"#)
            let member = try await scene.member()
            #expect(try await scene.enrol(member, [calligraphy], days: 0).codes == ["school.enrolment_not_open"])
            #expect(try await scene.enrol(member, [calligraphy]).result == .seated)
            let clash = try await scene.enrol(member, [dance])
            #expect(clash.codes == ["school.lessons_clash"])
            let day = SchoolScene.weekday(2)
            let reason = try #require(clash.reasons.first)
            #expect(reason.text == "与《书法》一班第 1 课（\(day) 19:00）时间冲突" && reason.pointer == "/wishes/0")
            #expect(try await scene.enrol(member, [calligraphy]).codes == ["school.already_enrolled"])
            #expect(try await scene.enrol(member, [chess]).result == .seated)
            let many = try await scene.enrol(member, [cooking, dance])
            #expect(
                Set(many.codes) == ["school.lessons_clash", "school.wishes_differ", "school.cap_reached", "school.not_eligible"])
            #expect(try await scene.enrol(member, [cooking], days: 9).codes.contains("school.enrolment_closed"))
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(member.id)")
            #expect(try await scene.enrol(member, [cooking]).codes.contains("school.member_not_active"))
            #expect(await scene.ask(member, [ID(999_999)]).problemCode == "school.class_unknown")
            #expect(try await scene.value("select count(*) from enrolment") == Int64(2))
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `who waits longest is offered what comes free, a newcomer never overtakes, and an offer that ends goes on`() async throws {
        try await withSchool { scene in
            let id = try await course(scene, "书法", room: "201")
            let members = try await scene.members(5)
            for member in members[..<4] { _ = try await scene.enrol(member, [id]) }
            try await scene.step("withdraw", members[0])
            let offer = try await scene.own(members[1])
            #expect(offer.state == .offered && offer.classId == id && offer.place == nil)
            #expect(try await scene.own(members[2]).place == 1)
            #expect(try await scene.enrol(members[4], [id]).place == 3, "a newcomer, while the seat is kept for another")
            // A day later the offer is over, whether the job has come by or not.
            #expect(await scene.send("confirm", members[1], days: 3.1).problemCode == "school.offer_over")
            try await scene.at(days: 3.1).run()
            #expect(try await scene.own(members[1]).state == .lapsed)
            #expect(try await scene.own(members[2]).state == .offered)
            try await scene.step("decline", members[2], days: 3.2)
            try await scene.step("confirm", members[3], days: 3.2)
            #expect(try await scene.own(members[3]).state == .seated)
            // Who comes back goes to the end.
            #expect(try await scene.enrol(members[1], [id], days: 3.3).place == 2)
            #expect(try await scene.own(members[4]).place == 1)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `more seats are offered at once down the queue, and who cannot come now is passed over, not sent back`() async throws {
        try await withSchool { scene in
            let id = try await course(scene, "书法", room: "201")
            let other = try await course(scene, "舞蹈", capacity: 9, room: "202")
            let members = try await scene.members(4)
            for member in members { _ = try await scene.enrol(member, [id]) }
            // The first who waits has a lesson at the same hour by now.
            #expect(try await scene.enrol(members[1], [other]).result == .seated)
            let raised = await scene.at(days: Self.isOpen).send(.post, "/v1/classes/\(id)/capacity", #"{"capacity":2}"#)
            #expect(raised.status == 200)
            #expect(try await scene.own(members[2]).state == .offered)
            let passed = try await scene.own(members[1], course: id)
            #expect(passed.state == .waitlisted && passed.place == 1)
            // The hour is free again: the job gives what is free then.
            try await scene.step("decline", members[2])
            #expect(try await scene.own(members[3]).state == .offered)
            _ = await scene.at(days: Self.isOpen).send(.post, "/v1/classes/\(id)/capacity", #"{"capacity":3}"#)
            try await scene.step("withdraw", members[1])
            try await scene.at(days: Self.isOpen).run()
            #expect(try await scene.own(members[1], course: id).state == .offered)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `a class that is cancelled or over ends its enrolments, and who waits elsewhere too goes on waiting`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            var classes: [ID<SchoolClass>] = []
            for (label, weekday) in [("一班", 2), ("二班", 3)] {
                let body = scene.classBody(
                    course: course, label: label, weekday: weekday, room: try await scene.room(label),
                    teacher: try await scene.teacher(label), capacity: 1)
                classes.append(try await scene.published(body).schoolClass.id)
            }
            let members = try await scene.members(4)
            _ = try await scene.enrol(members[0], [classes[0]])
            _ = try await scene.enrol(members[1], [classes[1]])
            _ = try await scene.enrol(members[2], classes)
            _ = try await scene.enrol(members[3], [classes[0]])
            let cancelled = await scene.at(days: Self.isOpen).send(
                .post, "/v1/classes/\(classes[0])/cancel", #"{"reason":"教室维修","reasonEn":"Repairs"}"#)
            #expect(cancelled.status == 200)
            let dropped = try await scene.own(members[0])
            #expect(dropped.state == .dropped && dropped.reason == "教室维修")
            #expect(try await scene.own(members[2]).place == 1)
            #expect(try await scene.own(members[3]).state == .lapsed)
            #expect(try await scene.enrol(members[3], [classes[0]]).codes == ["school.class_cancelled"])
            try await scene.at(days: 100).run()
            #expect(try await scene.own(members[1]).state == .completed)
            #expect(try await scene.own(members[2]).state == .lapsed)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `two hundred at once, some of them twice: no seat too many, nobody twice, the queue in the order of arrival`() async throws {
        try await withSchool { scene in
            let ids = [
                try await course(scene, "书法", capacity: 30, room: "201"),
                try await course(scene, "舞蹈", capacity: 20, weekday: 3, room: "202"),
                try await course(scene, "象棋", capacity: 10, weekday: 4, room: "203"),
            ]
            let members = try await scene.members(200)
            let store = scene.at(days: Self.isOpen).school.enrolments
            try await withThrowingTaskGroup { group in
                for (index, member) in members.enumerated() {
                    for id in [ids[index % 3], ids[index % 3], ids[(index + 1) % 3], ids[(index + 2) % 3]] {
                        group.addTask {
                            _ = try await store.enrol(
                                EnrolmentRequest(memberID: member.id, requestID: UUID(), wishes: [id], subject: "test"))
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.value("select sum(seated) from class_seat_count") == Int64(60))
            let most: Int64 = try await scene.value("select max(taken)::bigint from member_term")
            #expect(most == 2)
            #expect(try await scene.imbalances() == 0)
        }
    }
}

extension EnrolmentAnswer {
    var codes: [String] { reasons.map(\.code) }
}

extension SchoolScene {
    func members(_ count: Int) async throws -> [(id: ID<Member>, token: String)] {
        var members: [(id: ID<Member>, token: String)] = []
        for _ in 0..<count { members.append(try await member()) }
        return members
    }

    func ask(
        _ member: (id: ID<Member>, token: String), _ wishes: [ID<SchoolClass>], request: UUID = UUID(), days: Double = 2
    ) async -> TestResponse {
        let list = wishes.map(\.description).joined(separator: ",")
        return await at(days: days).send(
            .post, "/v1/me/enrolments", #"{"requestId":"\#(request.uuidString)","wishes":[\#(list)]}"#, bearer: member.token)
    }

    func enrol(
        _ member: (id: ID<Member>, token: String), _ wishes: [ID<SchoolClass>], request: UUID = UUID(), days: Double = 2
    ) async throws -> EnrolmentAnswer {
        let response = await ask(member, wishes, request: request, days: days)
        try #require(response.status == 200, "\(response.text)")
        return try response.json(EnrolmentAnswer.self)
    }

    /// The newest enrolment, or that in the class's course.
    func own(_ member: (id: ID<Member>, token: String), course: ID<SchoolClass>? = nil) async throws -> OwnEnrolment {
        let list = try await at(days: 2).send(.get, "/v1/me/enrolments", bearer: member.token).json(OwnEnrolmentList.self)
        return try #require(list.items.first { course.map($0.wishes.contains) ?? true })
    }

    func send(_ step: String, _ member: (id: ID<Member>, token: String), days: Double = 2) async -> TestResponse {
        do {
            let id = try await own(member).id
            return await at(days: days).send(.post, "/v1/me/enrolments/\(id)/\(step)", bearer: member.token)
        } catch {
            Issue.record(error)
            return await at(days: days).send(.get, "/healthz")
        }
    }

    func step(_ step: String, _ member: (id: ID<Member>, token: String), days: Double = 2) async throws {
        let response = await send(step, member, days: days)
        try #require(response.status == 200, "\(response.text)")
    }

    /// Counts that differ from the rows they stand for, queues out of order, seats beyond a class or a cap, and persons in two places.
    /// - Parameter inOrder: whether places in a queue are in the order of arrival, as they are until seats were cut.
    func imbalances(inOrder: Bool = true) async throws -> Int64 {
        try await value(
            """
            select
                (
                    select count(*)
                    from class_seat_count seat
                    join school_class using (class_id)
                    where seat.seated <> (
                            select count(*) from enrolment
                            where enrolment.class_id = seat.class_id and enrolment.state in ('seated', 'completed'))
                        or seat.offered <> (
                            select count(*) from enrolment where enrolment.class_id = seat.class_id and enrolment.state = 'offered')
                        or seat.applied <> (
                            select count(*) from enrolment
                            where enrolment.state = 'applied' and seat.class_id = any(enrolment.wishes))
                        or seat.waiting <> (select count(*) from class_queue queue where queue.class_id = seat.class_id)
                        or seat.seated + seat.offered > seat.capacity
                ) + (
                    select count(*) from member_term
                    where taken <> (
                        select count(*) from enrolment
                        where enrolment.member_id = member_term.member_id and enrolment.term_id = member_term.term_id
                            and enrolment.state in ('seated', 'offered', 'completed'))
                ) + (
                    select count(*) from class_queue queue
                    left join enrolment using (member_id, enrolment_id)
                    where enrolment.state is distinct from 'waitlisted' or not queue.class_id = any(enrolment.wishes)
                ) + (
                    select count(*) from enrolment early
                    join enrolment late on late.course_id = early.course_id and late.queue_number > early.queue_number
                    where \(inOrder) and late.enrolled_at < early.enrolled_at and early.state = 'waitlisted' and late.state = 'waitlisted'
                        and early.draw_place is null and late.draw_place is null
                ) + (
                    select count(*) from enrolment first
                    join enrolment second using (draw_id)
                    where first.state = 'waitlisted' and second.state = 'waitlisted' and first.draw_place < second.draw_place
                        and first.queue_number > second.queue_number
                ) + (
                    select count(*) from enrolment mine
                    join enrolment other using (member_id)
                    where mine.state in ('seated', 'offered') and other.state in ('seated', 'offered') and mine.class_id < other.class_id
                        and night_school_lesson_times(mine.class_id) && night_school_lesson_times(other.class_id)
                )
            """)
    }
}
