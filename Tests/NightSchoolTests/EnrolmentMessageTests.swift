import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct EnrolmentMessageTests {
    private static func told(_ scene: SchoolScene, _ member: ID<Member>) async throws -> [String] {
        let rows = try await scene.database.query("select kind from member_message where member_id = \(member) order by message_id")
        return try rows.map { try $0.decode(0) }
    }

    @Test func `after a draw each is told of a seat or the queue, and who moves up or lets it pass of that`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 1, weekdays: [2])
            let members = try await scene.members(3)
            for member in members { _ = try await scene.enrol(member, classes) }
            #expect(try await scene.value("select count(*) from member_message", as: Int64.self) == 0, "what they did themselves")
            try await scene.at(days: 8.6).run()
            let holder = try #require(try await scene.holder(of: classes[0], among: members))
            for (index, member) in members.enumerated() {
                #expect(try await Self.told(scene, member.id) == [index == holder ? "enrolment.seated" : "enrolment.waiting"])
            }
            let own = try await scene.own(members[holder])
            let row = try await scene.database.query(
                "select text_zh, text_en, subject from member_message where member_id = \(members[holder].id)")[0]
            #expect(try row.decode(0, as: String.self).hasPrefix("《书法》（周2班）：您已有座位，首课 "))
            #expect(try row.decode(1, as: String.self).hasPrefix("书法 (周2班): you have a seat, the first lesson is at "))
            #expect(try row.decode(2) == "enrolment:\(own.id)")

            try await scene.stepIn(classes[0], "withdraw", members[holder], days: 8.7)
            #expect(try await Self.told(scene, members[holder].id) == ["enrolment.seated"])
            let next: ID<Member> = try await scene.value("select member_id from enrolment where state = 'offered'")
            #expect(try await Self.told(scene, next) == ["enrolment.waiting", "enrolment.offered"])
            try await scene.at(days: 9.9).run()
            let last: ID<Member> = try await scene.value("select member_id from enrolment where state = 'offered'")
            #expect(last != next)
            #expect(try await Self.told(scene, next) == ["enrolment.waiting", "enrolment.offered", "enrolment.lapsed"])
            #expect(try await Self.told(scene, last) == ["enrolment.waiting", "enrolment.offered"])
        }
    }

    @Test func `whoever loses a seat to a cut or a cancelled class is told, and who has left is not`() async throws {
        try await withSchool { scene in
            let second = try await scene.registry.accounts.createOwner(name: "second")
            let id = try await scene.published(scene.classBody(course: try await scene.course(), capacity: 3)).schoolClass.id
            let members = try await scene.members(4)
            for member in members { _ = try await scene.enrol(member, [id]) }
            let moment = scene.at(days: 2)
            let cut = try await moment.send(.post, "/v1/classes/\(id)/cuts", #"{"capacity":2,"reason":"教室漏水"}"#)
                .json(ClassCutAnswer.self)
            let done = await moment.send(.post, "/v1/classes/\(id)/cuts/confirm", #"{"id":\#(cut.id)}"#, bearer: second)
            try #require(done.status == 200, "\(done.text)")
            #expect(try await Self.told(scene, members[2].id) == ["enrolment.seat_cut"])
            #expect(try await scene.value("select count(*) from member_message", as: Int64.self) == 1)

            _ = try await scene.database.query("update member set status = 'left' where member_id = \(members[3].id)")
            let cancelled = await moment.send(.post, "/v1/classes/\(id)/cancel", #"{"reason":"教师生病"}"#)
            try #require(cancelled.status == 200, "\(cancelled.text)")
            #expect(try await Self.told(scene, members[0].id) == ["enrolment.ended"])
            #expect(try await Self.told(scene, members[2].id) == ["enrolment.seat_cut", "enrolment.ended"])
            #expect(try await Self.told(scene, members[3].id) == [])
        }
    }
}
