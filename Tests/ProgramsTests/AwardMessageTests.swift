import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct AwardMessageTests {
    private static func told(_ member: ID<Member>, in database: Database) async throws -> [String] {
        let rows = try await database.query("select kind from member_message where member_id = \(member) order by message_id")
        return try rows.map { try $0.decode(0) }
    }

    @Test func `who is given a place is told until when, who moved up that they did, and who came to the door nothing`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 5, capacities: [9], family: nil)
            let free = try await AwardScene.makeProgram(database, scene.organization, capacities: [9], family: nil, offerHours: nil)
            var confirmed = scene.place(2)
            confirmed.programID = free
            try await scene.hold(
                scene.place(0), scene.place(1, .tick), confirmed, scene.place(3, .organizer, state: .placed),
                scene.place(4, .walkIn, state: .confirmed))
            for (member, kinds) in [(0, ["award.offered"]), (1, ["award.moved_up"]), (2, ["award.confirmed"]), (3, []), (4, [])] {
                #expect(try await Self.told(scene.members[member], in: database) == kinds, "\(member)")
            }
            let row = try await database.query(
                """
                select text_zh, text_en, subject, to_char(offered_until at time zone 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')
                from member_message
                join program_award using (member_id)
                where member_id = \(scene.members[1])
                """)[0]
            let until: String = try row.decode(3)
            #expect(try row.decode(0) == "《体检》候补成功：S1。请在 \(until) 前登录确认，逾期失效。")
            #expect(
                try row.decode(1)
                    == "体检: a place from the waitlist is yours, S1. Sign in and confirm it by \(until), or it lapses.")
            #expect(try row.decode(2) == "program:\(scene.program)")
        }
    }

    @Test func `what others did to a place is told, and nothing of what its holder did or of what was refused`() async throws {
        try await withDatabase { database in
            let scene = try await AwardScene(database, members: 5, capacities: [5, 5], family: nil)
            for member in 0..<5 { try await scene.hold(scene.place(member)) }
            _ = try await database.query("delete from member_message")
            _ = try await database.query(
                "update program_award set offered_until = now() - interval '1 hour' where member_id = \(scene.members[3])")
            _ = try await database.query("update member set status = 'left' where member_id = \(scene.members[4])")
            let moves = try await scene.awards.move([
                scene.change(0, to: .confirmed, by: "member:\(scene.members[0])"), scene.change(1, to: nil, number: 2),
                scene.change(2, to: .withdrawn), scene.change(3, to: .lapsed), scene.change(0, to: .attended),
                scene.change(4, to: .withdrawn), scene.change(2, to: .confirmed),
            ])
            #expect(moves.map(\.verdict) == [.moved, .moved, .moved, .moved, .moved, .moved, .notAllowed])
            let kinds: [[String]] = [[], ["award.session_changed"], ["award.withdrawn"], ["award.lapsed"], []]
            for (member, kinds) in kinds.enumerated() {
                #expect(try await Self.told(scene.members[member], in: database) == kinds, "\(member)")
            }
            let text: String = try await database.query(
                "select text_zh from member_message where kind = 'award.session_changed'")[0].decode(0)
            #expect(text.hasPrefix("《体检》您的场次改为：S2。请在 "), "still to be confirmed")
        }
    }
}
