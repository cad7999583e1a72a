import AllocationFiles
import Crypto
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Programs

@Suite struct AuditFileTests {
    private func published(_ scene: ProgramScene) async throws -> ID<UnionProgram> {
        let members = try await scene.members(30)
        let sessions = [
            ProgramSession(number: 1, title: "周一 上午", capacity: 6), ProgramSession(number: 2, title: "周二", capacity: 5, walkIn: 1),
        ]
        let id = try await scene.closed(
            members, quota: 9, rules: ProgramScene.rules(floor: 3), sessions: sessions, family: "checkup",
            wishes: { $0 % 3 == 0 ? [2] : [1, 2] }, groups: { $0 % 4 == 3 ? ProgramScene.firstGroup : 0 })
        _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[4])")
        try await scene.published(id)
        return id
    }

    private func file(_ id: ID<UnionProgram>, _ scene: ProgramScene) async -> TestResponse {
        await scene.afterwards.send(.get, "/v1/public/programs/\(id)/audit-file", bearer: "")
    }

    private func isSound(_ text: String) -> Bool {
        do throws(FileFaults) {
            return try AuditFile.verify(SourceFile(name: "audit.txt", text: text)).isSound
        } catch {
            return false
        }
    }

    @Test func `the audit file of a published run verifies, and its digest is the one that was reviewed`() async throws {
        try await withPrograms { scene in
            let id = try await published(scene)
            let answer = await file(id, scene)
            #expect(answer.status == 200)
            let verdict = try AuditFile.verify(SourceFile(name: "audit.txt", text: answer.text))
            #expect(verdict.isSound && verdict.applicantCount == 30 && verdict.placedCount == 9)
            let run = try #require(try await scene.afterwards.programs.sharing.runs.published(of: id))
            #expect(verdict.digest == run.auditHash)
            let program = try #require(try await scene.afterwards.programs.programs.find(id))
            #expect(verdict.draw.commitment == program.commitment, "drawn from the secret that was committed to")
            #expect(answer.header("ETag") == "\"\(Hex.encode(verdict.digest))\"")
        }
    }

    @Test func `it fails with any line of it changed`() async throws {
        try await withPrograms { scene in
            let text = await file(try await published(scene), scene).text
            let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast().map(String.init)
            #expect(isSound(text) && lines.count > 70)
            for index in lines.indices {
                var changed = lines
                let last = changed[index].removeLast()
                changed[index].append(last == "1" ? "2" : "1")
                #expect(!isSound(changed.joined(separator: "\n") + "\n"), "line \(index + 1): \(lines[index])")
            }
        }
    }

    @Test(arguments: [
        "update program_application set points = points + 40 where member_id = (select max(member_id) from program_application)",
        "update program_application set wishes = '{2}' where member_id = (select min(member_id) + 1 from program_application)",
        "update program_result set number = null where place = 2", "update program_result set position = position + 1 where place = 3",
        "update program_run_session set capacity = capacity + 1 where number = 1",
        "update program set rules = jsonb_set(rules, '{floors,0,size}', '4')",
        "update program_result set exclusion = null where exclusion is not null",
    ])
    func `whoever changes a row of it changes the file, which then does not verify or is not the one published`(change: String) async throws
    {
        try await withPrograms { scene in
            let id = try await published(scene)
            _ = try await scene.database.query(SQL(raw: change))
            let answer = await file(id, scene)
            let run = try #require(try await scene.afterwards.programs.sharing.runs.published(of: id))
            let hash = Hex.encode(try #require(run.auditHash))
            #expect(!isSound(answer.text) || !answer.text.hasSuffix("end \(hash)\n"))
            #expect(!answer.text.hasSuffix("end \(hash)\n"))
        }
    }

    @Test func `everybody sees the run sheet, without anything of a person, and no file before publication`() async throws {
        try await withPrograms { scene in
            let closed = try await scene.closed(try await scene.members(2), quota: 1)
            #expect(await file(closed, scene).problemCode == "program.not_published")
            let id = try await published(scene)
            let answer = await scene.afterwards.send(.get, "/v1/public/programs/\(id)", bearer: "")
            let sheet = try #require(try answer.json(PublicProgramAnswer.self).run)
            #expect(sheet.applicants == 30 && sheet.placed == 9 && sheet.excluded == 1)
            #expect(sheet.sessions.map(\.capacity) == [6, 4])
            #expect(sheet.figures.floors.first?.filled == 3)
            #expect(!answer.text.contains("memberId"))
            let draft = try await scene.draft()
            #expect(await scene.afterwards.send(.get, "/v1/public/programs/\(draft)", bearer: "").status == 404)
        }
    }

    @Test func `a floor that stays short comes with how far it could have been filled`() async throws {
        try await withPrograms { scene in
            let members = try await scene.members(6)
            let sessions = [ProgramSession(number: 1, title: "A", capacity: 3), ProgramSession(number: 2, title: "B", capacity: 1)]
            let id = try await scene.closed(
                members, quota: 4, rules: ProgramScene.rules(floor: 3), sessions: sessions, wishes: { $0 < 4 ? [1] : [2] },
                groups: { $0 >= 4 ? ProgramScene.firstGroup : 0 })
            let run = try await scene.run(id)
            let floor = try #require(run.figures.floors.first)
            #expect(floor.size == 3 && floor.filled == 1 && floor.possible == 1)
            #expect(run.figures.reserved == RunFigures.Reserved(filled: 1, possible: 1))
        }
    }
}
