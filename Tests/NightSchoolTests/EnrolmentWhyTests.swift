import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct EnrolmentWhyTests {
    private func why(
        _ scene: SchoolScene, _ member: (id: ID<Member>, token: String), course: ID<SchoolClass>, days: Double, language: String = "zh"
    ) async throws -> EnrolmentWhy {
        let id = try await scene.own(member, course: course).id
        let answer = await scene.at(days: days).send(
            .get, "/v1/me/enrolments/\(id)/why", bearer: member.token, headers: [("Accept-Language", language)])
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(EnrolmentWhy.self)
    }

    @Test func `an application tells the applicants and seats, the draw what it gave and passed over, in both languages`() async throws {
        try await withSchool { scene in
            let first = try await scene.drawn("书法", capacity: 2, weekdays: [2])
            let second = try await scene.drawn("舞蹈", capacity: 1, weekdays: [2, 3])
            let (member, rival) = (try await scene.member(), try await scene.member())
            _ = try await scene.enrol(member, first)
            _ = try await scene.enrol(member, [second[0]])
            _ = try await scene.enrol(rival, second)
            let before = try await why(scene, member, course: second[0], days: 2)
            #expect(before.state == .applied && before.lines.map(\.code) == ["school.why_applied", "school.why_applicants"])
            #expect(before.lines.last?.text == "周2班：1 个名额，2 人申请")
            try await scene.at(days: 8.6).run()

            let seated = try await why(scene, member, course: first[0], days: 8.7)
            #expect(seated.lines.map(\.text) == ["抽签顺序第 1 位（共 1 人）", "已录取周2班"])
            let passed = try await why(scene, member, course: second[0], days: 8.7)
            let clash = "与《书法》周2班第 1 课（\(SchoolScene.weekday(2)) 19:00）时间冲突"
            #expect(passed.state == .waitlisted && passed.place == 1 && passed.ticket?.count == 8)
            #expect(passed.lines.map(\.text).contains("周2班抽签时未计入：\(clash)"))
            #expect(passed.lines.map(\.text).contains("周2班轮到时会暂时跳过您：\(clash)"))
            let english = try await why(scene, member, course: second[0], days: 8.7, language: "en")
            #expect(english.lines.map(\.code) == passed.lines.map(\.code))
            #expect(english.lines.contains { $0.text == "周2班: number 1 of 1 who wait" })
            #expect(english.odds == nil, "nothing is known: no number")
        }
    }

    @Test func `who lost in the draw is told where it filled, and who is out why`() async throws {
        try await withSchool { scene in
            let classes = try await scene.drawn(capacity: 1, weekdays: [2])
            let members = try await scene.members(3)
            for member in members { _ = try await scene.enrol(member, classes) }
            try await scene.at(days: 8.6).run()
            for member in members {
                let told = try await why(scene, member, course: classes[0], days: 8.7)
                let place: Int32 = try await scene.value("select draw_place from enrolment where member_id = \(member.id)")
                #expect(told.lines.first?.text == "抽签顺序第 \(place) 位（共 3 人）")
                #expect(told.lines.contains { $0.text == "周2班在第 1 位录满，您是第 \(place) 位" } == (place > 1))
                #expect(told.lines.contains { $0.text == "周2班候补第 \(place - 1) 位（共 2 人）" } == (place > 1))
            }
            let holder = try #require(try await scene.holder(of: classes[0], among: members))
            try await scene.step("withdraw", members[holder], days: 8.8)
            #expect(try await why(scene, members[holder], course: classes[0], days: 8.9).lines.contains { $0.text == "已结束（已退出）" })
            let other = try await scene.own(members[(holder + 1) % 3]).id
            let stranger = await scene.at(days: 8.7).send(.get, "/v1/me/enrolments/\(other)/why", bearer: members[holder].token)
            #expect(stranger.problemCode == "school.enrolment_unknown")
        }
    }

    @Test func `odds come from who waited at such a place in past terms of the category, and from nothing else`() async throws {
        try await withSchool { scene in
            let course = try await scene.course()
            let id = try await scene.published(scene.classBody(course: course, capacity: 1)).schoolClass.id
            let members = try await scene.members(3)
            for member in members { _ = try await scene.enrol(member, [id]) }
            func odds() async throws -> EnrolmentOdds? {
                let own = try await scene.own(members[2]).id
                return try await scene.at(days: 2).send(.get, "/v1/me/enrolments/\(own)", bearer: members[2].token)
                    .json(OwnEnrolment.self).odds
            }
            #expect(try await odds() == nil)
            // A term before this one: twelve waited at the places 1 to 3, one of them gave up, five were offered a seat.
            let past: ID<SchoolTerm> = try await scene.value(
                """
                insert into school_term (school_id, name, starts_on, ends_on, created_by)
                values (\(scene.school), '春季', '2020-03-01', '2020-06-01', 'test') returning term_id
                """)
            func waited(
                _ course: ID<Course>, _ term: ID<SchoolTerm>, place: Int32, offered: Int, lapsed: Int, withdrawn: Int
            ) async throws {
                let label = "\(course)-\(place)"
                let old: ID<SchoolClass> = try await scene.value(
                    """
                    insert into school_class (
                        school_id, term_id, course_id, label, kind, enrolment_mode, pattern, state, cancel_reason, first_at, last_until,
                        created_by, created_at)
                    values (
                        \(scene.school), \(term), \(course), \(label), 'class', 'first_come', '{}', 'cancelled', 'x', '2020-03-02',
                        '2020-05-02', 'test', now())
                    returning class_id
                    """)
                for index in 0..<offered + lapsed + withdrawn {
                    let state = index < offered ? "completed" : index < offered + lapsed ? "lapsed" : "withdrawn"
                    let (person, seat) = (try await scene.member().id, index < offered ? old : nil)
                    _ = try await scene.database.query(
                        """
                        insert into enrolment (
                            member_id, term_id, course_id, state, class_id, wishes, queue_number, first_place, request_id, answer,
                            enrolled_by, enrolled_at, changed_at)
                        values (
                            \(person), \(term), \(course), \(state), \(seat), \([old]), 1, \(place), \(UUID()), 'waitlisted', 'test',
                            now(), now())
                        """)
                }
            }
            try await waited(course, past, place: 2, offered: 5, lapsed: 4, withdrawn: 1)
            #expect(try await odds() == nil, "nine tell nothing")
            try await waited(try await scene.course("国画"), past, place: 3, offered: 0, lapsed: 2, withdrawn: 0)
            // Another category, another band, and this very term are something else.
            try await waited(try await scene.course("舞蹈", category: "health"), past, place: 2, offered: 20, lapsed: 0, withdrawn: 0)
            try await waited(course, past, place: 4, offered: 20, lapsed: 0, withdrawn: 0)
            try await waited(course, scene.term, place: 1, offered: 20, lapsed: 0, withdrawn: 0)
            #expect(try await odds() == EnrolmentOdds(fromPlace: 1, toPlace: 3, waited: 11, offered: 5))
            let told = try await why(scene, members[2], course: id, days: 2)
            #expect(told.lines.last?.text == "往期同类课程候补第 1–3 位的 11 人中，5 人获得名额")
        }
    }
}
