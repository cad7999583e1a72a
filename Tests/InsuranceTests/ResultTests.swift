import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct ResultTests {
    private typealias S = InsuranceScene

    /// All that a refused file must leave as it was.
    private func state(_ scene: InsuranceScene) async throws -> String {
        try await scene.value(
            """
            select md5(concat(
                (select string_agg(policy::text, '|' order by policy_id) from policy),
                (select string_agg(policy_cover::text, '|' order by policy_id) from policy_cover),
                (select string_agg(policy_number::text, '|' order by number) from policy_number),
                (select string_agg(insurance_batch::text, '|' order by batch_id) from insurance_batch),
                (select count(*) from policy_event), (select count(*) from audit_entry), (select count(*) from outbox_event),
                (select count(*) from insurance_result), (select count(*) from insurance_result_fault)))
            """)
    }

    @Test func `a file issues and rejects, says which lines changed nothing, and the same file again changes nothing`() async throws {
        try await withInsurance { scene in
            try await scene.members(12)
            let product = try await scene.product(acceptDays: 30)
            let (id, references) = try await scene.sent(8, of: product)
            let file =
                S.titles + S.issued(references[0], "P-1") + S.issued(references[1], "P-2", from: S.day(12), to: S.day(40))
                + S.issued(references[2], "P-3", from: S.day(12).split(separator: "-").joined(), to: S.day(374))
                + S.rejected(references[3], "身份证号 11010519491231002X 有误") + S.rejected(references[4])
                + S.issued(references[5], "P-5", from: S.day(9), to: S.day(40))
                + S.issued(PolicyReference(batchID: id, policyID: ID(999_999)).description, "P-6")
            let before = try await state(scene)
            let dry = await scene.results(id, file, query: "?dryRun=true")
            #expect(dry.status == 200)
            #expect(try await state(scene) == before)
            let taken = await scene.results(id, file)
            #expect(taken.status == 201, "\(taken.text)")
            let answer = try taken.json(ResultAnswer.self)
            #expect((answer.number, answer.lines, answer.issued, answer.rejected, answer.unchanged, answer.faulty) == (1, 7, 3, 2, 0, 2))
            let foreseen = try dry.json(ResultAnswer.self)
            #expect((foreseen.issued, foreseen.rejected, foreseen.faulty, foreseen.dryRun) == (3, 2, 2, true))

            let policies = try await scene.policies(id)
            #expect(policies.prefix(6).map(\.state) == [.issued, .issued, .issued, .rejected, .rejected, .sent])
            #expect(policies[0].number == "P-1" && policies[0].coverFrom.description == S.day(10))
            #expect(policies[1].coverFrom.description == S.day(12) && policies[1].coverUntil.description == S.day(41))
            #expect(policies[2].coverFrom.description == S.day(12) && policies[2].coverUntil.description == S.day(375))
            #expect(policies[3].reason == "身份证号 *** 有误" && policies[4].reason == FileReason.usual)
            #expect(policies[0].acceptUntil != nil)
            let faults = try await scene.at().send(.get, "/v1/insurance-batches/\(id)/results/1/faults").json(ResultFaultList.self)
            #expect(faults.items.map { "\($0.line) \($0.code)" } == ["7 insurance.line_outside_cover", "8 insurance.line_policy_unknown"])
            let page = try await scene.at().send(.get, "/v1/insurance-batches/\(id)/results/1/faults?limit=1").json(ResultFaultList.self)
            #expect(page.items.count == 1 && page.next == "7")
            #expect(try await scene.outOfBalance() == 0)

            let after = try await state(scene)
            let again = await scene.results(id, file)
            #expect(again.status == 200 && again.text == taken.text)
            #expect(try await state(scene) == after)
            let list = try await scene.at().send(.get, "/v1/insurance-batches/\(id)/results").json(ResultList.self)
            #expect(list.items.map(\.number) == [1])
            let none = await scene.at().send(.get, "/v1/insurance-batches/\(id)/results/2/faults")
            #expect((none.status, none.problemCode) == (404, "insurance.result_unknown"))
        }
    }

    @Test func `lines that say what is known are unchanged, whatever became of the policy since`() async throws {
        try await withInsurance { scene in
            try await scene.members(4)
            let (id, references) = try await scene.sent(4, of: scene.product(acceptDays: 30))
            let first = S.titles + S.issued(references[0], "P-0") + S.issued(references[1], "P-1") + S.rejected(references[2], "超龄")
            #expect(await scene.results(id, first).status == 201)
            try await scene.move([PolicyMove(scene.policies(id)[0].id, to: .accepted)], of: id)
            let second = try await scene.results(id, first + S.issued(references[3], "P-3")).json(ResultAnswer.self)
            #expect((second.number, second.issued, second.rejected, second.unchanged, second.faulty) == (2, 1, 0, 3, 0))
            #expect(try await scene.policies(id).map(\.state) == [.accepted, .issued, .rejected, .issued])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a number that another policy has, a person covered meanwhile, a policy that was never sent: reported by line`() async throws
    {
        try await withInsurance { scene in
            try await scene.members(5)
            let product = try await scene.product()
            let (other, others) = try await scene.sent(1, of: product)
            #expect(await scene.results(other, S.titles + S.issued(others[0], "X-1")).status == 201)
            let (id, references) = try await scene.sent(4, of: product)
            let covered = try await scene.policies(id)[1]
            // Until the insurer's answer the person was covered on other days, and now on some of those that the answer names.
            _ = try await scene.database.query(
                """
                update policy_cover set cover = daterange(\(S.day(200))::text::date, \(S.day(300))::text::date)
                where policy_id = \(covered.id)
                """)
            _ = try await scene.database.query(
                """
                update policy set cover = daterange(\(S.day(200))::text::date, \(S.day(300))::text::date) where policy_id = \(covered.id)
                """)
            _ = try await scene.database.query(
                """
                insert into policy_cover (member_id, policy_id, family, cover)
                values (\(covered.memberID), 999999, 'accident', daterange(\(S.day(15))::text::date, \(S.day(20))::text::date))
                """)
            try await scene.move(
                [PolicyMove(scene.policies(id)[2].id, to: .rejected, reason: "超龄")], of: id)
            try await scene.move([PolicyMove(scene.policies(id)[2].id, to: .reserved)], of: id)
            let file =
                S.titles + S.issued(references[0], "X-1") + S.issued(references[1], "X-2", from: S.day(10), to: S.day(30))
                + S.issued(references[2], "X-3") + S.issued(references[3], "X-4")
            let answer = try await scene.results(id, file).json(ResultAnswer.self)
            #expect((answer.issued, answer.faulty) == (1, 3))
            let faults = try await scene.at().send(.get, "/v1/insurance-batches/\(id)/results/1/faults").json(ResultFaultList.self)
            #expect(
                faults.items.map { "\($0.line) \($0.code) \($0.shown ?? "")" }
                    == ["2 insurance.line_number_used X-1", "3 insurance.line_covered ", "4 insurance.line_state reserved"])
        }
    }

    @Test func `a file with anything that cannot be read changes nothing, and every fault is told by line and column`() async throws {
        try await withInsurance { scene in
            try await scene.members(9)
            let product = try await scene.product()
            let (id, references) = try await scene.sent(6, of: product)
            let (_, foreign) = try await scene.sent(2, of: product)
            let before = try await state(scene)
            let good = S.titles + S.issued(references[0], "P-0")
            func refused(_ file: String, _ status: Int, _ code: String, _ reasons: [String] = []) async throws {
                let answer = await scene.results(id, file)
                #expect((answer.status, answer.problemCode) == (status, code), "\(answer.text)")
                let told = answer.problem?.reasons.map { "\($0.pointer ?? "") \($0.code)" } ?? []
                #expect(told == reasons)
                #expect(try await state(scene) == before)
            }
            try await refused("", 422, "insurance.file_empty")
            try await refused(S.titles, 422, "insurance.file_empty")
            try await refused("流水号,结果\r\n", 422, "insurance.file_titles", ["/1 insurance.titles_differ"])
            try await refused(String(good.dropLast(1)), 422, "insurance.file_truncated")
            try await refused(good + "\(references[1]),成功", 422, "insurance.file_truncated")
            let cut = Array((good + "\(references[1]),成").utf8.dropLast())
            let inCharacter = await scene.upload("/v1/insurance-batches/\(id)/results", cut)
            #expect((inCharacter.status, inCharacter.problemCode) == (422, "insurance.file_truncated"))
            try await refused(good + "\(references[1]),成功\r\n", 422, "insurance.file_truncated")
            try await refused(good + "\(references[1]),成功,\"P-1\r\n", 422, "insurance.file_truncated")
            try await refused(
                good + S.issued(foreign[0], "P-1") + S.issued("x", "P-2"), 409, "insurance.result_of_other_batch",
                ["/3/流水号 insurance.line_of_other_batch"])
            try await refused(
                good + S.issued(references[1], "P-1", from: "2026-02-30") + S.issued(references[2], "")
                    + S.issued(references[3], "保 1", to: "明年") + "\(references[4]),也许,P-4,,,\r\n" + S.issued("1-2-03", "P-5")
                    + S.issued(references[0], "P-6") + S.rejected(references[5]) + S.issued(references[1], "P-0") + "a,b\r\n"
                    + S.rejected(references[2]),
                422, "insurance.file_faulty",
                [
                    "/3/保险起期 insurance.day_malformed", "/4/保单号 insurance.number_missing", "/5/保单号 insurance.number_malformed",
                    "/5/保险止期 insurance.day_malformed", "/6/承保结果 insurance.status_unknown", "/7/流水号 insurance.reference_malformed",
                    "/8/流水号 insurance.reference_repeated", "/10/保单号 insurance.number_repeated", "/11/承保结果 insurance.line_cells",
                ])
            var many = S.titles
            for number in 1...7 { many += S.rejected(PolicyReference(batchID: id, policyID: ID(Int64(90_000 + number))).description) }
            try await refused(many, 409, "insurance.results_exceed_sent")
            let bytes: [UInt8] = try await scene.value("select convert_to(\(good), 'GB18030')")
            let encoded = await scene.upload("/v1/insurance-batches/\(id)/results", bytes)
            #expect((encoded.status, encoded.problemCode) == (422, "insurance.file_encoding"))
            #expect(try await state(scene) == before)
        }
    }

    @Test func `a hundred thousand bad lines are counted, and the first thousand told`() async throws {
        try await withInsurance { scene in
            try await scene.members(2)
            let (id, _) = try await scene.sent(2, of: scene.product())
            var file = S.titles
            for number in 0..<100_000 { file += S.issued("x\(number)", "P-\(number)") }
            let refused = await scene.results(id, file)
            #expect((refused.status, refused.problemCode) == (422, "insurance.file_faulty"))
            #expect(refused.problem?.reasons.count == 1_000)
            #expect(refused.problem?.detail.contains("100000") == true)
        }
    }

    @Test func `files in GB18030 are read as such, and UTF-8 in their place is refused`() async throws {
        try await withInsurance { scene in
            try await scene.members(1)
            let (id, references) = try await scene.sent(1, of: scene.product(form: InsurerFileForm(encoding: .gb18030)))
            let file = S.titles + S.rejected(references[0], "年龄不符合要求")
            let wrong = await scene.results(id, file)
            #expect((wrong.status, wrong.problemCode) == (422, "insurance.file_encoding"))
            let marked = await scene.results(id, "\u{FEFF}" + file)
            #expect((marked.status, marked.problemCode) == (422, "insurance.file_encoding"))
            let bytes: [UInt8] = try await scene.value("select convert_to(\(file), 'GB18030')")
            #expect(await scene.upload("/v1/insurance-batches/\(id)/results", bytes).status == 201)
            #expect(try await scene.policies(id)[0].reason == "年龄不符合要求")
        }
    }

    @Test func `two who send the same file at once get one answer`() async throws {
        try await withInsurance { scene in
            try await scene.members(20)
            let (id, references) = try await scene.sent(20, of: scene.product())
            let file = S.titles + references.enumerated().map { S.issued($1, "P-\($0)") }.joined()
            let answers = await withTaskGroup(of: TestResponse.self) { group in
                for _ in 0..<6 { group.addTask { await scene.results(id, file) } }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.map(\.status).sorted() == [200, 200, 200, 200, 200, 201])
            #expect(Set(answers.map(\.text)).count == 1)
            #expect(try await scene.value("select count(*) from policy_event where state_after = 'issued'", as: Int64.self) == 20)
        }
    }

    @Test func `organizers of another district find neither batch nor file`() async throws {
        try await withInsurance { scene in
            try await scene.members(2)
            let (id, references) = try await scene.sent(1, of: scene.product())
            let stranger = try await scene.organizer(.manager)
            _ = try await scene.database.query("update account_grant set organization_id = \(scene.west) where role = 'manager'")
            let refused = await scene.upload(
                "/v1/insurance-batches/\(id)/results", Array((S.titles + S.issued(references[0], "P-1")).utf8), bearer: stranger)
            #expect((refused.status, refused.problemCode) == (404, "insurance.batch_unknown"))
            for path in ["rosters", "rosters/1?reason=curious", "results", "policies"] {
                let answer = await scene.at().send(.get, "/v1/insurance-batches/\(id)/\(path)", bearer: stranger)
                #expect((answer.status, answer.problemCode) == (404, "insurance.batch_unknown"), "\(path)")
            }
        }
    }
}
