import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct MemberMessageTests {
    private static func notice(_ number: Int) -> MemberNotice {
        MemberNotice("test_notice", Localized(zh: "第 \(number) 条", en: "Number \(number)"), subject: "program:\(number)")
    }

    private static func tell(_ scene: SignInScene, _ member: ID<Member>, _ number: Int, phone: PhoneNumber? = nil) async throws {
        try await scene.database.transaction { (transaction) async throws(PostgresError) in
            try await scene.registry.outbox.tell(notice(number), to: member, phone: phone, validSeconds: 60, in: transaction)
        }
    }

    @Test func `what a member is told stands on the page, and goes to the phone where there is one`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let other = try await scene.member("李四", "440524198001010013", phone: nil)
            try await Self.tell(scene, id, 1, phone: try PhoneNumber(SignInScene.phone))
            try await Self.tell(scene, other, 2)
            #expect(try await scene.messages().map(\.text) == ["【驿站】第 1 条"], "who has no phone reads it on the page")
            for (member, text) in [(id, "第 1 条"), (other, "第 2 条")] {
                let token = try await scene.registry.memberSessions.create(member).token
                let answer = await scene.send(.get, "/v1/me/messages", bearer: token, headers: [("Accept-Language", "zh")])
                #expect(answer.header("Cache-Control") == "no-store")
                let list = try answer.json(MemberMessageList.self)
                #expect(list.items.map(\.text) == [text] && list.unread == 1 && list.items[0].readAt == nil)
                #expect(list.items[0].kind == "test_notice" && list.items[0].subject?.hasPrefix("program:") == true)
                let english = await scene.send(.get, "/v1/me/messages", bearer: token, headers: [("Accept-Language", "en")])
                #expect(try english.json(MemberMessageList.self).items[0].text.hasPrefix("Number"))
            }
        }
    }

    @Test func `codes to sign in with are told to the phone alone`() async throws {
        try await inSignInScene { scene in
            try await scene.member()
            _ = try await scene.askForCode()
            #expect(try await scene.messages().count == 1)
            #expect(try await scene.scene.count("member_message") == 0)
        }
    }

    @Test func `a transaction that is taken back tells nothing`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            struct Stop: Error {}
            await #expect(throws: (any Error).self) {
                try await scene.database.inTransaction { transaction in
                    try await scene.registry.outbox.tell(
                        Self.notice(1), to: id, phone: try PhoneNumber(SignInScene.phone), validSeconds: 60, in: transaction)
                    throw Stop()
                }
            }
            #expect(try await scene.scene.count("member_message") == 0)
            #expect(try await scene.messages().isEmpty)
        }
    }

    @Test func `the newest come first, page by page, and are marked as read up to one`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let stranger = try await scene.member("李四", "440524198001010013", phone: nil)
            for number in 1...5 { try await Self.tell(scene, id, number) }
            try await Self.tell(scene, stranger, 6)
            let token = try await scene.registry.memberSessions.create(id).token
            func page(_ query: String) async throws -> MemberMessageList {
                try await scene.send(.get, "/v1/me/messages\(query)", bearer: token).json(MemberMessageList.self)
            }
            let first = try await page("?limit=2")
            #expect(first.items.compactMap(\.subject) == ["program:5", "program:4"] && first.unread == 5)
            let second = try await page("?limit=2&after=\(try #require(first.next))")
            #expect(second.items.compactMap(\.subject) == ["program:3", "program:2"])
            let last = try await page("?limit=2&after=\(try #require(second.next))")
            #expect(last.items.compactMap(\.subject) == ["program:1"] && last.next == nil)

            for _ in 0..<2 {
                let read = await scene.post("/v1/me/messages/read", #"{"upTo":\#(second.items[0].id)}"#, bearer: token)
                #expect(try read.json(MessagesReadAnswer.self).unread == 2)
            }
            let all = try await page("")
            #expect(all.unread == 2 && all.items.map { $0.readAt != nil } == [false, false, true, true, true])
            _ = await scene.post("/v1/me/messages/read", #"{"upTo":\#(Int64.max)}"#, bearer: token)
            #expect(try await page("").unread == 0)
            let foreign: Int64 = try await scene.database.query(
                "select count(*) from member_message where member_id = \(stranger) and read_at is null")[0].decode(0)
            #expect(foreign == 1, "another's stay unread")
        }
    }

    @Test func `they are in the own export, go over in a merge, and end with the person`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let twin = try await scene.member("张三", "440524198001010013", phone: nil)
            try await Self.tell(scene, id, 1)
            try await Self.tell(scene, twin, 2)
            let merged = await scene.post("/v1/members/\(id)/merge", #"{"duplicateId":\#(twin),"reason":"x"}"#, bearer: scene.owner)
            #expect(merged.status == 200)
            let token = try await scene.registry.memberSessions.create(id).token
            let list = try await scene.send(.get, "/v1/me/messages", bearer: token).json(MemberMessageList.self)
            #expect(list.items.compactMap(\.subject) == ["program:2", "program:1"] && list.unread == 2)
            let own = await scene.send(.get, "/v1/me/data", bearer: token)
            #expect(own.text.contains("第 1 条") && own.text.contains("第 2 条"))
            let erased = await scene.post("/v1/me/erasure", #"{"confirm":"erase"}"#, bearer: token)
            #expect(erased.status == 200)
            #expect(try await scene.scene.count("member_message") == 0)
        }
    }

    @Test func `old ones are forgotten, and lists go by keys`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let other = try await scene.member("李四", "440524198001010013", phone: nil)
            _ = try await scene.database.query(
                """
                insert into member_message (member_id, kind, text_zh, text_en, told_at)
                select case when n % 200 = 0 then \(id) else \(other) end, 'test', '文', 'text', now() - n * interval '1 hour' + interval '30 minutes'
                from generate_series(1, 12000) n
                """)
            _ = try await scene.database.query("analyze member_message")
            let store = MemberMessageStore(database: scene.database)
            let reads = try await tableReads(scene.database) { (transaction) async throws(PostgresError) in
                _ = try await store.list(of: [id], before: nil, limit: 51, in: transaction)
            }
            #expect(!reads.whole.contains("member_message") && reads.byKey["member_message"] ?? 0 <= 60, "\(reads)")
            #expect(try await store.purge(limit: 5_000) == 12_000 - 400 * 24)
            #expect(try await store.purge(limit: 5_000) == 0)
        }
    }
}
