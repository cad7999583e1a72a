import HTTP
import Postgres
import Programs
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import Checkups

/// Who somebody is stands sealed in the register and in messages, and nowhere else.
@Suite struct PrivacyTests {
    private static let canaries = ["夏侯惇惇", "13812345678", "11010519491231002X"]

    /// A person all of whose way through checkups leaves rows.
    private func walk(_ scene: CheckupScene) async throws -> (campaign: CheckupScene.Campaign, person: ID<Member>) {
        let campaign = try await scene.published(family: "checkup")
        let person = try await scene.person(Self.canaries[0], nationalID: Self.canaries[2], phone: Self.canaries[1])
        let moment = scene.at("08:01")
        _ = try await scene.show(person, at: campaign.visit, moment, to: "walk-ins")
        _ = try await scene.callNext(campaign.visit, moment)
        _ = try await scene.show(person, at: campaign.visit, moment)
        let needed = #"{"memberId":\#(person),"state":"follow_up_needed","followUp":"see_doctor","until":"\#(scene.date(20))"}"#
        _ = await moment.send(.post, "/v1/checkups/campaigns/\(campaign.id)/reports", #"{"lines":[\#(needed)]}"#)
        try await #require(scene.at("09:00").checkups.jobs.first { $0.name == "checkups.reminders" }).run()
        return (campaign, person)
    }

    @Test func `no event, figure, audit entry or row of the feature repeats a name or a phone`() async throws {
        try await withCheckups { scene in
            let (campaign, _) = try await walk(scene)
            var texts: [String] = []
            let tables: [String] = try await scene.database.query(
                """
                select table_name::text
                from information_schema.tables
                where table_schema = 'public' and (table_name like 'checkup%' or table_name like 'program%'
                    or table_name in ('outbox_event', 'audit_entry', 'benefit', 'idempotency_key'))
                """
            ).map { try $0.decode(0) }
            #expect(tables.count > 15)
            for table in tables {
                texts += try await scene.database.query(SQL(raw: "select row_to_json(kept)::text from \(table) kept")).map {
                    try $0.decode(0)
                }
            }
            #expect(texts.count > 15)
            for by in ["class", "floor", "organization", "session"] {
                texts.append(await scene.today.send(.get, "/v1/checkups/campaigns/\(campaign.id)/figures?by=\(by)").text)
            }
            texts.append(await scene.today.send(.get, "/v1/checkups/visits/\(campaign.visit)/days/\(scene.date())/list").text)
            for text in texts {
                for canary in Self.canaries { #expect(!text.contains(canary), "\(text)") }
            }
        }
    }

    @Test func `a person takes along what checkups know, and once erased nothing of the follow-up stays`() async throws {
        try await withCheckups { scene in
            let (_, person) = try await walk(scene)
            let token = try await scene.token(of: person)
            let own = await scene.today.send(.get, "/v1/me/data", by: token)
            for word in ["\"checkups\"", "see_doctor", "科技园", "check_in", "walk_in", "attended"] {
                #expect(own.text.contains(word), "\(word)")
            }
            #expect(await scene.today.send(.post, "/v1/me/erasure", #"{"confirm":"erase"}"#, by: token).status == 200)
            for table in ["checkup_report", "checkup_message"] {
                #expect(try await scene.value(SQL(raw: "select count(*) from \(table)"), as: Int.self) == 0, "\(table)")
            }
            #expect(try await scene.value("select count(*) from checkup_attendance where came", as: Int.self) == 1, "figures stay")
        }
    }
}
