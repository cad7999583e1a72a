import AllocationFiles
import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct DrawTests {
    @Test func `wishes are handed in, changed and withdrawn while the window is open, and not after it`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 1, weekdays: [2, 3])
            let members = try await scene.members(2)
            #expect(
                try await scene.enrol(members[0], classes, days: 0).codes == ["school.enrolment_not_open", "school.enrolment_not_open"])
            let request = UUID()
            let applied = try await scene.enrol(members[0], classes, request: request)
            #expect(applied.result == .applied && applied.classId == nil && applied.place == nil)
            #expect(try await scene.enrol(members[0], classes, request: request).enrolmentId == applied.enrolmentId)
            #expect(try await scene.enrol(members[0], classes).codes == ["school.already_enrolled"])
            #expect(try await scene.sheet(classes[0]).schoolClass.applied == 1)

            let changed = try await scene.change(members[0], [classes[1]])
            #expect(changed.result == .applied && changed.enrolmentId != applied.enrolmentId)
            let own = try await scene.own(members[0])
            #expect(own.state == .applied && own.wishes == [classes[1]])
            #expect(try await scene.sheet(classes[0]).schoolClass.applied == 0)
            let other = try await scene.drawn("舞蹈", capacity: 1, weekdays: [5])
            #expect(await scene.change(members[0], other, days: 2).problemCode == "school.wrong_state", "another course")
            #expect(try await scene.own(members[0]).wishes == [classes[1]])

            try await scene.step("withdraw", members[0])
            #expect(try await scene.own(members[0]).state == .withdrawn)
            _ = try await scene.enrol(members[0], classes)
            _ = try await scene.enrol(members[1], classes)
            #expect(try await scene.imbalances() == 0)

            // Closed, whether it was drawn or not.
            #expect(await scene.send("withdraw", members[0], days: 8.6).problemCode == "school.wrong_state")
            #expect(await scene.change(members[0], [classes[1]], days: 8.6).problemCode == "school.wrong_state")
            let late = try await scene.member()
            #expect(try await scene.enrol(late, [classes[0]], days: 8.6).codes == ["school.enrolment_closed"])
            try await scene.at(days: 8.6).run()
            #expect(try await scene.enrol(late, [classes[0]], days: 8.7).codes == ["school.enrolment_closed"])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `the lottery was committed to, gives every seat, orders who waits, and anybody can compute it again`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 3, weekdays: [2, 3])
            let id = try #require(try await scene.sheet(classes[0]).schoolClass.drawId)
            #expect(try await scene.sheet(classes[1]).schoolClass.drawId == id)
            let members = try await scene.members(12)
            for (index, member) in members.enumerated() {
                _ = try await scene.enrol(member, index % 3 == 0 ? [classes[1]] : index % 3 == 1 ? classes : classes.reversed())
            }
            let before = try await scene.draw(id)
            #expect(before.secret == nil && before.drawnAt == nil)
            #expect(await scene.at().send(.get, "/v1/public/school-draws/\(id)/audit-file").problemCode == "school.not_drawn")
            try await scene.at(days: 6.9).run()
            #expect(try await scene.draw(id).drawnAt == nil, "before it has closed")
            try await scene.at(days: 8.6).run()

            let after = try await scene.draw(id)
            #expect(after.commitment == before.commitment && after.applicants == 12 && after.seated == 6)
            let secret = try #require(after.secret.flatMap { Hex.decode($0) })
            #expect(Hex.encode(CommittedShuffle.commitment(to: secret)) == before.commitment)
            // The order, from what is published alone.
            let entries = try await scene.database.query(
                "select ticket, draw_place, state, class_id, wishes from enrolment where draw_id = \(id) order by ticket")
            let tickets = try entries.map { UInt64(bitPattern: try $0.decode(0, as: Int64.self)) }
            let order = CommittedShuffle(secret: secret, name: after.lottery).order(of: tickets)
            var left = [classes[0]: 3, classes[1]: 3]
            for (place, row) in order.enumerated() {
                #expect(try entries[row].decode(1, as: Int32.self) == Int32(place + 1))
                let wishes = try entries[row].decode(4, as: [Int64].self).map { ID<SchoolClass>($0) }
                let due = wishes.first { (left[$0] ?? 0) > 0 }
                #expect(try entries[row].decode(3, as: ID<SchoolClass>?.self) == due)
                #expect(try entries[row].decode(2, as: String.self) == (due == nil ? "waitlisted" : "seated"))
                if let due { left[due, default: 0] -= 1 }
            }
            #expect(try await scene.imbalances() == 0)

            let file = await scene.at().send(.get, "/v1/public/school-draws/\(id)/audit-file")
            #expect(file.status == 200)
            #expect(try AuditFile.verify(SourceFile(name: "audit", bytes: file.body)).isSound)
            // A seat given to another than the lottery did: the file says so.
            _ = try await scene.database.query(
                """
                update school_draw_entry set class_id = null
                where (draw_id, ticket) = (select draw_id, ticket from school_draw_entry where class_id is not null limit 1)
                """)
            let altered = await scene.at().send(.get, "/v1/public/school-draws/\(id)/audit-file")
            #expect(try AuditFile.verify(SourceFile(name: "audit", bytes: altered.body)).isSound == false)
        }
    }

    @Test func `who was absent too often without excuse is drawn after the others, and is told`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 2, weekdays: [2])
            let members = try await scene.members(6)
            for member in members { _ = try await scene.enrol(member, classes) }
            let past = try await scene.at().send(
                .post, "/v1/schools/\(scene.school)/terms",
                #"{"name":"春季","startsOn":"\#(SchoolScene.day(-200))","endsOn":"\#(SchoolScene.day(-60))"}"#
            ).json(SchoolTerm.self).id
            for (index, member) in members.prefix(5).enumerated() {
                // The last of them was forgiven.
                _ = try await scene.database.query(
                    """
                    insert into enrolment_standing (
                        school_id, term_id, class_id, member_id, enrolment_id, kind, absences, threshold, from_on, until_on, created_at,
                        lifted_at, lifted_by, lift_reason)
                    select
                        \(scene.school), \(past), \(classes[0]), member_id, enrolment_id, 'lower_priority', 3, 3,
                        \(SchoolScene.day(-60))::text::date, \(SchoolScene.day(200))::text::date, now(),
                        case when \(index == 4) then now() end, case when \(index == 4) then 'account:1' end,
                        case when \(index == 4) then 'appeal_accepted' end
                    from enrolment where member_id = \(member.id)
                    """)
            }
            try await scene.at(days: 8.6).run()
            for (index, member) in members.enumerated() {
                #expect(try await scene.own(member).state == (index < 4 ? .waitlisted : .seated), "\(index)")
                let own = try await scene.own(member)
                let why = try await scene.at(days: 8.7).send(.get, "/v1/me/enrolments/\(own.id)/why", bearer: member.token)
                    .json(EnrolmentWhy.self)
                #expect(why.lines.contains { $0.code == "school.why_draw_lowered" } == (index < 4))
            }
            let id = try #require(try await scene.sheet(classes[0]).schoolClass.drawId)
            let file = await scene.at(days: 8.7).send(.get, "/v1/public/school-draws/\(id)/audit-file")
            #expect(try AuditFile.verify(SourceFile(name: "audit", bytes: file.body)).isSound)
        }
    }

    @Test func `of two draws at one hour, or beyond the cap, the later passes over what the earlier gave, and says why`() async throws {
        try await withSchool { scene in
            let first = try await scene.drawn("书法", capacity: 5, weekdays: [2])
            let second = try await scene.drawn("舞蹈", capacity: 5, weekdays: [2, 3])
            let third = try await scene.drawn("象棋", capacity: 5, weekdays: [4])
            let fourth = try await scene.drawn("烹饪", capacity: 5, weekdays: [5])
            let members = try await scene.members(2)
            for wishes in [first, second, third] { _ = try await scene.enrol(members[0], wishes) }
            for wishes in [first, [second[0]], fourth] { _ = try await scene.enrol(members[1], wishes) }
            try await scene.at(days: 8.6).run()
            // The second wish of the second course is at another hour; then two classes are enough.
            #expect(try await scene.own(members[0], course: first[0]).state == .seated)
            #expect(try await scene.own(members[0], course: second[0]).classId == second[1])
            #expect(try await scene.own(members[0], course: third[0]).state == .waitlisted)
            #expect(try await scene.own(members[1], course: second[0]).state == .waitlisted)
            #expect(try await scene.own(members[1], course: fourth[0]).state == .seated)
            let passed: String = try await scene.value(
                """
                select string_agg(item ->> 'reason', ' ' order by draw_id, member_id, item ->> 'classId')
                from school_draw_entry cross join lateral jsonb_array_elements(passed) item
                """)
            #expect(passed == "school.lessons_clash school.lessons_clash school.cap_reached")
            let clash: Int64 = try await scene.value(
                "select (passed -> 0 ->> 'otherId')::bigint from school_draw_entry where passed <> '[]' order by draw_id limit 1")
            #expect(clash == first[0].rawValue)
            #expect(try await scene.imbalances() == 0)
            // What was in the way is gone: the wait was not in vain.
            try await scene.stepIn(first[0], "withdraw", members[1], days: 8.7)
            try await scene.at(days: 8.8).run()
            #expect(try await scene.own(members[1], course: second[0]).state == .offered)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `after the draw who comes first is served, never before who waits, and until then nobody`() async throws {
        try await withSchool { scene in
            let full = try await scene.drawn("书法", capacity: 1, weekdays: [2], mode: "draw_then_first_come")
            let roomy = try await scene.drawn("舞蹈", capacity: 2, weekdays: [3], mode: "draw_then_first_come")
            let members = try await scene.members(5)
            for member in members[..<3] { _ = try await scene.enrol(member, full) }
            _ = try await scene.enrol(members[0], roomy)
            #expect(try await scene.enrol(members[3], full, days: 8.6).codes == ["school.enrolment_by_draw"])
            try await scene.at(days: 8.6).run()
            #expect(try await scene.enrol(members[3], roomy, days: 8.7).result == .seated)
            #expect(try await scene.enrol(members[4], roomy, days: 8.7).place == 1)
            #expect(try await scene.enrol(members[3], full, days: 8.7).place == 3, "after those who lost")
            let seated = try #require(try await scene.holder(of: full[0], among: members))
            try await scene.stepIn(full[0], "withdraw", members[seated], days: 8.8)
            let next: Int32 = try await scene.value(
                """
                select draw_place from enrolment
                where course_id = (select course_id from school_class where class_id = \(full[0])) and state = 'offered'
                """)
            #expect(next == 2, "the next in the lottery's order")
            // More seats: at once, down the same queue.
            _ = await scene.at(days: 8.9).send(.post, "/v1/classes/\(full[0])/capacity", #"{"capacity":2}"#)
            #expect(try await scene.value("select max(draw_place) from enrolment where state = 'offered'") == Int32(3))
            // Until the first lesson begins.
            #expect(try await scene.enrol(try await scene.member(), full, days: 20).codes == ["school.enrolment_closed"])
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `two servers draw at once: each draw once, nobody twice or beyond the cap, no seat too many`() async throws {
        try await withSchool { scene in
            let courses = [
                try await scene.drawn("书法", capacity: 7, weekdays: [2, 3]), try await scene.drawn("舞蹈", capacity: 9, weekdays: [2]),
                try await scene.drawn("象棋", capacity: 11, weekdays: [3]), try await scene.drawn("烹饪", capacity: 5, weekdays: [4]),
            ]
            let members = try await scene.members(40)
            let store = scene.at(days: 2).school.enrolments
            for wishes in courses {
                _ = try await store.enrol(
                    batch: members.map { EnrolmentRequest(memberID: $0.id, requestID: UUID(), wishes: wishes, subject: "test") })
            }
            // Beside the draws the same people come first elsewhere, at the same hours.
            var open: [ID<SchoolClass>] = []
            for weekday in [2, 4] {
                let body = scene.classBody(
                    course: try await scene.course("先到\(weekday)"), weekday: weekday, room: try await scene.room("8\(weekday)"),
                    teacher: try await scene.teacher("先到老师\(weekday)"), capacity: 15)
                open.append(try await scene.published(body.replacing(SchoolScene.time(8), with: SchoolScene.time(10))).schoolClass.id)
            }
            let servers = [scene.at(days: 8.6), scene.at(days: 8.6), scene.at(days: 8.6)]
            try await withThrowingTaskGroup { group in
                for server in servers { group.addTask { try await server.run() } }
                for (index, member) in members.enumerated() {
                    let wish = open[index % 2]
                    group.addTask {
                        _ = try await servers[0].school.enrolments.enrol(
                            EnrolmentRequest(memberID: member.id, requestID: UUID(), wishes: [wish], subject: "test"))
                    }
                }
                // Beside the job, and in the other direction.
                for id in [4, 3, 2, 1] as [Int64] {
                    group.addTask {
                        _ = try await scene.database.inTransaction {
                            try await servers[0].school.draws.make(ID(id), by: ProgramLife.Actor(subject: "test"), in: $0)
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await scene.value("select count(*) from audit_entry where action = 'school_draw.drawn'") == Int64(4))
            #expect(try await scene.value("select count(*) from enrolment where state = 'applied'") == Int64(0))
            #expect(try await scene.value("select count(*) from enrolment_event") == Int64(160))
            #expect(try await scene.value("select max(taken)::bigint from member_term") == Int64(2))
            let came: Int64 = try await scene.value("select count(*) from enrolment where draw_id is null and state = 'seated'")
            #expect((1...30).contains(came))
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `a server that dies while it draws leaves everything as it was, and the next one draws the same`() async throws {
        struct Died: Error {}
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 2, weekdays: [2])
            for member in try await scene.members(6) { _ = try await scene.enrol(member, classes) }
            let id = try #require(try await scene.sheet(classes[0]).schoolClass.drawId)
            let server = scene.at(days: 8.6)
            var first: [Int32] = []
            let winners: SQL = "select draw_place from enrolment where state = 'seated' order by ticket"
            do {
                try await scene.database.inTransaction { transaction in
                    _ = try await server.school.draws.make(id, by: ProgramLife.Actor(subject: "test"), in: transaction)
                    first = try await transaction.query(winners).map { try $0.decode(0) }
                    throw Died()
                }
            } catch is Died {}
            #expect(first.count == 2)
            #expect(try await scene.value("select count(*) from enrolment where state = 'applied'") == Int64(6))
            #expect(try await scene.value("select count(*) from school_draw_entry") == Int64(0))
            #expect(try await scene.imbalances() == 0)
            try await server.run()
            let second: [Int32] = try await scene.database.query(winners).map { try $0.decode(0) }
            #expect(second == first)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `parallel classes go together, a cancelled one ends who wished for nothing else, and who is suspended waits`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 5, weekdays: [2, 3])
            let course = try await scene.sheet(classes[0]).schoolClass.courseId
            let late = await scene.at().send(
                .post, "/v1/classes",
                scene.classBody(
                    course: course, label: "晚", more: #","minimum":2,"decideOn":"\#(SchoolScene.day(7))","enrolmentMode":"draw""#
                ).replacing(SchoolScene.time(8), with: SchoolScene.time(20)))
            #expect(Set(late.reasonCodes).isSuperset(of: ["school.drawn_too_late", "school.decided_before_draw"]))
            for more in ["", #","enrolmentMode":"draw_then_first_come""#] {
                let draft = try await scene.draft(
                    scene.classBody(
                        course: course, label: "另一班\(more.count)", weekday: 6, room: try await scene.room("9\(more.count)"),
                        teacher: try await scene.teacher("另\(more.count)"), more: more))
                let refused = await scene.at().send(.post, "/v1/classes/\(draft.schoolClass.id)/publish")
                #expect(refused.problem?.reasons.map(\.code) == ["school.parallel_enrolment_differs"])
            }
            let members = try await scene.members(4)
            _ = try await scene.enrol(members[0], [classes[0]])
            _ = try await scene.enrol(members[1], classes)
            _ = try await scene.enrol(members[2], [classes[1]])
            _ = try await scene.enrol(members[3], [classes[1]])
            _ = await scene.at(days: 2).send(.post, "/v1/classes/\(classes[0])/cancel", #"{"reason":"教室维修"}"#)
            let ended = try await scene.own(members[0])
            #expect(ended.state == .lapsed && ended.reason == "教室维修")
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[2].id)")
            #expect(try await scene.imbalances() == 0)
            try await scene.at(days: 8.6).run()
            #expect(try await scene.own(members[1]).classId == classes[1])
            #expect(try await scene.own(members[3]).state == .seated)
            #expect(try await scene.value("select state from enrolment where member_id = \(members[2].id)") == "waitlisted")
            // Nothing is offered to who is suspended; active again, the job gives what is free.
            try await scene.at(days: 8.7).run()
            #expect(try await scene.value("select state from enrolment where member_id = \(members[2].id)") == "waitlisted")
            _ = try await scene.database.query("update member set status = 'active' where member_id = \(members[2].id)")
            try await scene.at(days: 8.8).run()
            #expect(try await scene.own(members[2]).state == .offered)
            #expect(try await scene.imbalances() == 0)
        }
    }
}

extension SchoolScene {
    /// Published parallel classes of a new course whose seats are drawn on the eighth day.
    func drawn(
        _ title: String = "书法", capacity: Int, weekdays: [Int], mode: String = "draw"
    ) async throws -> [ID<SchoolClass>] {
        let course = try await course(title)
        var classes: [ID<SchoolClass>] = []
        for weekday in weekdays {
            let body = classBody(
                course: course, label: "周\(weekday)班", weekday: weekday, room: try await room("\(title)\(weekday)"),
                teacher: try await teacher("\(title)老师\(weekday)"), capacity: capacity, more: #","enrolmentMode":"\#(mode)""#)
            classes.append(try await published(body).schoolClass.id)
        }
        return classes
    }

    func draw(_ id: ID<SchoolDraw>) async throws -> SchoolDrawAnswer {
        try await at().send(.get, "/v1/public/school-draws/\(id)").json(SchoolDrawAnswer.self)
    }

    func change(
        _ member: (id: ID<Member>, token: String), _ wishes: [ID<SchoolClass>], days: Double
    ) async -> TestResponse {
        let list = wishes.map(\.description).joined(separator: ",")
        do {
            let id = try await own(member).id
            return await at(days: days).send(
                .put, "/v1/me/enrolments/\(id)/wishes", #"{"requestId":"\#(UUID().uuidString)","wishes":[\#(list)]}"#,
                bearer: member.token)
        } catch {
            Issue.record(error)
            return await at(days: days).send(.get, "/healthz")
        }
    }

    func change(_ member: (id: ID<Member>, token: String), _ wishes: [ID<SchoolClass>]) async throws -> EnrolmentAnswer {
        try await change(member, wishes, days: 2).json(EnrolmentAnswer.self)
    }

    /// A step of the enrolment in the class's course.
    func stepIn(_ course: ID<SchoolClass>, _ step: String, _ member: (id: ID<Member>, token: String), days: Double) async throws {
        let id = try await own(member, course: course).id
        let response = await at(days: days).send(.post, "/v1/me/enrolments/\(id)/\(step)", bearer: member.token)
        try #require(response.status == 200, "\(response.text)")
    }

    /// Which of the members has a seat in the class.
    func holder(of id: ID<SchoolClass>, among members: [(id: ID<Member>, token: String)]) async throws -> Int? {
        let holder: ID<Member> = try await value("select member_id from enrolment where class_id = \(id) and state = 'seated' limit 1")
        return members.firstIndex { $0.id == holder }
    }
}
