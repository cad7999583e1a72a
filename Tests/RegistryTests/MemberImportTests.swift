import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

@Suite struct MemberImportTests {
    private func tally(inserted: Int = 0, updated: Int = 0, unchanged: Int = 0, refused: Int = 0) -> MemberImportTally {
        MemberImportTally(inserted: inserted, updated: updated, unchanged: unchanged, refused: refused)
    }

    private func file(_ register: DemoRegister) -> [UInt8] { Array(register.joined()) }

    @Test func `a file goes in once, however often it is brought`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let register = file(DemoRegister(seed: 1, count: 3_100))
            let first = try await scene.bringIn(register)
            #expect(first.state == .finished)
            #expect(first.tally == tally(inserted: 3_100))
            #expect(first.bytesRead == Int64(register.count))
            let second = try await scene.bringIn(register, pieceBytes: 777)
            #expect(second.tally == tally(unchanged: 3_100))
            for table in ["member", "member_data_key", "member_personal_data", "national_id_directory", "member_phone_index"] {
                #expect(try await scene.count(table) == 3_100)
            }
            let id = DemoRegister.nationalID(seed: 1, row: 3_099)
            let member = try #require(try await scene.registry.members.member(id))
            #expect(member.person?.nationalID == id)
            #expect(member.sex == id.sex && member.birthOn == id.birthOn && member.status == .active)
        }
    }

    @Test func `a dry run tells what would happen and writes no member`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            _ = try await scene.bringIn("姓名,身份证号,手机号\n张三,11010519491231002X,13812345678\n")
            let done = try await scene.bringIn(
                "姓名,身份证号,手机号\n李四,11010519491231002X,13812345678\n王五,440524198001010013,\n赵六,440524198001010014,\n", isDryRun: true)
            #expect(done.tally == tally(inserted: 1, updated: 1, refused: 1))
            #expect(done.isDryRun)
            #expect(try await scene.rejections(of: done) == ["4 nationalId member.national_id_checksum"])
            #expect(try await scene.count("member") == 1)
            let person = try await scene.registry.members.member(NationalID("11010519491231002X"))?.person
            #expect(person?.name.text == "张三")
        }
    }

    @Test func `a row that tells something new changes just that`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let id = try NationalID("11010519491231002X")
            _ = try await scene.bringIn("name,nationalId,phone,workerKind\n张三,\(id.text),13812345678,快递员\n")
            let before = try #require(try await scene.registry.members.member(id))
            // What stands in clear.
            #expect(try await scene.bringIn("姓名,身份证号,手机号,工种\n张三,\(id.text),13812345678,货车司机\n").tally == tally(updated: 1))
            // A column that is not there leaves what is known.
            #expect(try await scene.bringIn("姓名,身份证号,手机号\n张三,\(id.text),13812345678\n").tally == tally(unchanged: 1))
            // Name and phone.
            #expect(try await scene.bringIn("姓名,身份证号,手机号\n张三丰,\(id.text),13912345678\n").tally == tally(updated: 1))
            #expect(try await scene.bringIn("姓名,身份证号,手机号\n张三丰,\(id.text),\n").tally == tally(updated: 1))
            let after = try #require(try await scene.registry.members.member(id))
            #expect(after.id == before.id)
            #expect(after.workerKind == .truckDriver)
            #expect(after.person?.name.text == "张三丰" && after.person?.phone?.text == "13912345678")
            #expect(after.version == before.version + 3)
            #expect(try await scene.count("member_phone_index") == 1)
            #expect(try await scene.count("member_data_key") == 1)
        }
    }

    @Test func `every bad row is reported with line, field and code, and the good ones go in`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let rows = [
                "姓名,身份证号,手机号,工种,就业形式,苦脏累险岗位,单位体检,组织",
                "张三,11010519491231002X,13812345678,快递员,平台用工,是,否,德保",
                "=CMD|'/C calc'!A0,440524198001010013,138,宇航员,躺平,也许,否,火星",
                "李四,3.20402E+17,,,,,,",
                "王五,11010519491231002x,,,,,,",
                "\"赵\n六\",440524198001010013,,,,,,",
                "孙七,440524198001010013,,,,,,,",
                "周八,440524198001010013",
                "\"吴九\"x,440524198001010013,,,,,,",
                "郑十,\"440524198001010013",
            ]
            let done = try await scene.bringIn(rows.joined(separator: "\n"))
            #expect(done.tally == tally(inserted: 2, refused: 7))
            #expect(
                try await scene.rejections(of: done) == [
                    "3 name member.name_characters", "3 phone member.phone_invalid", "3 workerKind member.worker_kind_unknown",
                    "3 employmentForm member.employment_form_unknown", "3 hardshipPost member.yes_or_no_expected",
                    "3 organization member.organization_unknown", "4 nationalId member.national_id_rounded",
                    "5 nationalId import.duplicate_in_file", "6 name member.name_characters", "9 row import.row_columns",
                    "10 row import.row_quote_misplaced", "11 row import.row_quote_unterminated",
                ])
            let duplicate = try await scene.registry.imports.rejections(of: done.id, after: nil, limit: 100).first { $0.lineNumber == 5 }
            #expect(duplicate?.firstLineNumber == 2)
            #expect(duplicate?.shown == "1101**********002X")
        }
    }

    @Test(arguments: [
        ("", "import.file_empty"), ("PK\u{3}\u{4}xxxx", "import.file_spreadsheet"), ("姓名,身份证号\n张\0三,1\n", "import.file_binary"),
        ("姓名,手机号\n", "import.columns_wrong"), ("姓名,身份证号,星座\n", "import.columns_wrong"),
        ("姓名,身份证号,身份证号码\n", "import.columns_wrong"),
    ])
    func `a file that is no register is refused whole, and its import says why`(text: String, code: String) async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            do throws(MemberImportError) {
                _ = try await scene.bringIn(text)
                Issue.record("it was taken")
            } catch {
                #expect(error.code == code)
            }
            let row = try await database.query("select state, failure_code from member_import")[0]
            #expect(try row.decode(0, as: String.self) == "failed" && row.decode(1, as: String.self) == code)
            #expect(try await scene.count("member") == 0)
        }
    }

    @Test func `GB18030 with tabs is the same register`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            // 姓名 身份证号 / 张三
            let heading: [UInt8] = [0xD0, 0xD5, 0xC3, 0xFB, 0x09, 0xC9, 0xED, 0xB7, 0xDD, 0xD6, 0xA4, 0xBA, 0xC5, 0x0D, 0x0A]
            let row = [0xD5, 0xC5, 0xC8, 0xFD, 0x09] + Array("11010519491231002X\r\n".utf8)
            #expect(try await scene.bringIn(heading + row).tally == tally(inserted: 1))
            #expect(try await scene.registry.members.member(NationalID("11010519491231002X"))?.person?.name.text == "张三")
            #expect(try await scene.bringIn("姓名,身份证号\n张三,11010519491231002X").tally == tally(unchanged: 1))
        }
    }

    @Test func `an organization is meant by name, path or number, and two of one name are not guessed`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let street = try #require(
                try await scene.registry.organizations.ensure(.init(parentID: scene.organization.id, kind: .street, name: "城关")))
            let other = try #require(try await scene.registry.organizations.ensure(.init(kind: .city, name: "靖西")))
            _ = try await scene.registry.organizations.ensure(.init(parentID: other.id, kind: .street, name: "城关"))
            let done = try await scene.bringIn(
                """
                姓名,身份证号,组织
                张三,11010519491231002X,城关
                李四,440524198001010013,德保/城关
                王五,\(DemoRegister.nationalID(seed: 1, row: 1).text),\(other.id)
                赵六,\(DemoRegister.nationalID(seed: 1, row: 2).text),
                """, usesOrganization: false)
            #expect(
                try await scene.rejections(of: done) == [
                    "2 organization member.organization_ambiguous", "5 organization member.organization_missing",
                ])
            #expect(try await scene.registry.members.member(NationalID("440524198001010013"))?.organizationID == street.id)
            #expect(try await scene.registry.members.member(DemoRegister.nationalID(seed: 1, row: 1))?.organizationID == other.id)
        }
    }

    @Test func `a sender that breaks off leaves whole chunks, and bringing the file again heals`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let register = file(DemoRegister(seed: 3, count: 3_100))
            let pieces = Pieces(register, size: 4_096, breaksOffAfter: register.count / 4_096 - 1)
            do throws(MemberImportError) {
                _ = try await scene.importer.run(
                    next: { try await pieces.nextOrCut() }, options: .init(organizationID: scene.organization.id), requestedBy: "test")
                Issue.record("a file that broke off was taken for whole")
            } catch {
                #expect(error.code == "import.file_cut")
            }
            let members = try await scene.count("member")
            let booked: Int = try await database.query("select rows_inserted from member_import")[0].decode(0)
            #expect(members > 0 && members < 3_100 && members == booked)
            #expect(try await scene.count("member_personal_data") == members)
            let healed = try await scene.bringIn(register)
            #expect(healed.tally == tally(inserted: 3_100 - members, unchanged: members))
        }
    }

    @Test func `a database that goes away again and again leaves whole chunks, and bringing the file again heals`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let register = file(DemoRegister(seed: 4, count: 3_100))
            let pieces = Pieces(register, size: 4_096)
            do throws(MemberImportError) {
                _ = try await scene.importer.run(
                    next: {
                        let piece = await pieces.next()
                        // Chunks are on their way while the file is read; whatever connection they are on is ended.
                        if await pieces.leftBytes < register.count / 2 {
                            _ = try await database.query(
                                """
                                select pg_terminate_backend(pid) from pg_stat_activity
                                where datname = current_database() and pid <> pg_backend_pid() and state <> 'idle'
                                """)
                        }
                        return piece
                    }, options: .init(organizationID: scene.organization.id), requestedBy: "test")
            } catch {
                #expect(error.code == "registry.database_unavailable")
            }
            let members = try await scene.count("member")
            let booked: Int = try await database.query("select rows_inserted from member_import")[0].decode(0)
            #expect(members == booked)
            let healed = try await scene.bringIn(register)
            #expect(healed.tally == tally(inserted: 3_100 - members, unchanged: members))
            #expect(try await scene.count("member_personal_data") == 3_100)
        }
    }

    @Test func `two imports of one file at once give each person once`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let register = file(DemoRegister(seed: 5, count: 2_800))
            async let first = scene.bringIn(register)
            async let second = scene.bringIn(register, pieceBytes: 3_000)
            let tallies = [try await first.tally, try await second.tally]
            #expect(tallies.map(\.inserted).reduce(0, +) == 2_800)
            #expect(tallies.map(\.refused) == [0, 0])
            #expect(tallies.map(\.read) == [2_800, 2_800])
            for table in ["member", "member_data_key", "member_personal_data", "national_id_directory", "member_phone_index"] {
                #expect(try await scene.count(table) == 2_800)
            }
        }
    }

    @Test func `who was forgotten does not come back by a file`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let file = "姓名,身份证号\n张三,11010519491231002X\n"
            _ = try await scene.bringIn(file)
            _ = try await database.query("delete from member_data_key")
            let done = try await scene.bringIn(file)
            #expect(try await scene.rejections(of: done) == ["2 nationalId import.member_forgotten"])
            let member = try await scene.registry.members.list(.init(), after: nil, limit: 10)
            #expect(member.count == 1 && member[0].person == nil)
        }
    }

    @Test func `personal data stands nowhere in clear`() async throws {
        try await withDatabase { database in
            let scene = try await RegistryScene(database)
            let canaries = ["夏侯渊渊", "11010519491231002X", "13812345678"]
            _ = try await scene.bringIn("姓名,身份证号,手机号\n\(canaries.joined(separator: ","))\n夏侯渊渊1,11010519491231002X,13812345678x\n")
            let tables = try await database.query(
                "select table_name::text from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'")
            for row in tables {
                let name: String = try row.decode(0)
                // Every column's bytes: text as it is, bytea as text where it is text.
                let content = try await database.query(SQL(raw: "select t::text, encode(t::text::bytea, 'hex') from \"\(name)\" t"))
                for line in content {
                    let text: String = try line.decode(0)
                    for canary in canaries {
                        let hex = Array(canary.utf8).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                        #expect(!text.contains(canary) && !text.contains(hex), "\(name)")
                    }
                }
            }
        }
    }
}
