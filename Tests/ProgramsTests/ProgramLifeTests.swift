import Allocation
import Crypto
import HTTP
import Postgres
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Programs
@testable import Registry

@Suite struct ProgramLifeTests {
    private func body(_ scene: ProgramScene, _ more: String = "") -> String {
        #"{"organizationId":\#(scene.city),"title":"流动体检","quota":10,"opensAt":"\#(ProgramScene.time(1))","#
            + #""closesAt":"\#(ProgramScene.time(3))"\#(more)}"#
    }

    @Test func `what is announced hashes to the published hash and is frozen`() async throws {
        try await withPrograms { scene in
            let now = scene.at(hours: 0)
            let made = await now.send(.post, "/v1/programs", body(scene))
            #expect(made.status == 201)
            let draft = try made.json(ProgramAnswer.self)
            #expect(await now.send(.get, "/v1/public/programs/\(draft.id)/announcement").status == 404)
            let answer = await now.send(.post, "/v1/programs/\(draft.id)/announce")
            #expect(answer.status == 200)
            let program = try answer.json(ProgramAnswer.self)
            let bytes = await now.client.send(.get, "/v1/public/programs/\(draft.id)/announcement").body
            #expect(program.rulesHash == Hex.encode(SHA256.hash(bytes)))
            let announcement = try JSON.decode(ProgramAnnouncement.self, from: bytes)
            #expect(announcement.commitment == program.commitment && announcement.sessions.map(\.capacity) == [10])

            let sealed = try #require(
                try await now.programs.programs.sealedSecret(of: draft.id, in: scene.database))
            let secret = try Sealer(scene.keys).open(sealed, in: ProgramLife.secretColumn, row: draft.id.rawValue)
            #expect(Hex.encode(Lottery.commitment(to: secret)) == program.commitment)

            let changed = await now.send(.put, "/v1/programs/\(draft.id)", body(scene))
            #expect(changed.problemCode == "program.frozen")
            let sessions = #"{"sessions":[{"number":1,"title":"a","capacity":99}]}"#
            #expect(await now.send(.put, "/v1/programs/\(draft.id)/sessions", sessions).problemCode == "program.frozen")
            let twice = await now.send(.post, "/v1/programs/\(draft.id)/announce")
            #expect(twice.problemCode == "program.wrong_state" && twice.text.contains("项目已公布，不能公布规则"), "\(twice.text)")
            let hash: [UInt8] = try await scene.value("select rules_hash from program")
            #expect(Hex.encode(hash) == program.rulesHash)
        }
    }

    @Test func `a frozen announcement cannot be changed in the table either`() async throws {
        try await withPrograms { scene in
            let id = try await scene.announced()
            await #expect(throws: PostgresError.self) {
                try await scene.database.query("update program set announcement = 'x' where program_id = \(id)")
            }
        }
    }

    @Test func `a program without times or places is not announced, and the reasons are named together`() async throws {
        try await withPrograms { scene in
            let id = try await scene.draft(sessions: [ProgramSession(number: 1, title: "a", capacity: 0)]) { facts in
                (facts.opensAt, facts.closesAt) = (nil, nil)
                facts.lotteryKind = .beacon
            }
            let answer = await scene.at(hours: 0).send(.post, "/v1/programs/\(id)/announce")
            #expect(answer.status == 422)
            #expect(
                answer.reasonCodes == ["program.times_missing", "program.beacon_missing", "program.sessions_missing"])
            let past = try await scene.draft()
            #expect(await scene.at(hours: 4).send(.post, "/v1/programs/\(past)/announce").reasonCodes == ["program.closes_in_the_past"])
            #expect(try await scene.value("select count(*) from program where state = 'draft'", as: Int64.self) == 2)
        }
    }

    @Test func `it opens and closes by the clock, and its applications' hash is published`() async throws {
        try await withPrograms { scene in
            let id = try await scene.announced()
            let worker = try await scene.members(1)[0]
            try await scene.apply(worker, to: id)
            #expect(await scene.at(hours: 0).send(.post, "/v1/programs/\(id)/close").problemCode == "program.not_yet")
            let timetable = ProgramTimetable(scene.at(hours: 2).programs.life, log: .silent) { _ in
            } publish: { _ in
            }
            #expect(try await timetable.runOnce() == .more)
            #expect(try await timetable.runOnce() == .idle)
            #expect(try await scene.value("select state from program", as: String.self) == "open")
            let late = ProgramTimetable(scene.at(hours: 3.5).programs.life, log: .silent) { _ in
            } publish: { _ in
            }
            _ = try await late.runOnce()
            let program = try await scene.at(hours: 4).send(.get, "/v1/programs/\(id)").json(ProgramAnswer.self)
            let ticket = "M" + String(String(worker.rawValue + 10_000_000).dropFirst())
            let line = "\(ticket),1,0,0,\(scene.east),,1\n"
            #expect(program.state == .closed && program.inputsHash == Hex.encode(SHA256.hash(Array(line.utf8))))
            let events = try await scene.at(hours: 4).send(.get, "/v1/programs/\(id)/events").json(ProgramEventList.self)
            #expect(events.items.map(\.step) == ["announce", "open", "close"])
        }
    }

    @Test func `after a night without a server both steps are taken at once`() async throws {
        try await withPrograms { scene in
            let id = try await scene.announced()
            let timetable = ProgramTimetable(scene.at(hours: 30).programs.life, log: .silent) { _ in
            } publish: { _ in
            }
            while try await timetable.runOnce() == .more {}
            #expect(try await scene.value("select state from program where program_id = \(id)", as: String.self) == "closed")
        }
    }

    @Test func `a program is cancelled with a reason until it is published`() async throws {
        try await withPrograms { scene in
            let id = try await scene.announced()
            let now = scene.at(hours: 0)
            #expect(await now.send(.post, "/v1/programs/\(id)/cancel", #"{"reason":""}"#).status == 422)
            let answer = await now.send(.post, "/v1/programs/\(id)/cancel", #"{"reason":"体检车检修"}"#)
            #expect(try answer.json(ProgramAnswer.self).cancelReason == "体检车检修")
            #expect(await now.send(.post, "/v1/programs/\(id)/close").problemCode == "program.wrong_state")
            let listed = try await now.client.send(.get, "/v1/public/programs").json(ProgramList.self)
            #expect(listed.items.map(\.id) == [id])
        }
    }

    @Test func `two changes of one draft at once: the later one is refused by its version`() async throws {
        try await withPrograms { scene in
            let now = scene.at(hours: 0)
            let made = await now.send(.post, "/v1/programs", body(scene))
            let draft = try made.json(ProgramAnswer.self)
            let tag = try #require(made.header("ETag"))
            #expect(await now.send(.put, "/v1/programs/\(draft.id)", body(scene), headers: [("If-Match", tag)]).status == 200)
            #expect(
                await now.send(.put, "/v1/programs/\(draft.id)", body(scene), headers: [("If-Match", tag)]).problemCode
                    == "program.changed")
            let again = try #require((await now.send(.get, "/v1/programs/\(draft.id)")).header("ETag"))
            // The one goes on as soon as the other, which holds the draft, has ended.
            let late = try await scene.database.inTransaction { transaction in
                let present = try await now.programs.life.hold(draft.id, in: transaction)
                try await now.programs.programs.change(draft.id, to: present.facts, quota: 11, in: transaction)
                let late = Task {
                    await now.send(.put, "/v1/programs/\(draft.id)", body(scene), headers: [("If-Match", again)]).problemCode
                }
                let waits: SQL = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                while try await scene.database.query(waits).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                return late
            }
            #expect(await late.value == "program.changed")
            #expect(try await now.send(.get, "/v1/programs/\(draft.id)").json(ProgramAnswer.self).quota == 11)
        }
    }

    @Test func `places of a part come out of the program and unused ones go back on their day`() async throws {
        try await withPrograms { scene in
            let now = scene.at(hours: 0)
            let id = try await scene.draft(quota: 10)
            let asked = #"{"organizationId":\#(scene.west),"quota":4,"returnsAt":"\#(ProgramScene.time(10))"}"#
            let made = await now.send(.post, "/v1/programs/\(id)/parts", asked)
            #expect(made.status == 201)
            let part = try made.json(ProgramAnswer.self)
            #expect(part.quota == 4 && part.parentId == id && part.organizationId == scene.west)
            #expect(try await now.send(.get, "/v1/programs/\(id)").json(ProgramAnswer.self).quota == 6)
            let tooMany = #"{"organizationId":\#(scene.west),"quota":7,"returnsAt":"\#(ProgramScene.time(10))"}"#
            #expect(await now.send(.post, "/v1/programs/\(id)/parts", tooMany).problemCode == "program.places_short")
            let seats = "select capacity from program_session where program_id = "
            #expect(try await scene.value("\(raw: seats)\(id)", as: Int32.self) == 6)

            _ = try await scene.database.query(
                """
                update program
                set state = 'published', announcement = '', rules_hash = sha256(''), lottery_secret_sealed = '',
                    lottery_commitment = sha256(''), announced_at = now(), closed_at = now(), inputs_hash = sha256(''),
                    taken = case program_id when \(part.id) then 1 else 0 end
                """)
            _ = try await scene.database.query("update program_session set taken = 1 where program_id = \(part.id)")
            let timetable = ProgramTimetable(scene.at(hours: 11).programs.life, log: .silent) { _ in
            } publish: { _ in
            }
            while try await timetable.runOnce() == .more {}
            #expect(try await now.send(.get, "/v1/programs/\(id)").json(ProgramAnswer.self).quota == 9)
            #expect(try await now.send(.get, "/v1/programs/\(part.id)").json(ProgramAnswer.self).quota == 1)
            #expect(try await scene.value("\(raw: seats)\(id)", as: Int32.self) == 9)
            #expect(try await scene.value("\(raw: seats)\(part.id)", as: Int32.self) == 1)
        }
    }

    @Test func `another subtree's organizer finds no program`() async throws {
        try await withPrograms { scene in
            let id = try await scene.announced()
            let token = try await organizer(.manager, in: scene.west, scene)
            let now = scene.at(hours: 0)
            #expect(await now.send(.get, "/v1/programs/\(id)", bearer: token).status == 404)
            #expect(await now.send(.post, "/v1/programs/\(id)/cancel", #"{"reason":"x"}"#, bearer: token).status == 404)
            #expect(await now.send(.post, "/v1/programs", body(scene), bearer: token).reasonCodes == ["program.organization_unknown"])
        }
    }

    @Test func `sessions have names and numbers of their own that an audit file can hold`() async throws {
        try await withPrograms { scene in
            let id = try await scene.draft()
            let now = scene.at(hours: 0)
            for wrong in [
                #"{"number":1,"title":"a,b","capacity":1}"#, #"{"number":1,"title":"a","capacity":1,"walkIn":2}"#,
                #"{"number":1,"title":"a","capacity":1},{"number":1,"title":"b","capacity":1}"#,
                #"{"number":1,"title":"a","capacity":1},{"number":2,"title":"a","capacity":1}"#,
            ] {
                let answer = await now.send(.put, "/v1/programs/\(id)/sessions", "{\"sessions\":[\(wrong)]}")
                #expect(answer.status == 422, "\(wrong)")
            }
            #expect(try await scene.value("select count(*) from program_session", as: Int64.self) == 0)
        }
    }

    private func organizer(_ role: AccountRole, in subtree: ID<Organization>, _ scene: ProgramScene) async throws -> String {
        let token = BearerToken.random(.account)
        _ = try await scene.database.query(
            """
            with made as (
                insert into account (name) values ('of a subtree') returning account_id
            ),
            granted as (
                insert into account_grant (account_id, role, organization_id, granted_by)
                select account_id, \(role.rawValue), \(subtree), 'test' from made
            )
            insert into account_token (token_sha256, account_id) select \(token.digest), account_id from made
            """)
        return token.text
    }
}
