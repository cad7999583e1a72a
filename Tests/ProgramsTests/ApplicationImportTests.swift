import HTTP
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Programs
@testable import Registry

/// Applications of many at once, by a file.
@Suite struct ApplicationImportTests {
    private func send(
        _ scene: ProgramScene, _ program: ID<UnionProgram>, _ text: String, _ query: String = "", bearer: String? = nil
    ) async throws -> ApplicationImportAnswer {
        let answer = await scene.at(hours: 2).client.send(
            .post, "/v1/programs/\(program)/applications/import" + query, bearer: bearer ?? scene.owner, body: Array(text.utf8),
            contentType: "text/csv")
        #expect(answer.undeclared == nil && answer.status == 200, "\(answer.text)")
        return try answer.json(ApplicationImportAnswer.self)
    }

    private func count(_ scene: ProgramScene) async throws -> Int { try await scene.value("select count(*) from program_application") }

    @Test func `each line is taken or refused with its line, column and reason; a dry run writes nothing`() async throws {
        try await withPrograms { scene in
            let rules = ProgramRules(eligibility: [.sex([.female])])
            let program = try await scene.announced(rules: rules, sessions: ApplicationTests.sessions)
            let women = try await scene.members(2)
            let man = try await scene.members(1, sex: "male")[0]
            let file = """
                会员编号,志愿\r
                \(women[0]),3 1 2\r
                \(women[1]),"1,2,99"\r
                \(man),1\r
                abc,1\r
                999999,1\r
                \(women[0]),4\r
                \(women[1]),x\r
                ,1\r

                """
            let refusals = [
                "3 wishes application.session_unknown", "4 row application.not_eligible", "5 memberId application.member_number_unreadable",
                "6 memberId application.member_unknown", "7 memberId application.line_repeated", "8 wishes application.wishes_unreadable",
                "9 memberId application.person_missing",
            ]
            for isDryRun in [true, false] {
                let done = try await send(scene, program, file, isDryRun ? "?dryRun=true" : "")
                #expect(done.rows == 8 && done.applied == 1 && done.refused == 7 && done.dryRun == isDryRun)
                #expect(done.refusals.map { "\($0.line) \($0.column) \($0.code)" } == refusals)
                #expect(done.refusals[1].reason == "不符合条件：性别为女")
                #expect(try await count(scene) == (isDryRun ? 0 : 1))
            }
            let again = try await send(scene, program, "memberId,wishes\n\(women[0]),5\n")
            #expect(again.applied == 1)
            let wishes: [Int32] = try await scene.value("select wishes from program_application")
            #expect(wishes == [5])
            let audited: Int = try await scene.value("select count(*) from audit_entry where action = 'program.applications_imported'")
            #expect(audited == 2)
            try await ApplicationTests.isCounted(scene)
        }
    }

    @Test func `persons are found by their national ids, and only those within the caller's organizations`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced()
            let draft = MemberDraft(
                person: PersonalData(name: try PersonName("张三"), nationalID: try NationalID("11010519491231002X"), phone: nil),
                organizationID: scene.east, workerKind: nil, employmentForm: nil, hardshipPost: nil, employerCheckup: nil)
            _ = try await scene.database.transaction { (transaction) async throws(PostgresError) in
                try await scene.registry.members.create(draft, in: transaction)
            }
            let file = "身份证号,场次\n11010519491231002x,1\n440524198001010013,1\n110105194912310021,1\n"
            _ = try await scene.database.query(
                "update account_grant set role = 'operator', organization_id = \(scene.west) where account_id = 2")
            let elsewhere = try await send(scene, program, file, bearer: scene.second)
            #expect(elsewhere.applied == 0 && elsewhere.refusals.map(\.code).contains("application.member_unknown"))
            let done = try await send(scene, program, file)
            #expect(done.applied == 1)
            #expect(
                done.refusals.map { "\($0.line) \($0.column) \($0.code)" } == [
                    "3 memberId application.member_unknown", "4 nationalId member.national_id_checksum",
                ])
            #expect(!done.refusals.contains { $0.reason.contains("1101051949") }, "no national id is repeated")
        }
    }

    @Test func `a file of thousands goes in by chunks and each is counted once`() async throws {
        try await withPrograms { scene in
            let program = try await scene.announced(quota: 5_000, sessions: ApplicationTests.sessions)
            let members = try await scene.members(2_500)
            let file = "memberId;x\n"
            let refused = await scene.at(hours: 2).client.send(
                .post, "/v1/programs/\(program)/applications/import", bearer: scene.owner, body: Array(file.utf8), contentType: "text/csv")
            #expect(refused.problemCode == "import.columns_wrong")
            let lines = members.enumerated().map { "\($1)\t\($0 % 10 + 1) \(($0 + 3) % 10 + 1)" }.joined(separator: "\n")
            let done = try await send(scene, program, "memberId\twishes\n" + lines)
            #expect(done.applied == 2_500 && done.refused == 0)
            try await ApplicationTests.isCounted(scene)
            #expect(try await count(scene) == 2_500)
        }
    }
}
