import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Insurance

@Suite struct RosterTests {
    @Test func `a roster takes all that waits, once, and its file says of each what the form names and nothing else`() async throws {
        try await withInsurance { scene in
            try await scene.persons(5)
            let form = InsurerFileForm(roster: [
                .init(.reference, "流水号"), .init(.name, "姓名"), .init(.nationalId, "身份证号"), .init(.sex, "性别"),
                .init(.coverFrom, "起"), .init(.coverTo, "止"), .init(.sumInsuredFen, "保额"),
            ])
            let batch = try await scene.confirmed(of: scene.product(form: form), size: 4)
            let roster = try await scene.roster(batch.id)
            #expect((roster.number, roster.lines, roster.again) == (1, 4, 0))
            let places = try await scene.batch(batch.id).places
            #expect((places.sent, places.reserved) == (4, 0))
            let again = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/rosters")
            #expect((again.status, again.problemCode) == (409, "insurance.roster_empty"))

            let file = await scene.download(batch.id)
            #expect(file.status == 200 && file.isWhole)
            #expect(file.header("Content-Type") == "text/csv; charset=utf-8")
            #expect(file.header("Content-Disposition") == "attachment; filename=\"roster-\(batch.id)-1.csv\"")
            #expect(Hex.encode(SHA256.hash(file.body)) == roster.sha256)
            #expect(file.header("ETag") == "\"\(roster.sha256)\"")
            #expect(file.header("Repr-Digest") == "sha-256=:\(Data(SHA256.hash(file.body)).base64EncodedString()):")
            #expect(file.header("Roster-Content") == "first")
            #expect(file.body.starts(with: [0xEF, 0xBB, 0xBF]))
            var lines = file.text.dropFirst().split(separator: "\r\n", omittingEmptySubsequences: false)
            #expect(lines.removeLast() == "")
            #expect(lines.removeFirst() == "流水号,姓名,身份证号,性别,起,止,保额")
            let policies = try await scene.policies(batch.id)
            for (line, policy) in zip(lines, policies) {
                let person = try #require(try await scene.registry.members.member(policy.memberID)?.person)
                let sex = person.nationalID.sex == .female ? "女" : "男"
                #expect(
                    line
                        == "\(policy.reference),\(person.name.text),\(person.nationalID.text),\(sex),\(InsuranceScene.day(10)),"
                        + "\(InsuranceScene.day(374)),10000000"
                )
            }
            #expect(lines.count == 4)
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a roster in GB18030 is GB18030`() async throws {
        try await withInsurance { scene in
            try await scene.persons(2)
            let batch = try await scene.confirmed(of: scene.product(form: InsurerFileForm(encoding: .gb18030)), size: 2)
            try await scene.roster(batch.id)
            let file = await scene.download(batch.id)
            #expect(file.header("Content-Type") == "text/csv; charset=gb18030")
            let text: String = try await scene.value("select convert_from(\(file.body), 'GB18030')")
            #expect(text.hasPrefix("流水号,姓名,身份证号,工种,保险起期,保险止期\r\n"))
            let name = try #require(try await scene.registry.members.member(scene.policies(batch.id)[0].memberID)?.person?.name.text)
            #expect(text.contains(",\(name),"))
        }
    }

    @Test func `each download is written down with its reason, and needs the right to unmask`() async throws {
        try await withInsurance { scene in
            try await scene.persons(2)
            let batch = try await scene.confirmed(of: scene.product(), size: 2)
            try await scene.roster(batch.id)
            func reads() async throws -> Int64 {
                try await scene.value(
                    "select count(*) from audit_entry where action = 'insurance_roster.read' and details like '%send-to-insurer%'")
            }
            let manager = try await scene.organizer(.manager)
            let blind = await scene.download(batch.id, bearer: manager)
            #expect((blind.status, blind.problemCode) == (403, "insurance.roster_not_permitted"))
            let silent = await scene.at().send(.get, "/v1/insurance-batches/\(batch.id)/rosters/1")
            #expect(silent.status == 400 || silent.status == 422)
            #expect(try await reads() == 0)
            let seeing = await scene.download(batch.id, bearer: try await scene.organizer(.manager, mayUnmask: true))
            #expect(seeing.status == 200)
            #expect(try await reads() == 1)
            let none = await scene.download(batch.id, 2)
            #expect((none.status, none.problemCode) == (404, "insurance.roster_unknown"))
            // Without personal columns nobody is named.
            let form = InsurerFileForm(roster: [.init(.reference, "流水号"), .init(.product, "产品")])
            try await scene.persons(2, seed: 6)
            let plain = try await scene.confirmed(of: scene.product(form: form), size: 2)
            try await scene.roster(plain.id)
            #expect(await scene.download(plain.id, bearer: manager).status == 200)
        }
    }

    @Test func `a roster stays what it was when the form changes or policies are issued, and says so when a person changed`() async throws {
        try await withInsurance { scene in
            try await scene.persons(1_100)
            let form = InsurerFileForm(roster: [.init(.reference, "号"), .init(.name, "名"), .init(.number, "保单号"), .init(.coverTo, "止")])
            let product = try await scene.product(form: form)
            let batch = try await scene.confirmed(of: product, size: 1_050)
            let roster = try await scene.roster(batch.id)
            let policies = try await scene.policies(batch.id)
            let changed = await scene.at().send(
                .put, "/v1/insurers/\(product.insurerId)", #"{"organizationId":\#(scene.city),"name":"新名","hotline":"95500"}"#,
                headers: [("If-Match", "\"1\"")])
            #expect(changed.status == 200)
            let day = try #require(CalendarDate(text: InsuranceScene.day(20)))
            let until = try #require(CalendarDate(text: InsuranceScene.day(30)))
            try await scene.move(
                [PolicyMove(policies[0].id, to: .issued, number: "A1", coverFrom: day, coverUntil: until)], of: batch.id)
            let first = await scene.download(batch.id)
            #expect(first.header("Roster-Content") == "first" && Hex.encode(SHA256.hash(first.body)) == roster.sha256)
            _ = try await scene.database.query(
                "delete from member_data_key where member_id = \(policies[1_049].memberID)")
            let second = await scene.download(batch.id)
            #expect(second.status == 200 && second.isWhole && second.header("Roster-Content") == "changed")
            #expect(second.header("ETag") == "\"\(Hex.encode(SHA256.hash(second.body)))\"")
            #expect(second.text.contains("\(policies[1_049].reference),,,"))
        }
    }

    @Test func `a file that changes while it is on its way is not taken for whole`() async throws {
        try await withInsurance { scene in
            try await scene.persons(3)
            let batch = try await scene.confirmed(of: scene.product(), size: 3)
            try await scene.roster(batch.id)
            let insurance = scene.at().insurance
            let desk = RosterDesk(
                life: insurance.life, rosters: RosterStore(database: scene.database, clockOffsetMicroseconds: 0),
                members: scene.registry.members)
            let roster = try #require(try await desk.rosters.roster(1, of: batch.id))
            let whole = try #require(try await insurance.batches.find(batch.id))
            let product = try #require(try await insurance.products.product(whole.productID))
            let file = RosterFile(form: roster.form, batch: whole, product: product)
            let digest = try await desk.digest(roster, file)
            let routes = [
                Route(.get, "/file", summary: "x", tag: "x", access: .anyone, responses: [.bytes(200, ["text/csv"], "x")]) { _ in
                    .stream(contentType: "text/csv") { try await desk.write(roster, file, digest, $0) }
                }
            ]
            let api = API(routes: routes, authenticator: scene.registry.authenticator, log: .silent)
            let client = TestClient(api, loop: scene.database.loops[0])
            #expect(await client.send(.get, "/file").isWhole)
            let member = try await scene.policies(batch.id)[2].memberID
            _ = try await scene.database.query("update member set worker_kind = 'other' where member_id = \(member)")
            #expect(await !client.send(.get, "/file").isWhole)
        }
    }

    @Test func `cells that a spreadsheet would run are made harmless`() async throws {
        try await withInsurance { scene in
            try await scene.persons(1)
            let form = InsurerFileForm(roster: [.init(.reference, "=1+1"), .init(.product, "@sum")])
            let batch = try await scene.confirmed(of: scene.product(form: form), size: 1)
            try await scene.roster(batch.id)
            #expect(await scene.download(batch.id).text.hasPrefix("\u{FEFF}'=1+1,'@sum\r\n"))
        }
    }

    @Test func `only what was mended goes out again, and nobody who left or has not paid`() async throws {
        try await withInsurance { scene in
            try await scene.persons(6)
            let batch = try await scene.confirmed(of: scene.product(), size: 5)
            let held = try await scene.policies(batch.id)
            _ = try await scene.database.query("update member set status = 'left' where member_id = \(held[0].memberID)")
            _ = try await scene.database.query("update policy set source = 'joined' where policy_id = \(held[1].id)")
            #expect(try await scene.roster(batch.id).lines == 3)
            _ = try await scene.database.query("update policy set contribution_paid_at = now() where policy_id = \(held[1].id)")
            #expect(try await scene.roster(batch.id).lines == 1)
            try await scene.move(
                [
                    PolicyMove(held[2].id, to: .rejected, reason: "证件号有误"), PolicyMove(held[3].id, to: .rejected, reason: "超龄"),
                ], of: batch.id)
            let mended = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/policies/\(held[2].id)/mend")
            #expect(try mended.json(PolicyAnswer.self).state == .reserved)
            let third = try await scene.roster(batch.id)
            #expect((third.number, third.lines, third.again) == (3, 1, 1))
            #expect(await scene.download(batch.id, 3).text.contains(held[2].reference.description))
            let rosters = try await scene.at().send(.get, "/v1/insurance-batches/\(batch.id)/rosters?limit=2").json(RosterList.self)
            #expect(rosters.items.map(\.number) == [1, 2] && rosters.next == "2")
            let rest = try await scene.at().send(.get, "/v1/insurance-batches/\(batch.id)/rosters?after=2").json(RosterList.self)
            #expect(rest.items.map(\.number) == [3])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a merged person is insured under the data that goes on`() async throws {
        try await withInsurance { scene in
            try await scene.persons(1)
            let batch = try await scene.confirmed(of: scene.product(), size: 1)
            let old = try await scene.policies(batch.id)[0].memberID
            try await scene.persons(1, seed: 77)
            let new: ID<Member> = try await scene.value("select member_id from member where member_id <> \(old)")
            _ = try await scene.database.query("update member set status = 'left', merged_into = \(new) where member_id = \(old)")
            #expect(try await scene.roster(batch.id).lines == 1)
            let id = try #require(try await scene.registry.members.member(new)?.person?.nationalID.text)
            #expect(await scene.download(batch.id).text.contains(id))
        }
    }

    @Test func `that the insurer has it is written down once`() async throws {
        try await withInsurance { scene in
            try await scene.persons(1)
            let batch = try await scene.confirmed(of: scene.product(), size: 1)
            try await scene.roster(batch.id)
            let path = "/v1/insurance-batches/\(batch.id)/rosters/1/receipt"
            let first = try await scene.at().send(.post, path).json(RosterAnswer.self)
            #expect(first.receivedBy == "account:1" && first.receivedAt != nil)
            let second = try await scene.at().send(.post, path, bearer: scene.second).json(RosterAnswer.self)
            #expect((second.receivedBy, second.receivedAt) == (first.receivedBy, first.receivedAt))
            let notes: Int64 = try await scene.value("select count(*) from audit_entry where action = 'insurance_roster.received'")
            #expect(notes == 1)
            let none = await scene.at().send(.post, "/v1/insurance-batches/\(batch.id)/rosters/9/receipt")
            #expect((none.status, none.problemCode) == (404, "insurance.roster_unknown"))
        }
    }

    @Test func `a batch that is not confirmed has no roster`() async throws {
        try await withInsurance { scene in
            try await scene.persons(1)
            let draft = try await scene.draft(of: scene.product(), size: 1)
            let refused = await scene.at().send(.post, "/v1/insurance-batches/\(draft.id)/rosters")
            #expect((refused.status, refused.problemCode) == (409, "insurance.wrong_state"))
        }
    }
}
