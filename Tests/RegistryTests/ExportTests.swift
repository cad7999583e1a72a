import Postgres
import Runtime
import Synchronization
import TestSupport
import Testing

@testable import HTTP
@testable import Registry

@Suite struct ExportTests {
    private func rows(_ answer: TestResponse) -> [String] {
        answer.text.replacing("\u{FEFF}", with: "").replacing("\r\n", with: "\n").split(separator: "\n").map(String.init)
    }

    private func unmasked(_ encoding: String = "utf-8") -> String {
        #"{"masked":false,"reason":"年度花名册核对","encoding":"\#(encoding)"}"#
    }

    @Test(arguments: ["utf-8", "gb18030"])
    func `a file in clear, brought in again, changes nothing`(encoding: String) async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let factory = try await scene.child("=1+1厂")
            let street = try await scene.child("城关", kind: .street)
            let other = try #require(try await scene.registry.organizations.ensure(.init(kind: .city, name: "靖西")))
            _ = try await scene.registry.organizations.ensure(.init(parentID: other.id, kind: .street, name: "城关"))
            _ = try await scene.bringIn(
                Array(DemoRegister(seed: 6, count: 2_300, organizations: ["德保", "德保/城关", "\(factory.id)", "靖西"]).joined()),
                usesOrganization: false)
            _ = try await scene.enter("阿卜杜拉·买买提", RegistryScene.zhang, phone: nil, in: street)
            _ = try await scene.enter("𠮷野", RegistryScene.li, phone: "13812345678", in: factory)
            let answer = await scene.call(.post, "/v1/member-exports", unmasked(encoding))
            #expect(answer.status == 200 && answer.header("Content-Type") == "text/csv; charset=\(encoding)")
            #expect(answer.body.starts(with: [0xEF, 0xBB, 0xBF]) == (encoding == "utf-8"))
            let again = try await scene.bringIn(Array(answer.body), usesOrganization: false)
            #expect(try await scene.rejections(of: again) == [])
            #expect(again.tally == MemberImportTally(inserted: 0, updated: 0, unchanged: 2_302, refused: 0))
        }
    }

    @Test func `a masked file tells nobody, and everything else`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let factory = try await scene.child("=HYPERLINK(\"x\"),厂")
            let id = try await scene.enter("张三", RegistryScene.zhang, phone: "13812345678", in: factory)
            let answer = await scene.call(.post, "/v1/member-exports", "{}")
            let lines = rows(answer)
            #expect(lines[0] == "会员编号,会籍状态,性别,出生年份,姓名,身份证号,手机号,工种,就业形式,苦脏累险岗位,单位体检,组织,建档时间")
            #expect(lines[1].hasPrefix("\(id),正常,女,1949,张*,1101**********002X,138****5678,快递员,其他,否,否,"), "\(lines[1])")
            #expect(lines[1].contains(#","德保/=HYPERLINK(""x""),厂","#), "begins with no sign that a spreadsheet runs")
            let organizations = await scene.call(.post, "/v1/organization-exports", "{}")
            #expect(organizations.text.contains(#""'=HYPERLINK(""x""),厂""#))
            #expect(rows(organizations).count == 3)
        }
    }

    @Test func `who left the register is in no file`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let one = try await scene.enter("张三", RegistryScene.zhang)
            let two = try await scene.enter("李四", RegistryScene.li)
            let three = try await scene.enter("王五", DemoRegister.nationalID(seed: 1, row: 1).text)
            #expect(await scene.call(.post, "/v1/members/\(one)/merge", #"{"duplicateId":\#(two),"reason":"x"}"#).status == 200)
            let erase = #"{"confirm":"erase","reason":"asked_by_the_person"}"#
            #expect(await scene.call(.post, "/v1/members/\(three)/erasure", erase).status == 200)
            #expect(rows(await scene.call(.post, "/v1/member-exports", unmasked())).count == 2)
        }
    }

    @Test func `data leaves in clear only with the right, within its reach, and with a reason`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let (one, other) = (try await scene.child("一厂"), try await scene.child("二厂"))
            _ = try await scene.enter("张三", RegistryScene.zhang, in: one)
            _ = try await scene.enter("李四", RegistryScene.li, in: other)
            let plain = try await scene.organizer(.manager, of: one)
            let trusted = try await scene.organizer(.manager, of: one, mayUnmask: true)
            func export(_ body: String, _ bearer: String) async -> TestResponse {
                await scene.call(.post, "/v1/member-exports", body, as: bearer)
            }
            #expect(await export(#"{"masked":false,"reason":"四个字啊"}"#, trusted).problemCode == "registry.export_reason_needed")
            #expect(await export(#"{"masked":false}"#, trusted).problemCode == "registry.export_reason_needed")
            #expect(await export(unmasked(), plain).problemCode == "registry.unmasked_export_not_permitted")
            #expect(await export(#"{"organizationId":\#(other.id)}"#, trusted).problemCode == "registry.organization_not_found")
            #expect(try await scene.count("data_export") == 0)
            let masked = rows(await export("{}", plain))
            #expect(masked.count == 2 && masked[1].contains("张*"))
            let clear = rows(await export(unmasked(), trusted))
            #expect(clear.count == 2 && clear[1].contains(RegistryScene.zhang))
            #expect(await export("{}", try await scene.organizer(.operator, of: one)).status == 403)
            // The right to unmask in one plant does not reach the whole city.
            _ = try await database.query(
                """
                insert into account_grant (account_id, role, organization_id, granted_by)
                select account_id, 'manager', \(scene.organization.id), 'test'
                from account_grant
                where may_unmask and organization_id is not null
                """)
            scene.registry.authenticator.forgetAll()
            #expect(await export(unmasked(), trusted).problemCode == "registry.unmasked_export_not_permitted")
            #expect(rows(await export(#"{"masked":false,"reason":"年度花名册核对","organizationId":\#(one.id)}"#, trusted)).count == 2)
            #expect(rows(await export("{}", trusted)).count == 3)
        }
    }

    @Test func `every file is written down: who, what, how many, masked or not, why`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.enter("张三", RegistryScene.zhang)
            _ = await scene.call(.post, "/v1/member-exports", unmasked())
            _ = await scene.call(.post, "/v1/member-exports", #"{"status":"suspended"}"#)
            let list = try await scene.call(.get, "/v1/exports").json(ExportList.self)
            #expect(list.items.map(\.rows) == [0, 1] && list.items.map(\.masked) == [true, false])
            #expect(list.items.map(\.reason) == [nil, "年度花名册核对"] && list.items.allSatisfy { $0.state == .finished })
            #expect(list.items.allSatisfy { $0.requestedBy == "account:1" })
            #expect(
                try await scene.audited() == [
                    "export.began export:1", "export.finished export:1", "export.began export:2", "export.finished export:2",
                ])
            let details = try await database.query("select details from audit_entry where action = 'export.finished' order by entry_id")
            #expect(
                try details.map { try $0.decode(0, as: String.self) } == [
                    #"{"encoding":"utf-8","kind":"members","masked":"false","rows":"1"}"#,
                    #"{"encoding":"utf-8","kind":"members","masked":"true","rows":"0","status":"suspended"}"#,
                ])
        }
    }

    @Test func `a reader that goes away leaves an export that is marked broken, with the rows that left`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.bringIn(Array(DemoRegister(seed: 3, count: 30).joined()))
            var exporter = DataExporter(
                database: database, members: scene.registry.members, organizations: scene.registry.organizations,
                profiles: scene.registry.joining.profiles, exports: DataExportStore(database: database), audit: scene.registry.audit)
            exporter.pageRows = 7
            let draft = DataExport.Draft(
                kind: .members, organizationID: nil, status: nil, isMasked: true, reason: nil, encoding: .gb18030)
            let made = exporter
            let route = Route(
                .get, "/v1/file", summary: "A file", tag: "Test", access: .authenticated, responses: [.empty(204, "It was read in part")]
            ) { request in
                guard case .stream(let write) = try await made.file(draft, within: .everything, for: request).body else {
                    throw TestFailure("a file is streamed")
                }
                let pieces = Atomic(0)
                await #expect(throws: ResponseStreamError.disconnected) {
                    try await write(
                        ResponseWriter { _ in pieces.add(1, ordering: .relaxed).newValue > 3 ? .disconnected : nil })
                }
                return .empty(204)
            }
            let client = TestClient(API(routes: [route], authenticator: scene.registry.authenticator), loop: TestLoops.all[0])
            #expect(await client.send(.get, "/v1/file", bearer: scene.owner).status == 204)
            let row = try await database.query("select state, rows_written from data_export").single
            #expect(try row.decode(0, as: String.self) == "broken" && row.decode(1, as: Int.self) == 14)
            #expect(try await scene.audited().last == "export.broken export:1")
        }
    }

    @Test func `cells that a spreadsheet would run begin with an apostrophe`() {
        for start in ["=", "+", "-", "@", "\t", "\r"] { #expect(CSVLine.cell(start + "x").contains("'" + start)) }
        #expect(CSVLine.text(["a", "b,c", "d\"e", "f\ng"]) == "a,\"b,c\",\"d\"\"e\",\"f\ng\"\r\n")
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@a", "\t=1", "\r=1", "\n=1", "＝1+1", "＋1", "－1", "＠a"])
    func `no cell is a formula, of whatever width its sign is`(text: String) {
        #expect(CSVLine.cell(text).drop { $0 == "\"" }.hasPrefix("'"))
    }
}
