import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// What is shown at a classroom's device: the same codes, cards and numbers as everywhere.
@Suite struct LessonCodeTests {
    private static let number = "NFC:04A2F19C3B5D80"

    private func body(_ code: String, pin: String? = nil, at time: Timestamp) -> String {
        let pin = pin.map { ",\"pin\":\"\($0)\"" } ?? ""
        return #"{"code":"\#(code)","requestId":"\#(UUID().requestIDText)","occurredAt":"\#(time)"\#(pin)}"#
    }

    @Test func `a code that is no code, is another's or is old is refused, and nothing is told of anybody`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught()
            let time = taught.time(1)
            func reasons(_ code: String) async throws -> [String] {
                let response = await taught.at(1).send(
                    .post, "/v1/classes/\(taught.id)/lessons/1/scans", body(code, at: time), bearer: taught.device)
                let answer = try response.json(LessonScanAnswer.self)
                #expect(answer.member == nil)
                return answer.codes
            }
            #expect(try await reasons("") == ["school.code_malformed"])
            #expect(try await reasons(taught.code(taught.seated[0].id, at: taught.time(1, minutes: -10))) == ["school.code_expired"])
            #expect(try await reasons(taught.code(taught.seated[0].id, at: taught.time(1, minutes: 10))) == ["school.code_from_future"])
            let foreign = MemberCodeIssuer(Keys.random()).issue(
                memberID: taught.seated[0].id.rawValue, nowMicroseconds: time.microseconds
            ).text
            let found = try await reasons(foreign)
            #expect(found == ["school.code_forged"] || found == ["school.code_unknown_key"])
            #expect(try await reasons(Self.number) == ["school.number_unknown"])
            let stranger = try await scene.member()
            #expect(try await reasons(taught.code(stranger.id, at: time)) == ["school.no_seat"])
            // At another room's device nobody learns whether somebody has a seat.
            let elsewhere = try await scene.classroomDevice(in: scene.hall)
            #expect(try await taught.scan(stranger.id, 1, minutes: 0, by: elsewhere).codes == ["school.device_elsewhere"])
            #expect(await taught.at(1).send(.put, "/v1/classes/\(taught.id)/lessons/1/roll", #"{"items":[]}"#).status == 422)
            let line = #"{"items":[{"memberId":\#(stranger.id),"state":"attended"}]}"#
            let byDevice = await taught.at(1).send(.put, "/v1/classes/\(taught.id)/lessons/1/roll", line, bearer: elsewhere)
            #expect(byDevice.problemCode == "school.lesson_unknown", "a device writes the list of its own room alone")
            let west = scene.organizer(of: scene.west)
            #expect(await west.send(.put, "/v1/classes/\(taught.id)/lessons/1/roll", line).problemCode == "school.class_unknown")
            #expect(
                await west.send(.post, "/v1/classes/\(taught.id)/lessons/1/scans", body("x", at: time)).problemCode
                    == "school.class_unknown")
        }
    }

    @Test func `a card's number counts with its PIN, and one revoked later held when it was shown`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught()
            let digests = CredentialDigests(scene.keys)
            let digest = digests.number(try #require(CardNumber(Self.number)))
            _ = try await scene.database.query(
                """
                insert into access_credential (credential_digest, kind, member_id, pin_digest, valid_from, created_by)
                values (\(digest), 'number', \(taught.seated[0].id), \(digests.pin("2468", of: digest)), now() - interval '1 day', 'test')
                """)
            func show(_ pin: String?, _ lesson: Int) async throws -> LessonScanAnswer {
                let response = await taught.at(lesson).send(
                    .post, "/v1/classes/\(taught.id)/lessons/\(lesson)/scans", body(Self.number, pin: pin, at: taught.time(lesson)),
                    bearer: taught.device)
                return try response.json(LessonScanAnswer.self)
            }
            #expect(try await show(nil, 1).codes == ["school.pin_missing"])
            #expect(try await show("1357", 1).codes == ["school.pin_wrong"])
            #expect(try await show("2468", 1).state == .attended)
            _ = try await scene.database.query(
                """
                update access_credential
                set revoked_at = \(taught.time(2, minutes: 120)), revoked_by = 'test', revoked_reason = 'lost'
                """)
            func line(_ pin: String, _ lesson: Int) -> String {
                #"{"classId":\#(taught.id),"number":\#(lesson),"# + body(Self.number, pin: pin, at: taught.time(lesson)).dropFirst()
            }
            let uploaded = try await taught.upload([line("1357", 2), line("2468", 2), line("2468", 3)], minutes: 11_000)
            #expect(uploaded.map(\.codes) == [["school.number_unknown"], [], ["school.number_unknown"]])
            #expect(try await taught.state(taught.seated[0].id, 2) == "attended scan")
        }
    }

    @Test func `a seat is the person's under every number that they have or had`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1, waiting: 1)
            let survivor = try await scene.member()
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(survivor.id) where member_id = \(taught.seated[0].id)")
            #expect(try await taught.scan(survivor.id, 1, minutes: 0).state == .attended)
            #expect(try await taught.scan(taught.seated[0].id, 1, minutes: 1).codes == ["school.already_marked"], "the old card")
            let desk = try await taught.at(1).send(.get, "/v1/lesson-desk", bearer: taught.device).json(LessonDesk.self)
            #expect(desk.lessons.first?.lines.first?.memberIds == [survivor.id, taught.seated[0].id])
            #expect(await taught.excuse(survivor, 2, minutes: -600).status == 200)
        }
    }

    @Test func `who is merged goes on with the marks of their lessons, and with what they brought`() async throws {
        try await withSchool { scene in
            try await scene.setRules { $0.warningAfter = 1 }
            let taught = try await scene.taught(seats: 2, waiting: 1, count: 4)
            let (ended, survivor) = (taught.seated[0], try await scene.member())
            try await taught.hold(1, [(ended.id, "late"), (taught.seated[1].id, "attended")])
            try await taught.hold(2, [(ended.id, "absent"), (taught.seated[1].id, "attended")])
            try await taught.run(after: 2)
            #expect(await taught.excuse(ended, 3, minutes: -600).status == 200)
            #expect(await taught.answer(taught.waiting[0], 3, "take", minutes: -590).status == 200)
            // As the merge of enrolments leaves it: the one is over, the other has the seat.
            _ = try await scene.database.query(
                """
                with gone as (
                    update enrolment set state = 'withdrawn' where member_id = \(ended.id)
                    returning term_id, course_id, class_id, wishes, enrolled_at
                )
                insert into enrolment (
                    member_id, term_id, course_id, state, class_id, wishes, request_id, answer, enrolled_by, enrolled_at, changed_at)
                select \(survivor.id), term_id, course_id, 'seated', class_id, wishes, gen_random_uuid(), 'seated', 'test', enrolled_at,
                    now()
                from gone
                """)
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(survivor.id) where member_id = \(ended.id)")
            for _ in 0..<2 { _ = try await scene.database.query("select night_school_carry_marks(\(ended.id), \(survivor.id))") }
            #expect(try await taught.state(survivor.id, 1) == "late list")
            #expect(try await taught.scan(survivor.id, 3, minutes: 0).codes == ["school.seat_lent"])
            #expect(try await taught.scan(taught.waiting[0].id, 3, minutes: 0).isGuest)
            try await taught.run(after: 3)
            let standings = try await taught.at(4).send(.get, "/v1/me/school-standings", bearer: survivor.token).json(StandingList.self)
            #expect(standings.items.map(\.memberId) == [survivor.id] && standings.items.map(\.absences) == [1])
            let rates = try await taught.at(4).send(.get, "/v1/classes/\(taught.id)/attendance").json(ClassAttendance.self).items
            let rate = try #require(rates.first { $0.member.memberId == survivor.id }).rate
            #expect((rate.late, rate.absent, rate.excused, rate.percent) == (1, 1, 1, 50))
        }
    }

    @Test func `a person sees all that is kept of their lessons, and what they wrote goes with them`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 1, waiting: 1, count: 1)
            let me = taught.seated[0]
            _ = try await taught.scan(me.id, 1, minutes: 0)
            try await taught.run(after: 1)
            let enrolment = try await scene.own(me).id
            let moment = taught.at(1, minutes: 3_000)
            let given = await moment.send(
                .put, "/v1/me/enrolments/\(enrolment)/feedback", #"{"stars":4,"line":"我是张三"}"#, bearer: me.token)
            #expect(given.status == 200)
            let own = await moment.send(.get, "/v1/me/data", bearer: me.token)
            for word in ["\"lessons\"", "\"attended\"", "\"certificates\"", "NS20", "我是张三", "member_code"] {
                #expect(own.text.contains(word), "\(word)")
            }
            #expect(await moment.send(.post, "/v1/me/erasure", #"{"confirm":"erase"}"#, bearer: me.token).status < 300)
            #expect(try await scene.value("select count(*) from enrolment_feedback where line is not null") == Int64(0))
            #expect(try await scene.value("select stars::bigint from enrolment_feedback") == Int64(4))
        }
    }
}
