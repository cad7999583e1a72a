import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Certificates of completion, and what those who have one say.
@Suite struct CertificateTests {
    /// A class of four that is over: the first came always, the second three times of four, the third twice, the fourth never.
    private func over(_ scene: SchoolScene) async throws -> TaughtClass {
        let taught = try await scene.taught(seats: 4, count: 4)
        let ids = taught.seated.map(\.id)
        for lesson in 1...4 {
            try await taught.hold(
                lesson,
                [
                    (ids[0], "attended"), (ids[1], lesson == 1 ? "absent" : "late"), (ids[2], lesson < 3 ? "attended" : "absent"),
                    (ids[3], lesson == 1 ? "excused" : "absent"),
                ])
        }
        try await taught.run(after: 4)
        return taught
    }

    private func certificates(_ member: TestMember, _ taught: TaughtClass) async throws -> [CompletionCertificate] {
        try await taught.at(taught.lessons.count, minutes: 3_000).send(.get, "/v1/me/certificates", bearer: member.token)
            .json(CompletionCertificateList.self).items
    }

    private func check(_ code: String, _ taught: TaughtClass) async throws -> (result: CertificateCheck, text: String) {
        let answer = await taught.at(4).client.send(.get, "/v1/certificates/verify?code=\(code)")
        #expect(answer.undeclared == nil && answer.status == 200, "\(answer.text)")
        return (try answer.json(CertificateCheck.self), answer.text)
    }

    @Test func `who came often enough gets one certificate, and anybody can ask whether it stands, and learns no more`() async throws {
        try await withSchool { scene in
            let taught = try await over(scene)
            try await taught.run(after: 4, hours: 48)
            var counts: [Int] = []
            for member in taught.seated { counts.append(try await certificates(member, taught).count) }
            #expect(counts == [1, 1, 0, 0])
            let mine = try #require(try await certificates(taught.seated[1], taught).first)
            #expect((mine.lessonsCame, mine.lessonsCounted, mine.minutes) == (3, 4, 270))
            let page = await taught.at(4, minutes: 3_000).send(
                .get, "/v1/me/certificates/\(mine.id)", bearer: taught.seated[1].token)
            let code = try #require(mine.code)
            for word in [mine.number, code, "书法", "东区职工夜校", "4.5（3/4", "<svg", "size:A4"] { #expect(page.text.contains(word), "\(word)") }
            for word in ["<script", "src=", "href=", "url("] { #expect(!page.text.contains(word), "\(word)") }
            let other = await taught.at(4).send(.get, "/v1/me/certificates/\(mine.id)", bearer: taught.seated[0].token)
            #expect(other.problemCode == "school.certificate_unknown")
            let good = try await check(code, taught)
            #expect(good.result.result == .valid && !good.text.contains("书法") && !good.text.contains(mine.number))
            #expect(try await check(code.lowercased(), taught).result.result == .valid)
            // Anything changed is not ours: another number, another digit of the seal, another paper's seal.
            let theirs = try #require(try await certificates(taught.seated[0], taught).first)
            let seal = try #require(code.split(separator: ":").last)
            let turned = code.hasSuffix("0") ? code.dropLast() + "1" : code.dropLast() + "0"
            for wrong in ["WSC1:\(theirs.number):\(seal)", String(turned), "WSP1:\(mine.number):\(seal)", "WSC1:\(mine.number)", "x"] {
                #expect(try await check(wrong, taught).text == #"{"result":"invalid"}"#, "\(wrong)")
            }
            let revoked = await taught.at(4).send(.post, "/v1/certificates/\(mine.id)/revoke", #"{"reason":"代签"}"#)
            #expect(revoked.status == 200)
            #expect(try await check(code, taught).result.result == .revoked)
            let audited: Int64 = try await scene.value("select count(*) from audit_entry where action = 'certificate.revoked'")
            #expect(audited == 1)
            let printed = await taught.at(4).send(.get, "/v1/me/certificates/\(mine.id)", bearer: taught.seated[1].token)
            #expect(printed.problemCode == "school.certificate_revoked")
        }
    }

    @Test func `none is given while a lesson is unaccounted for, and a corrected mark brings one`() async throws {
        try await withSchool { scene in
            let taught = try await over(scene)
            let third = taught.seated[2]
            #expect(try await certificates(third, taught).isEmpty)
            #expect(await taught.mark(3, [(third.id, "attended")], minutes: 30_000).status == 200)
            try await taught.at(3, minutes: 30_001).run()
            #expect(try await certificates(third, taught).count == 1)
            #expect(try await scene.value("select count(*) from completion_certificate") == Int64(3))
            let other = try await scene.taught(seats: 1, title: "舞蹈", weekday: 3, room: "302", count: 1)
            _ = try await other.scan(other.seated[0].id, 1, minutes: 0)
            try await other.run(after: 1, hours: 2)
            #expect(try await certificates(other.seated[0], other).isEmpty, "devices may be away yet")
            try await other.run(after: 1, hours: 13)
            #expect(try await certificates(other.seated[0], other).count == 1)
        }
    }

    // MARK: Feedback

    @Test func `feedback is one a completed class, changeable for some days, and shown without names from three on`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 4, count: 1)
            let (members, teacher) = (taught.seated, try await scene.sheet(taught.id).schoolClass.teacher?.id)
            func give(_ member: TestMember, _ body: String, days: Double = 1) async throws -> TestResponse {
                let id = try await scene.own(member).id
                return await taught.at(1, minutes: days * 1_440).send(.put, "/v1/me/enrolments/\(id)/feedback", body, bearer: member.token)
            }
            func summary(_ path: String) async throws -> FeedbackSummary {
                try await taught.at(1, minutes: 3_000).send(.get, path).json(FeedbackSummary.self)
            }
            #expect(try await give(members[0], #"{"stars":5}"#, days: 0.01).problemCode == "school.not_completed")
            try await taught.run(after: 1)
            #expect(try await give(members[0], #"{"stars":6}"#).status == 422)
            #expect(try await give(members[0], #"{"stars":5,"line":"老师很好"}"#).status == 200)
            #expect(try await give(members[1], #"{"stars":1}"#).status == 200)
            let path = "/v1/classes/\(taught.id)/feedback"
            let hidden = await taught.at(1, minutes: 3_000).send(.get, path)
            #expect(hidden.text == #"{"isShown":false,"lines":[]}"#)
            #expect(try await give(members[2], #"{"stars":3,"line":"太快"}"#).status == 200)
            let shown = try await summary(path)
            #expect(shown.answers == 3 && shown.average == 3 && Set(shown.lines) == ["老师很好", "太快"])
            // The same person once more changes it, for fourteen days.
            #expect(try await give(members[1], #"{"stars":4}"#, days: 14).status == 200)
            #expect(try await give(members[1], #"{"stars":1}"#, days: 15.1).problemCode == "school.feedback_closed")
            #expect(try await summary(path).average == 4)
            // A teacher's other class with two answers stays hidden in the sum, too.
            let other = try await scene.taught(seats: 2, title: "舞蹈", weekday: 3, room: "302", count: 1)
            _ = try await scene.database.query("update school_class set teacher_id = \(teacher) where class_id = \(other.id)")
            try await other.run(after: 1)
            for member in other.seated { #expect(try await give(member, #"{"stars":1}"#, days: 9).status == 200) }
            let sum = try await summary("/v1/teachers/\(try #require(teacher))/feedback")
            #expect(sum.answers == 3 && sum.average == 4)
        }
    }
}
