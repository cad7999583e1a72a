import Crypto
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Checkups

/// After the van: that a report is ready, what is to follow, and never what it says.
@Suite struct ReportTests {
    private func report(_ lines: String, _ campaign: CheckupScene.Campaign, _ moment: CheckupScene.Moment) async -> TestResponse {
        await moment.send(.post, "/v1/checkups/campaigns/\(campaign.id)/reports", #"{"lines":[\#(lines)]}"#)
    }

    private func attended(_ scene: CheckupScene, _ member: ID<Member>) async throws -> CheckupScene.Campaign {
        let campaign = try await scene.published()
        try await scene.give(1, of: campaign, to: member)
        try #require(try await scene.show(member, at: campaign.visit, scene.at("08:00")).outcome == .checkedIn)
        return campaign
    }

    private func own(_ member: ID<Member>, _ scene: CheckupScene, _ moment: CheckupScene.Moment) async throws -> OwnCheckup {
        let answer = await moment.send(.get, "/v1/me/checkups", by: try await scene.token(of: member))
        return try #require(try answer.json(OwnCheckupList.self).items.first)
    }

    @Test func `a report is ready, something is to follow until a day, it is done: the member sees each`() async throws {
        try await withCheckups { scene in
            let member = try await scene.members(1)[0]
            let campaign = try await attended(scene, member)
            let moment = scene.at("12:00", day: 5)
            #expect(try await own(member, scene, moment).report == nil)
            let ready = await report(#"{"memberId":\#(member),"state":"ready"}"#, campaign, moment)
            #expect(try ready.json(ReportAnswer.self).recorded == 1)
            #expect(try await own(member, scene, moment).report?.followUp == nil)
            let needed = #"{"memberId":\#(member),"state":"follow_up_needed","followUp":"repeat_test","until":"\#(scene.date(30))"}"#
            #expect(try await report(needed, campaign, moment).json(ReportAnswer.self).recorded == 1)
            #expect(try await report(needed, campaign, moment).json(ReportAnswer.self).lines.map(\.outcome) == ["unchanged"])
            let seen = try await own(member, scene, moment)
            #expect(seen.report?.followUp == .repeatTest && seen.report?.followUpUntil == scene.date(30) && seen.report?.doneAt == nil)
            #expect(seen.report?.followUpText == "Please have a test repeated" && seen.cameAt != nil)
            let path = "/v1/me/checkups/campaigns/\(campaign.id)/follow-up-done"
            let token = try await scene.token(of: member)
            #expect(await moment.send(.post, path, by: token).status == 200)
            #expect(try await own(member, scene, moment).report?.doneAt != nil)
            #expect(await moment.send(.post, path, by: token).problemCode == "checkup.nothing_to_follow")
            #expect(
                try await report(#"{"memberId":\#(member),"state":"follow_up_done"}"#, campaign, moment).json(ReportAnswer.self).lines.map(
                    \.outcome) == ["unchanged"])
        }
    }

    @Test func `free text has no way in: neither a field, nor a code of one's own, nor a column`() async throws {
        try await withCheckups { scene in
            let member = try await scene.members(1)[0]
            let campaign = try await attended(scene, member)
            let head = #"{"memberId":\#(member),"state":"follow_up_needed","until":"\#(scene.date(30))","#
            for line in [
                head + #""followUp":"血糖偏高"}"#, head + #""followUp":"see_doctor","finding":"血糖偏高"}"#,
                head + #""followUp":"see_doctor","note":"血糖偏高"}"#, head + #""followUp":"see_doctor","until":"血糖偏高"}"#,
            ] {
                let answer = await report(line, campaign, scene.today)
                #expect([400, 422].contains(answer.status) && !answer.text.contains("血糖"), "\(line)")
            }
            let columns: [String] = try await scene.database.query(
                """
                select column_name::text
                from information_schema.columns
                where table_name = 'checkup_report' and data_type in ('text', 'jsonb', 'bytea')
                order by 1
                """
            ).map { try $0.decode(0) }
            #expect(columns == ["done_by", "follow_up", "follow_up_by", "ready_by"], "texts: subjects, and a code that a check names")
            let refused = try await scene.database.query(
                "select conname from pg_constraint where conname = 'checkup_report_follow_up_is_known'")
            #expect(refused.count == 1)
        }
    }

    @Test func `what is to follow is told whole, of those who came`() async throws {
        try await withCheckups { scene in
            let members = try await scene.members(2)
            let campaign = try await attended(scene, members[0])
            for line in [
                #"{"memberId":\#(members[0]),"state":"follow_up_needed","followUp":"see_doctor"}"#,
                #"{"memberId":\#(members[0]),"state":"follow_up_needed","until":"2027-01-01"}"#,
                #"{"memberId":\#(members[0]),"state":"ready","followUp":"see_doctor","until":"2027-01-01"}"#,
            ] {
                #expect(await report(line, campaign, scene.today).reasonCodes == ["checkup.follow_up_incomplete"])
            }
            let lines =
                #"{"memberId":\#(members[1]),"state":"ready"},{"memberId":\#(members[0]),"state":"follow_up_done"},"#
                + #"{"memberId":9999,"state":"ready"},{"memberId":\#(members[0]),"state":"ready"}"#
            let answer = try await report(lines, campaign, scene.today).json(ReportAnswer.self)
            #expect(answer.lines.map(\.outcome) == ["not_attended", "nothing_to_follow", "not_attended", "recorded"])
        }
    }

    private func remind(_ moment: CheckupScene.Moment) async throws {
        let job = try #require(moment.checkups.jobs.first { $0.name == "checkups.reminders" })
        try await job.run()
    }

    private func kinds(_ scene: CheckupScene) async throws -> [String] {
        try await scene.database.query("select kind || ' ' || due_on from checkup_message order by requested_at, kind").map {
            try $0.decode(0)
        }
    }

    @Test func `people are reminded once: the day before, when a report is ready, when something is to follow, before its deadline`()
        async throws
    {
        try await withCheckups { scene in
            let person = try await scene.person("夏侯惇惇", phone: "13812345678")
            let campaign = try await scene.published()
            try await scene.give(1, of: campaign, to: person)
            try await remind(scene.at("12:00", day: -2))
            #expect(try await kinds(scene).isEmpty)
            for hour in ["09:00", "18:00"] { try await remind(scene.at(hour, day: -1)) }
            #expect(try await kinds(scene) == ["appointment \(scene.date())"])
            _ = try await scene.show(person, at: campaign.visit, scene.at("08:00"))
            _ = await report(#"{"memberId":\#(person),"state":"ready"}"#, campaign, scene.at("12:00", day: 5))
            for hour in ["12:01", "13:00"] { try await remind(scene.at(hour, day: 5)) }
            #expect(try await kinds(scene).last == "report_ready \(scene.date(5))")
            let needed = #"{"memberId":\#(person),"state":"follow_up_needed","followUp":"see_doctor","until":"\#(scene.date(20))"}"#
            _ = await report(needed, campaign, scene.at("12:00", day: 6))
            for day in [6, 7, 17, 18] { try await remind(scene.at("12:30", day: day)) }
            #expect(
                try await kinds(scene) == [
                    "appointment \(scene.date())", "report_ready \(scene.date(5))", "follow_up \(scene.date(6))",
                    "follow_up_due \(scene.date(20))",
                ])
            let told = try await scene.database.query(
                "select count(*), count(data_sealed) from outbox_event where type = 'message.requested'")
            #expect(try told[0].decode(0, as: Int.self) == 4 && told[0].decode(1, as: Int.self) == 4, "each is sealed")
            let kept = try await scene.database.query(
                """
                select kind
                from member_message
                where member_id = \(person) and subject = \("program:\(campaign.id)") and kind like 'checkup%'
                order by message_id
                """)
            #expect(
                try kept.map { try $0.decode(0, as: String.self) } == [
                    "checkup_appointment", "checkup_report_ready", "checkup_follow_up", "checkup_follow_up_due",
                ])
            _ = await report(#"{"memberId":\#(person),"state":"follow_up_done"}"#, campaign, scene.at("12:00", day: 18))
            try await remind(scene.at("12:30", day: 19))
            #expect(try await kinds(scene).count == 4)
        }
    }

    @Test func `two servers that remind at once tell each thing once`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 20)
            for member in try await scene.members(20) { try await scene.give(1, of: campaign, to: member) }
            let moment = scene.at("09:00", day: -1)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 { group.addTask { try await remind(moment) } }
                try await group.waitForAll()
            }
            #expect(try await scene.value("select count(*) from outbox_event where type = 'checkup.appointment'", as: Int.self) == 20)
        }
    }

    @Test func `no message says more than what to do, when and where`() throws {
        for kind in ReportStore.Reminder.Kind.allCases {
            for followUp in FollowUpCode.allCases {
                let reminder = ReportStore.Reminder(
                    kind: kind, memberID: ID(7), programID: ID(8), organizationID: ID(9),
                    dueOn: try #require(CalendarDate(text: "2026-05-11")), site: "科技园", time: "08:00", followUp: followUp)
                let notice = reminder.notice
                #expect(notice.kind == "checkup_\(kind.rawValue)" && notice.subject == "program:8")
                let text = notice.text.zh + notice.text.en + notice.parameters.description
                #expect(!text.contains("异常") && !text.contains("诊断") && !text.contains("diagnos"))
            }
        }
    }
}
