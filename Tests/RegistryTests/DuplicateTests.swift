import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Registry

@Suite struct DuplicateTests {
    private static let phone = "13812345678"

    /// Runs the comparison until it rests.
    private func compare(_ scene: RegistryScene, batch: Int = 2_000) async throws {
        var comparison = scene.registry.persons.comparison
        comparison.batchCount = batch
        while case .more = try await comparison.compare() {}
    }

    /// Another id with the same birth date.
    private func sibling(_ nationalID: String) throws -> NationalID {
        let id = try NationalID(nationalID)
        return try #require(NationalID(region: 320_400, birthOn: id.birthOn, sequence: 321))
    }

    @Test func `the same phone, and the same name and birth date, are listed masked with the reason`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let one = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            let two = try await scene.enter("张三", try sibling(RegistryScene.zhang).text)
            let three = try await scene.enter("李四", RegistryScene.li, phone: Self.phone)
            try await compare(scene)
            let answer = await scene.call(.get, "/v1/duplicates")
            let list = try answer.json(DuplicateList.self)
            #expect(list.items.map { $0.members.map(\.id) } == [[one, two], [one, three]])
            #expect(list.items.map(\.reasons) == [[.nameAndBirth], [.phone]])
            #expect(!answer.text.contains(RegistryScene.zhang) && !answer.text.contains("张三") && !answer.text.contains(Self.phone))
            // Compared again they are not found again.
            _ = try await database.query("update member_comparison set member_id = 0")
            try await compare(scene, batch: 2)
            #expect(try await scene.count("member_duplicate") == 2)
            // A name changes, and with it who may be whom.
            _ = try await scene.bringIn("姓名,身份证号\n张四,\(RegistryScene.zhang)\n")
            #expect(try await scene.count("member_name_index") == 3)
        }
    }

    @Test func `new members are compared in the next run, and changed ones in the next day's pass`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            try await compare(scene)
            _ = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            _ = try await scene.enter("李四", RegistryScene.li)
            try await compare(scene)
            #expect(try await scene.count("member_duplicate") == 0)
            _ = try await scene.bringIn("姓名,身份证号,手机号\n李四,\(RegistryScene.li),\(Self.phone)\n")
            try await compare(scene)
            #expect(try await scene.count("member_duplicate") == 0)
            _ = try await database.query("update member_comparison set pass_began_on = pass_began_on - 1")
            try await compare(scene)
            #expect(try await scene.count("member_duplicate") == 1)
        }
    }

    @Test func `a phone that many share makes few pairs`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let rows = (0..<60).map { "张\("甲乙丙丁".randomElement() ?? "甲"),\(DemoRegister.nationalID(seed: 7, row: $0).text),\(Self.phone)" }
            _ = try await scene.bringIn("姓名,身份证号,手机号\n" + rows.joined(separator: "\n") + "\n")
            try await compare(scene, batch: 16)
            #expect(try await scene.count("member_duplicate") == 59 + 58 + 57 + 56 + 55 + 54 + 53)
        }
    }

    @Test func `members from before there was an index of names are entered into it`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.bringIn(Array(DemoRegister(seed: 8, count: 30).joined()))
            let before = try await database.query("select name_index from member_personal_data order by member_id")
            let indexes = try before.map { try $0.decode(0, as: [UInt8].self) }
            _ = try await database.query("update member_personal_data set name_index = null")
            _ = try await database.query("delete from member_name_index")
            var comparison = scene.registry.persons.comparison
            comparison.batchCount = 40
            while case .more = try await comparison.indexNames() {}
            let after = try await database.query("select name_index from member_personal_data order by member_id")
            #expect(try after.map { try $0.decode(0, as: [UInt8].self) } == indexes)
            #expect(try await scene.count("member_name_index") == 30)
        }
    }

    @Test func `a pair found to be two is dismissed once, with the reason`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone)
            _ = try await scene.enter("李四", RegistryScene.li, phone: Self.phone)
            try await compare(scene)
            let done = await scene.call(.post, "/v1/duplicates/1/dismiss", #"{"reason":"夫妻共用"}"#)
            #expect(try done.json(DuplicateAnswer.self).decisionReason == "夫妻共用")
            let again = await scene.call(.post, "/v1/duplicates/1/dismiss", #"{"reason":"x"}"#)
            #expect(again.problemCode == "registry.duplicate_decided")
            #expect(await scene.call(.post, "/v1/duplicates/9/dismiss", #"{"reason":"x"}"#).problemCode == "registry.duplicate_not_found")
            #expect(try await scene.call(.get, "/v1/duplicates").json(DuplicateList.self).items.isEmpty)
            #expect(try await scene.call(.get, "/v1/duplicates?state=dismissed").json(DuplicateList.self).items.count == 1)
            _ = try await database.query("update member_comparison set member_id = 0")
            try await compare(scene)
            #expect(try await scene.call(.get, "/v1/duplicates").json(DuplicateList.self).items.isEmpty, "decided stays decided")
            #expect(try await scene.audited() == ["duplicate.dismissed duplicate:1"])
        }
    }

    @Test func `a pair is shown to whoever may see both, and to nobody else`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (one, other) = (try await scene.child("一厂"), try await scene.child("二厂"))
            let first = try await scene.enter("张三", RegistryScene.zhang, phone: Self.phone, in: one)
            let second = try await scene.enter("李四", RegistryScene.li, phone: Self.phone, in: other)
            try await compare(scene)
            let city = try await scene.organizer(.operator, of: scene.organization)
            let plant = try await scene.organizer(.operator, of: one)
            #expect(try await scene.call(.get, "/v1/duplicates", as: city).json(DuplicateList.self).items.count == 1)
            #expect(try await scene.call(.get, "/v1/duplicates", as: plant).json(DuplicateList.self).items.isEmpty)
            let dismissed = await scene.call(.post, "/v1/duplicates/1/dismiss", #"{"reason":"x"}"#, as: plant)
            #expect(dismissed.problemCode == "registry.duplicate_not_found")
            let body = #"{"duplicateId":\#(second),"reason":"x"}"#
            let merged = await scene.call(.post, "/v1/members/\(first)/merge", body, as: plant)
            #expect(merged.problemCode == "registry.merge_duplicate_unknown")
            #expect(try await scene.count("member_merge") == 0)
        }
    }
}
