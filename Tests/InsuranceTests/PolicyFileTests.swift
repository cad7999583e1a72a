import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

/// Mending, taking back, numbers given beforehand, the list and the reconciliation.
@Suite struct PolicyFileTests {
    private typealias S = InsuranceScene

    @Test func `rejected policies are mended one by one, by list or by reason, and others stay as they are`() async throws {
        try await withInsurance { scene in
            try await scene.members(8)
            let (id, references) = try await scene.sent(7, of: scene.product())
            let ids = try await scene.policies(id).map(\.id)
            let file =
                S.titles + references.prefix(3).map { S.rejected($0, "超龄") }.joined()
                + references[3..<6].map { S.rejected($0, "证件号有误") }.joined() + S.issued(references[6], "P-6")
            #expect(await scene.results(id, file).status == 201)
            let path = "/v1/insurance-batches/\(id)/policies"
            let one = await scene.at().send(.post, "\(path)/\(ids[0])/mend")
            #expect(try one.json(PolicyAnswer.self).state == .reserved)
            #expect(await scene.at().send(.post, "\(path)/\(ids[0])/mend").status == 200)
            let wrong = await scene.at().send(.post, "\(path)/\(ids[6])/mend")
            #expect((wrong.status, wrong.problemCode) == (409, "insurance.wrong_state"))
            let none = await scene.at().send(.post, "\(path)/999999/mend")
            #expect((none.status, none.problemCode) == (404, "insurance.policy_unknown"))
            let byReason = try await scene.at().send(.post, "\(path)/mend", #"{"reason":"超龄"}"#).json(MendAnswer.self)
            #expect(byReason.mended == 2 && byReason.left.isEmpty)
            let byList = try await scene.at().send(
                .post, "\(path)/mend", #"{"policyIds":[\#(ids[3]),\#(ids[6]),\#(ids[3]),999999]}"#
            ).json(MendAnswer.self)
            #expect(byList.mended == 1)
            #expect(byList.left.map(\.state) == [.issued, nil])
            for body in ["{}", #"{"reason":"超龄","policyIds":[1]}"#] {
                let unclear = await scene.at().send(.post, "\(path)/mend", body)
                #expect((unclear.status, unclear.problemCode) == (422, "insurance.invalid"))
            }
            #expect(
                try await scene.policies(id).map(\.state) == [.reserved, .reserved, .reserved, .reserved, .rejected, .rejected, .issued])
            let audited: Int64 = try await scene.value("select count(*) from audit_entry where action = 'insurance_policy.mended'")
            #expect(audited == 1)
            let next = try await scene.roster(id)
            #expect((next.lines, next.again) == (4, 4))
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `what is taken back goes to who waits`() async throws {
        try await withInsurance { scene in
            try await scene.members(5)
            let (id, references) = try await scene.sent(3, of: scene.product())
            let file = S.titles + S.issued(references[0], "P-0") + S.rejected(references[1], "超龄")
            #expect(await scene.results(id, file).status == 201)
            let ids = try await scene.policies(id).map(\.id)
            let path = "/v1/insurance-batches/\(id)/policies"
            for policy in ids.prefix(2) {
                let taken = await scene.at().send(.post, "\(path)/\(policy)/return", #"{"reason":"重复投保"}"#)
                let answer = try taken.json(PolicyAnswer.self)
                #expect((answer.state, answer.reason) == (.returned, "重复投保"))
            }
            let awaited = await scene.at().send(.post, "\(path)/\(ids[2])/return", #"{"reason":"重复投保"}"#)
            // An insurer that does not answer holds nothing for good.
            #expect(try awaited.json(PolicyAnswer.self).state == .returned)
            let late = await scene.results(id, S.titles + S.issued(references[2], "P-2"))
            #expect(try late.json(ResultAnswer.self).faulty == 1)
            #expect(await scene.at().send(.post, "\(path)/\(ids[2])/return", "{}").status == 422)
            #expect(try await scene.batch(id).places.free == 3)
            try await scene.at(days: 1).run("insurance.waitlist")
            let places = try await scene.batch(id).places
            #expect((places.free, places.reserved) == (1, 2))
            #expect(try await scene.value("select state from policy_number where number = 'P-0'", as: String.self) == "void")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `numbers given beforehand are taken whole or not at all, and stand in the roster`() async throws {
        try await withInsurance { scene in
            try await scene.members(6)
            let form = InsurerFileForm(roster: [.init(.reference, "号"), .init(.number, "保单号")])
            let product = try await scene.product(form: form)
            let batch = try await scene.draft(of: product, size: 4)
            let path = "/v1/insurance-batches/\(batch.id)/numbers"
            func send(_ text: String, to path: String) async -> TestResponse { await scene.upload(path, Array(text.utf8)) }
            func free() async throws -> Int64 { try await scene.value("select count(*) from policy_number where state = 'free'") }
            let faulty = await send("number\nA1\nA 2\nA1\n\nA3\nA1\n", to: path)
            #expect((faulty.status, faulty.problemCode) == (422, "insurance.file_too_long"))
            let fewer = await send("number\nA1\nA 2\nA1\n", to: path)
            #expect((fewer.status, fewer.problemCode) == (422, "insurance.file_faulty"))
            #expect(
                fewer.problem?.reasons.map { "\($0.pointer ?? "") \($0.code)" }
                    == ["/3/number insurance.number_malformed", "/4/number insurance.number_repeated"])
            #expect(try await free() == 0)
            let taken = await send("number\nA1\nA2\nA3\n", to: path)
            #expect(taken.status == 201 && taken.text == #"{"added":3,"numbers":3}"#)
            let beyond = await send("number\nB1\nB2\n", to: path)
            #expect((beyond.status, beyond.problemCode) == (409, "insurance.numbers_exceed_size"))
            let other = try await scene.draft(of: product, size: 4)
            let used = await send("number\nC1\nA2\nA1\n", to: "/v1/insurance-batches/\(other.id)/numbers")
            #expect((used.status, used.problemCode) == (422, "insurance.file_faulty"))
            #expect(
                used.problem?.reasons.map { "\($0.pointer ?? "") \($0.code)" }
                    == ["/3/number insurance.number_used", "/4/number insurance.number_used"])
            #expect(try await free() == 3)

            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/announce")
            try await scene.run(batch.id)
            let late = await send("number\nD1\n", to: path)
            #expect((late.status, late.problemCode) == (409, "insurance.wrong_state"))
            _ = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/review", #"{"confirm":true}"#, bearer: scene.second)
            try await scene.roster(batch.id)
            let lines = await scene.download(batch.id).text.split(separator: "\r\n").dropFirst()
            let policies = try await scene.policies(batch.id)
            #expect(lines.map(String.init) == policies.map { "\($0.reference),\($0.number ?? "")" })
            #expect(policies.compactMap(\.number).sorted() == ["A1", "A2", "A3"])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a draft is not made smaller than the numbers that were given for it`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let batch = try await scene.draft(of: product, size: 4)
            let path = "/v1/insurance-batches/\(batch.id)"
            #expect(await scene.upload("\(path)/numbers", Array("number\nA1\nA2\nA3\n".utf8)).status == 201)
            func change(_ size: Int) async -> TestResponse {
                await scene.at().send(
                    .put, path,
                    """
                    {"organizationId":\(scene.city),"productId":\(product.id),"title":"第五批","donor":"省总工会","size":\(size),
                    "premiumFen":5000,"coverFrom":"\(S.day(10))","coverTo":"\(S.day(20))","rules":{"eligibility":[]}}
                    """, headers: [("If-Match", "\"1\"")])
            }
            let refused = await change(2)
            #expect((refused.status, refused.problemCode) == (409, "insurance.numbers_exceed_size"), "\(refused.text)")
            let same = try await scene.batch(batch.id)
            #expect((same.size, same.places.free, same.title) == (4, 4, "第四批"))
            let changed = await change(3)
            #expect(changed.status == 200, "\(changed.text)")
            #expect(try await scene.batch(batch.id).places.free == 3)
        }
    }

    @Test func `numbers are brought by who sees to the insurer, not by who sees to a batch alone`() async throws {
        try await withInsurance { scene in
            let product = try await scene.product()
            let batch = try await scene.draft(of: product, size: 4)
            let district = try await scene.organizer(.manager)
            _ = try await scene.database.query("update account_grant set organization_id = \(scene.east) where role = 'manager'")
            _ = try await scene.database.query("update insurance_batch set organization_id = \(scene.east) where batch_id = \(batch.id)")
            let path = "/v1/insurance-batches/\(batch.id)"
            #expect(await scene.at().send(.get, path, bearer: district).status == 200)
            let refused = await scene.upload("\(path)/numbers", Array("number\nA1\n".utf8), bearer: district)
            #expect((refused.status, refused.problemCode) == (403, "insurance.numbers_not_permitted"))
            #expect(try await scene.value("select count(*) from policy_number", as: Int64.self) == 0)
            #expect(await scene.upload("\(path)/numbers", Array("number\nA1\n".utf8)).status == 201)
        }
    }

    @Test func `policies are listed page by page, masked, and by state`() async throws {
        try await withInsurance { scene in
            try await scene.persons(5)
            let (id, references) = try await scene.sent(5, of: scene.product())
            #expect(await scene.results(id, S.titles + S.issued(references[3], "P-3")).status == 201)
            let path = "/v1/insurance-batches/\(id)/policies"
            let first = try await scene.at().send(.get, "\(path)?limit=3").json(PolicyList.self)
            #expect(first.items.map(\.reference) == Array(references.prefix(3)))
            let next = try #require(first.next)
            let second = try await scene.at().send(.get, "\(path)?limit=3&after=\(next)").json(PolicyList.self)
            #expect(second.items.map(\.reference) == Array(references.suffix(2)) && second.next == nil)
            let issued = try await scene.at().send(.get, "\(path)?state=issued").json(PolicyList.self)
            #expect(issued.items.map(\.number) == ["P-3"])
            let person = try #require(try await scene.registry.members.member(issued.items[0].memberId)?.person)
            #expect(issued.items[0].name == person.name.masked && person.name.masked != person.name.text)
        }
    }

    @Test func `the reconciliation counts each batch from its policies, as JSON and as CSV`() async throws {
        try await withInsurance { scene in
            try await scene.members(9)
            let product = try await scene.product(acceptDays: 30)
            let (id, references) = try await scene.sent(7, of: product)
            let file =
                S.titles + references.prefix(4).enumerated().map { S.issued($1, "P-\($0)") }.joined() + S.rejected(references[4], "超龄")
            #expect(await scene.results(id, file).status == 201)
            let ids = try await scene.policies(id).map(\.id)
            try await scene.move([PolicyMove(ids[0], to: .refused, reason: "不需要"), PolicyMove(ids[1], to: .accepted)], of: id)
            try await scene.move([PolicyMove(ids[1], to: .active)], of: id)
            let member = try await scene.policies(id)[1].memberID
            _ = try await scene.database.query(
                """
                insert into policy_claim (
                    member_id, policy_id, batch_id, request_id, state, kind, happened_on, paid_fen, filed_by, filed_at, changed_at)
                values (\(member), \(ids[1]), \(id), gen_random_uuid(), 'paid', 'injury', current_date, 123456, 'x', now(), now()),
                    (\(member), \(ids[1]), \(id), gen_random_uuid(), 'filed', 'injury', current_date, null, 'x', now(), now())
                """)
            // A place that came free is given once more: a number that is void was paid for, or is settled apart.
            try await scene.at(days: 1).run("insurance.waitlist")
            let path = "/v1/insurers/\(product.insurerId)/reconciliation"
            let line = try #require(try await scene.at().send(.get, path).json(ReconciliationAnswer.self).items.first)
            #expect((line.sent, line.issued, line.givenBack, line.rejected, line.outstanding) == (7, 4, 1, 1, 2))
            #expect(line.outstandingSinceRoster == 1 && line.outstandingSince != nil)
            #expect((line.voidNumbers, line.premiumsFen, line.givenBackFen) == (1, 20_000, 5_000))
            #expect((line.claimsPaid, line.claimsPaidFen) == (1, 123_456))
            let csv = await scene.at().send(.get, path, headers: [("Accept", "text/csv")])
            let cells = csv.text.split(separator: "\r\n")[1].split(separator: ",", omittingEmptySubsequences: false)
            #expect(cells.count == 15 && cells[3] == "7" && cells[11] == "20000" && cells[14] == "123456")
            _ = try await scene.draft(of: product, size: 3)
            #expect(try await scene.at().send(.get, path).json(ReconciliationAnswer.self).items.count == 1)
            let none = await scene.at().send(.get, "/v1/insurers/999/reconciliation")
            #expect((none.status, none.problemCode) == (404, "insurance.insurer_unknown"))
        }
    }
}
