import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// How a campaign went.
@Suite struct FigureTests {
    private static let rules = ProgramRules(
        classes: [.init(name: "无单位体检", conditions: []), .init(name: "=苦脏累险", conditions: [])],
        groups: [.init(name: "新就业形态", conditions: []), .init(name: "女职工", conditions: [])], floors: [.init(group: "新就业形态", size: 2)])

    /// Six who applied, of whom five have places and one waits, and one who just came.
    private func campaign(_ scene: CheckupScene) async throws -> CheckupScene.Campaign {
        let campaign = try await scene.published(capacity: 3, to: "09:00", rules: Self.rules)
        let members = try await scene.members(4) + scene.members(3, in: scene.town)
        for (index, member) in members.dropLast().enumerated() {
            _ = try await scene.database.query(
                """
                insert into program_application (
                    member_id, program_id, ticket, wishes, organization_id, priority, groups, applied_by, applied_at, changed_at)
                select member_id, \(campaign.id), member_id, \(index < 3 ? [Int32(1), 2] : [Int32(2)]), organization_id,
                    \(Int32(index % 3 + 1)), \(Int16(index % 2 == 0 ? 1 : 2)), 'member:' || member_id, now(), now()
                from member
                where member_id = \(member)
                """)
        }
        for (index, member) in members[..<5].enumerated() {
            try await scene.give(index < 3 ? 1 : 2, of: campaign, to: member, state: index == 4 ? "placed" : "confirmed")
        }
        let moment = scene.at("08:01")
        _ = try await scene.show(members[0], at: campaign.visit, moment)
        _ = try await scene.show(members[1], at: campaign.visit, moment)
        _ = try await scene.database.query(
            "select from programs_move(\([members[2]]), \([campaign.id]), \(["no_show"]), \([Int32?.none]), \(["t"]), \(["a"]), 0)")
        try await scene.give(1, of: campaign, to: members[6], source: "walk_in")
        _ = try await scene.show(members[6], at: campaign.visit, moment)
        return campaign
    }

    private func report(_ campaign: CheckupScene.Campaign, by what: String, _ scene: CheckupScene) async throws -> CheckupReport {
        let answer = await scene.today.send(.get, "/v1/checkups/campaigns/\(campaign.id)/figures?by=\(what)")
        return try answer.json(CheckupReport.self)
    }

    private static func counts(_ figures: CheckupFigures) -> [Int64] {
        [figures.applied, figures.placed, figures.confirmed, figures.attended, figures.noShow]
    }

    @Test func `applied, placed, confirmed, attended, missing: per class, floor, organization and session`() async throws {
        try await withCheckups { scene in
            let campaign = try await campaign(scene)
            let classes = try await report(campaign, by: "class", scene)
            #expect(Self.counts(classes.total) == [6, 6, 5, 3, 1])
            #expect(classes.items.map(\.key) == ["1", "2", "3", "walk_in"])
            #expect(classes.items.map(\.name) == ["无单位体检", "=苦脏累险", "其他", "现场候补"])
            #expect(classes.items.map(Self.counts) == [[2, 2, 2, 1, 0], [2, 2, 1, 1, 0], [2, 1, 1, 0, 1], [0, 1, 1, 1, 0]])
            let floors = try await report(campaign, by: "floor", scene)
            #expect(floors.items.map(\.name) == ["新就业形态", "其他"], "a group without a floor is none")
            #expect(floors.items.map(Self.counts) == [[3, 3, 2, 1, 1], [3, 3, 3, 2, 0]])
            let organizations = try await report(campaign, by: "organization", scene)
            #expect(organizations.items.map(\.name) == ["科技园", "西镇"])
            #expect(organizations.items.map(Self.counts) == [[4, 4, 4, 2, 1], [2, 2, 1, 1, 0]])
            let sessions = try await report(campaign, by: "session", scene)
            #expect(sessions.items.map(\.key) == ["1", "2"])
            #expect(sessions.items.map(Self.counts) == [[3, 4, 4, 3, 1], [6, 2, 1, 0, 0]])
        }
    }

    @Test func `as CSV with a byte order mark, no cell is run as a formula, and nobody is named`() async throws {
        try await withCheckups { scene in
            let campaign = try await campaign(scene)
            let file = await scene.today.send(
                .get, "/v1/checkups/campaigns/\(campaign.id)/figures?by=class", headers: [("Accept", "text/csv")])
            #expect(file.header("Content-Type") == "text/csv; charset=utf-8")
            #expect(file.text.hasPrefix("\u{FEFF}编号,名称,报名,获得名额,确认,到检,未到\r\n"))
            #expect(file.text.contains("\r\n2,'=苦脏累险,2,2,1,1,0\r\n") && file.text.hasSuffix(",合计,6,6,5,3,1\r\n"))
        }
    }
}
