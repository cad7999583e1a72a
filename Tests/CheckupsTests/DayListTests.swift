import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Checkups

/// A day on paper, when the network is gone.
@Suite struct DayListTests {
    @Test func `the list prints by itself: masked, session by session, a box for each, lines for walk-ins, no script`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 4, walkInPercent: 25)
            let person = try await scene.person("夏侯惇惇")
            try await scene.give(1, of: campaign, to: person)
            try await scene.give(2, of: campaign, to: scene.members(1)[0])
            let path = "/v1/checkups/visits/\(campaign.visit)/days/\(scene.date())/list"
            let page = await scene.at("07:00").send(.get, path, by: scene.van)
            #expect(page.status == 200 && page.header("Content-Type") == "text/html; charset=utf-8")
            for part in ["08:00 第 1 场", "08:30 第 2 场", "夏*", "5678", "☐", "候补", "\(person)"] {
                #expect(page.text.contains(part), "\(part)")
            }
            for secret in ["夏侯惇惇", "13812345678", "11010519491231002X", "<script", "src=", "http"] {
                #expect(!page.text.contains(secret), "\(secret)")
            }
            #expect(page.header("Content-Security-Policy")?.contains("default-src 'none'") == true)
            let file = await scene.at("07:00").send(.get, path, by: scene.van, headers: [("Accept", "text/csv")])
            #expect(file.header("Content-Type") == "text/csv; charset=utf-8" && file.text.hasPrefix("\u{FEFF}场次,"))
            #expect(file.text.split(separator: "\r\n").count == 3 && !file.text.contains("夏侯惇惇"))
            let empty = await scene.today.send(.get, "/v1/checkups/visits/\(campaign.visit)/days/\(scene.date(9))/list")
            #expect(empty.text.contains("当天没有场次"))
        }
    }

    @Test func `names that would be markup or a formula are text`() {
        let session = VanSession(
            number: 1, title: "x", startsAt: "2026-05-11T00:00:00Z", endsAt: "2026-05-11T00:30:00Z", capacity: 1, walkIn: 0, taken: 1)
        let line = DayList.Line(memberID: ID(1), maskedName: "<b>*", lastDigits: "=1+1", state: .confirmed, isWalkIn: false)
        let list = DayList(
            site: "<i>", address: "\"&", title: "T", day: "2026-05-11",
            sessions: [.init(session: session, startsAt: "08:00", lines: [line])])
        #expect(
            list.html.contains("&lt;b&gt;*") && list.html.contains("&lt;i&gt;") && !list.html.contains("<b>") && !list.html.contains("<i>"))
        #expect(list.csv.contains("'=1+1"))
    }

    private func enter(
        _ lines: String, _ campaign: CheckupScene.Campaign, day number: Int = 0, at moment: CheckupScene.Moment, _ scene: CheckupScene,
        key: String? = nil
    ) async throws -> AttendanceAnswer {
        let answer = await moment.send(
            .post, "/v1/checkups/visits/\(campaign.visit)/days/\(scene.date(number))/attendance", #"{"lines":[\#(lines)]}"#,
            headers: key.map { [("Idempotency-Key", $0)] } ?? [])
        try #require(answer.status == 200, "\(answer.text)")
        return try answer.json(AttendanceAnswer.self)
    }

    @Test func `what was ticked on paper is entered later with its true times, and again it changes nothing`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 3)
            let members = try await scene.members(4)
            for member in members[..<3] { try await scene.give(1, of: campaign, to: member) }
            let came = scene.instant("08:12").description
            let lines =
                #"{"memberId":\#(members[0]),"session":1,"state":"attended","occurredAt":"\#(came)"},"#
                + #"{"memberId":\#(members[3]),"session":1,"state":"walk_in","occurredAt":"\#(came)"},"#
                + #"{"memberId":\#(members[1]),"session":1,"state":"no_show"}"#
            let evening = scene.at("20:00")
            let first = try await enter(lines, campaign, at: evening, scene)
            #expect(first.recorded == 3 && first.conflicts == 0, "the walk-in has the place of who did not come: \(first.lines)")
            let second = try await enter(lines, campaign, at: scene.at("21:00"), scene)
            #expect(second.recorded == 0 && second.unchanged == 3)
            let rows = try await scene.database.query(
                """
                select member_id, came, is_walk_in, occurred_at, recorded_at > occurred_at, recorded_by, source
                from checkup_attendance
                order by member_id
                """)
            #expect(rows.count == 3)
            #expect(try rows[0].decode(3, as: Timestamp.self).description == came)
            #expect(try rows[0].decode(4, as: Bool.self) && rows[0].decode(5, as: String.self) == "account:1")
            #expect(try rows.map { try $0.decode(1, as: Bool.self) } == [true, false, true])
            #expect(try rows.map { try $0.decode(2, as: Bool.self) } == [false, false, true])
            #expect(try await scene.state(of: members[3], in: campaign) == "attended")
            #expect(try await scene.state(of: members[2], in: campaign) == "confirmed", "a line not entered is not guessed")
            #expect(try await scene.outOfBalance() == 0)
            let audited = try await scene.database.query(
                "select details::text from audit_entry where action = 'checkup_visit.list_entered'")
            #expect(audited.count == 1)
        }
    }

    @Test func `a line that contradicts what is known is told with its reason, and the others are entered`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 2, days: 2, family: "checkup")
            let members = try await scene.members(7)
            for (member, number) in zip(members, [1, 1, 2, 4] as [Int32]) { try await scene.give(number, of: campaign, to: member) }
            _ = try await scene.show(members[0], at: campaign.visit, scene.at("08:00"))
            let when = scene.instant("08:10").description
            func line(_ member: ID<Member>, _ state: String, session: Int32? = nil, at time: String? = nil) -> String {
                #"{"memberId":\#(member),"state":"\#(state)""# + (session.map { #","session":\#($0)"# } ?? "")
                    + (state == "no_show" ? "" : #","occurredAt":"\#(time ?? when)""#) + "}"
            }
            let other = try await scene.published(family: "checkup")
            try await scene.give(1, of: other, to: members[5])
            let lines = [
                line(members[0], "no_show"), line(members[1], "attended", session: 2), line(members[2], "attended"),
                line(members[2], "attended"), line(members[3], "attended"), line(members[4], "attended"), line(ID(9_999), "attended"),
                line(members[4], "walk_in", session: 99), line(members[5], "walk_in", session: 3),
                line(members[6], "walk_in", session: 3, at: scene.instant("08:10", day: 1).description),
            ]
            let answer = try await enter(lines.joined(separator: ","), campaign, at: scene.at("20:00", day: 1), scene)
            let codes = answer.lines.map { $0.reason?.code ?? $0.outcome }
            #expect(
                codes == [
                    "checkup.already_checked_in", "checkup.other_session", "recorded", "checkup.entered_twice", "checkup.other_day",
                    "checkup.no_place", "checkup.member_unknown", "checkup.entered_twice", "checkup.benefit_taken", "checkup.other_day",
                ])
            #expect(try await scene.state(of: members[2], in: campaign) == "attended")
            let future = try await enter(line(members[1], "attended"), campaign, day: 1, at: scene.at("09:00"), scene)
            #expect(future.lines.map { $0.reason?.code } == ["checkup.occurred_in_future"])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `when three days after a session nobody ever said who came, those with a place did not; a list may still correct it`()
        async throws
    {
        try await withCheckups { scene in
            let campaign = try await scene.published(to: "08:30")
            let members = try await scene.members(2)
            for member in members { try await scene.give(1, of: campaign, to: member) }
            func job(_ moment: CheckupScene.Moment) throws -> Job {
                try #require(moment.checkups.jobs.first { $0.name == "checkups.close_days" })
            }
            _ = try await job(scene.at("08:00", day: 3)).run()
            #expect(try await scene.state(of: members[0], in: campaign) == "confirmed")
            _ = try await job(scene.at("08:31", day: 3)).run()
            for member in members { #expect(try await scene.state(of: member, in: campaign) == "no_show") }
            let line = #"{"memberId":\#(members[0]),"state":"attended","occurredAt":"\#(scene.instant("08:05").description)"}"#
            #expect(try await enter(line, campaign, at: scene.at("09:00", day: 4), scene).recorded == 1)
            #expect(try await scene.state(of: members[0], in: campaign) == "attended")
            let rows = try await scene.database.query("select came, source from checkup_attendance where member_id = \(members[0])")
            #expect(try rows[0].decode(0, as: Bool.self) && rows[0].decode(1, as: String.self) == "list")
        }
    }

    @Test func `a walk-in whom the rules or the visit do not admit was examined: recorded, with what was against it`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 5, rules: ProgramRules(eligibility: [.sex([.female])]))
            _ = try await scene.database.query(
                "update checkup_visit set audience_organization_id = \(scene.park) where visit_id = \(campaign.visit)")
            let people =
                try await scene.members(1) + scene.members(1, sex: "male") + scene.members(1, in: scene.town, sex: "male")
                + scene.members(1)
            try await scene.give(2, of: campaign, to: people[3])
            let lines = people.map {
                #"{"memberId":\#($0),"session":1,"state":"walk_in","occurredAt":"\#(scene.instant("08:12"))"}"#
            }.joined(separator: ",")
            let first = try await enter(lines, campaign, at: scene.at("20:00"), scene)
            #expect(first.recorded == 3 && first.againstRules == 2 && first.conflicts == 1)
            let against = [[], ["checkup.not_eligible"], ["checkup.not_for_you", "checkup.not_eligible"], []]
            #expect(first.lines.map { $0.against.map(\.code) } == against)
            #expect(first.lines.map(\.reason?.code) == [nil, nil, nil, "checkup.has_place"])
            let again = try await enter(lines, campaign, at: scene.at("21:00"), scene)
            #expect(again.unchanged == 3 && again.againstRules == 0 && again.lines.map { $0.against.map(\.code) } == against)
            for member in people[..<3] { #expect(try await scene.state(of: member, in: campaign) == "attended") }
            let kept = try await scene.database.query("select against from checkup_attendance order by member_id")
            #expect(try kept.map { try $0.decode(0, as: [String].self) } == Array(against.prefix(3)))
            let audited: String = try await scene.value(
                "select details::text from audit_entry where action = 'checkup_visit.list_entered'")
            #expect(audited.contains("againstRules"))
        }
    }

    @Test func `whoever is given another time while the days are closed keeps it`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(to: "08:30", days: 7)
            let member = try await scene.members(1)[0]
            try await scene.give(1, of: campaign, to: member)
            let days = scene.at("09:00", day: 4).checkups.days
            let closed = try await scene.database.inTransaction { transaction in
                _ = try await transaction.query("select from program where program_id = \(campaign.id) for no key update")
                let closed = Task { try await days.closeDays(limit: 200) }
                let waits: SQL = "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
                while try await scene.database.query(waits).isEmpty { try await Task.sleep(for: .milliseconds(5)) }
                _ = try await transaction.query(
                    """
                    select from programs_move(
                        \([member]), \([campaign.id]), \([String?.none]), \([campaign.number(6)]), \(["ill"]), \(["account:1"]), 0)
                    """)
                return closed
            }
            #expect(try await closed.value == 0)
            #expect(try await scene.state(of: member, in: campaign) == "confirmed")
            #expect(try await scene.value("select count(*) from checkup_attendance", as: Int.self) == 0)
        }
    }
}
