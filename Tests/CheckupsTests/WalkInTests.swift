import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// Who comes to the van without a place.
@Suite struct WalkInTests {
    /// One floor's group: women; a second group without a floor.
    private static let rules = ProgramRules(
        groups: [
            .init(name: "女职工", conditions: [.sex([.female])]),
            .init(name: "快递员", conditions: [.attribute(.workerKind, oneOf: ["courier"], evidence: .selfDeclared)]),
        ], floors: [.init(group: "女职工", size: 1)])

    private func apply(_ member: ID<Member>, to campaign: CheckupScene.Campaign, groups: Int16, in scene: CheckupScene) async throws {
        _ = try await scene.database.query(
            """
            insert into program_application (
                member_id, program_id, ticket, wishes, organization_id, priority, groups, applied_by, applied_at, changed_at)
            select member_id, \(campaign.id), member_id, '{1}', organization_id, 1, \(groups), 'member:' || member_id, now(), now()
            from member
            where member_id = \(member)
            """)
    }

    @Test func `a walk-in waits, is called into the share kept for it and checks in by the code`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 4, walkInPercent: 25, to: "08:30")
            let members = try await scene.members(6)
            for member in members[..<3] { try await scene.give(1, of: campaign, to: member) }
            #expect(try await scene.give(1, of: campaign, to: members[3]) == "session_full", "a tick has no seat of the share")
            let moment = scene.at("07:50")
            #expect(try await scene.show(members[3], at: campaign.visit, moment).reasons.map(\.code) == ["checkup.no_place"])
            let first = try await scene.show(members[3], at: campaign.visit, moment, to: "walk-ins")
            let second = try await scene.show(members[4], at: campaign.visit, moment, to: "walk-ins")
            #expect(first.outcome == .waiting && first.ahead == 0 && second.ahead == 1)
            let called = try await scene.callNext(campaign.visit, moment, count: 5)
            #expect(called.items.map(\.member.memberId) == [members[3]] && called.waiting == 1)
            #expect(called.items.allSatisfy { !$0.isOfMissing })
            #expect(try await scene.show(members[3], at: campaign.visit, moment).outcome == .checkedIn)
            let rows = try await scene.database.query("select is_walk_in from checkup_attendance where member_id = \(members[3])")
            #expect(try rows[0].decode(0, as: Bool.self))
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `a walk-in in the share leaves the other seats to the waitlist`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 4, walkInPercent: 25, to: "08:30")
            let members = try await scene.members(6)
            for member in members[..<3] { try await scene.give(1, of: campaign, to: member) }
            let moment = scene.at("07:50")
            for member in members[3...4] { _ = try await scene.show(member, at: campaign.visit, moment, to: "walk-ins") }
            #expect(try await scene.callNext(campaign.visit, moment, count: 2).items.map(\.member.memberId) == [members[3]])
            _ = try await scene.database.query(
                "select from programs_move(\([members[0]]), \([campaign.id]), \(["withdrawn"]), \([Int32?.none]), \(["t"]), \(["a"]), 0)")
            let own = OwnCheckupStore(scene.database, clock: scene.today.clock)
            let left = try await own.sessions(of: campaign.visit).map(\.left)
            #expect(left == [1])
            #expect(try await scene.callNext(campaign.visit, moment).items.isEmpty, "the walk-ins' share is taken")
            #expect(try await scene.give(1, of: campaign, to: members[5]) == "held")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `who did not come by the grace gives way: to who belongs to the same floor's group first, then to who came first`()
        async throws
    {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 2, to: "08:30", rules: Self.rules)
            let placed = try await scene.members(2)
            // The first of them counts for the floor.
            try await apply(placed[0], to: campaign, groups: 0b11, in: scene)
            try await apply(placed[1], to: campaign, groups: 0b10, in: scene)
            for member in placed { try await scene.give(1, of: campaign, to: member) }
            let men = try await scene.members(2, kind: "food_rider", sex: "male")
            let woman = try await scene.members(1, kind: "food_rider", sex: "female")[0]
            let early = scene.at("08:10")
            for member in men + [woman] {
                #expect(try await scene.show(member, at: campaign.visit, early, to: "walk-ins").outcome == .waiting)
            }
            #expect(try await scene.callNext(campaign.visit, early, count: 3).items.isEmpty, "the grace is not over")
            let moment = scene.at("08:16")
            let first = try await scene.callNext(campaign.visit, moment)
            #expect(first.items.map(\.member.memberId) == [woman], "hers is the floor's place, though she came last")
            #expect(first.items.map(\.isOfMissing) == [true])
            let second = try await scene.callNext(campaign.visit, moment)
            #expect(second.items.map(\.member.memberId) == [men[0]])
            #expect(try await scene.callNext(campaign.visit, moment).items.isEmpty)
            for member in placed { #expect(try await scene.state(of: member, in: campaign) == "no_show") }
            #expect(try await scene.value("select count(*) from checkup_attendance where not came and source = 'call'", as: Int.self) == 2)
            let late = try await scene.show(placed[0], at: campaign.visit, moment)
            #expect(late.reasons.map(\.code) == ["checkup.place_given_away"])
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `who was noted as missing and comes while the place is free has it again`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 1, to: "08:30")
            let member = try await scene.members(1)[0]
            try await scene.give(1, of: campaign, to: member)
            _ = try await scene.database.query(
                "select from programs_move(\([member]), \([campaign.id]), \(["no_show"]), \([Int32?.none]), \(["test"]), \(["a"]), 0)")
            #expect(try await scene.show(member, at: campaign.visit, scene.at("08:20")).outcome == .checkedIn)
            #expect(try await scene.state(of: member, in: campaign) == "attended")
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `the same call again calls nobody more`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 3, to: "08:30")
            let moment = scene.at("08:01")
            for member in try await scene.members(3) { _ = try await scene.show(member, at: campaign.visit, moment, to: "walk-ins") }
            let id = CheckupScene.requestID()
            let first = try await scene.callNext(campaign.visit, moment, id: id)
            let again = try await scene.callNext(campaign.visit, moment, id: id)
            #expect(first.items.map(\.member.memberId) == again.items.map(\.member.memberId) && first.items.count == 1)
            #expect(try await scene.value("select count(*) from program_award", as: Int.self) == 1)
        }
    }

    @Test func `places that nobody has before a session begins are the waitlist's; once it has begun whoever waits may have them`()
        async throws
    {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 2, to: "08:30")
            let before = scene.at("07:55")
            _ = try await scene.show(scene.members(1)[0], at: campaign.visit, before, to: "walk-ins")
            #expect(try await scene.callNext(campaign.visit, before).items.isEmpty)
            #expect(try await scene.callNext(campaign.visit, scene.at("08:01")).items.count == 1)
        }
    }

    @Test func `members only, whom the rules admit, once a period: everybody else learns why not`() async throws {
        try await withCheckups { scene in
            let rules = ProgramRules(eligibility: [.sex([.female])])
            let campaign = try await scene.published(to: "08:30", rules: rules, family: "checkup")
            let other = try await scene.published(to: "08:30", family: "checkup")
            let moment = scene.at("08:00")
            let members = try await scene.members(4)
            let man = try await scene.members(1, sex: "male")[0]
            func reasons(_ member: ID<Member>) async throws -> [String] {
                try await scene.show(member, at: campaign.visit, moment, to: "walk-ins").reasons.map(\.code)
            }
            #expect(try await reasons(man) == ["checkup.not_eligible"])
            #expect(try await reasons(ID(99_999)) == ["checkup.member_unknown"])
            _ = try await scene.database.query("update member set status = 'provisional' where member_id = \(members[0])")
            #expect(try await reasons(members[0]) == ["checkup.member_not_active"])
            try await scene.give(1, of: other, to: members[1])
            #expect(try await reasons(members[1]) == ["checkup.benefit_taken"])
            try await scene.give(1, of: campaign, to: members[2])
            #expect(try await reasons(members[2]) == ["checkup.has_place"])
            let tomorrow = scene.at("08:00", day: 1)
            #expect(
                try await scene.show(members[3], at: campaign.visit, tomorrow, to: "walk-ins").reasons.map(\.code) == ["checkup.not_today"])
            #expect(try await scene.value("select count(*) from checkup_walk_in", as: Int.self) == 0)
        }
    }

    @Test func `who has the benefit under a number that was merged into theirs neither waits nor costs anybody the place`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 1, to: "08:30", family: "checkup")
            let other = try await scene.published(to: "08:30", family: "checkup")
            let members = try await scene.members(4)
            try await scene.give(1, of: campaign, to: members[0])
            try await scene.give(1, of: other, to: members[1])
            let moment = scene.at("08:20")
            #expect(try await scene.show(members[2], at: campaign.visit, moment, to: "walk-ins").outcome == .waiting)
            _ = try await scene.database.query(
                "update member set status = 'left', merged_into = \(members[2]) where member_id = \(members[1])")
            #expect(try await scene.callNext(campaign.visit, moment).items.isEmpty)
            #expect(try await scene.state(of: members[0], in: campaign) == "confirmed", "nobody could have the place instead")
            let again = try await scene.show(members[2], at: campaign.visit, moment, to: "walk-ins")
            #expect(again.reasons.map(\.code) == ["checkup.benefit_taken"])
        }
    }

    @Test func `who got the benefit elsewhere while waiting is passed over, and costs nobody the place`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 1, to: "08:30", family: "checkup")
            let other = try await scene.published(to: "08:30", family: "checkup")
            let members = try await scene.members(2)
            let moment = scene.at("08:01")
            for member in members { _ = try await scene.show(member, at: campaign.visit, moment, to: "walk-ins") }
            try await scene.give(1, of: other, to: members[0])
            let called = try await scene.callNext(campaign.visit, moment)
            #expect(called.items.map(\.member.memberId) == [members[1]])
            #expect(try await scene.value("select count(*) from checkup_walk_in where state = 'gone'", as: Int.self) == 1)
        }
    }

    @Test func `many callers at once give the last places once each`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 5, to: "08:30")
            let moment = scene.at("08:01")
            let members = try await scene.members(12)
            for member in members { _ = try await scene.show(member, at: campaign.visit, moment, to: "walk-ins") }
            let called = try await withThrowingTaskGroup(of: [ID<Member>].self) { group in
                for _ in 0..<10 { group.addTask { try await scene.callNext(campaign.visit, moment).items.map(\.member.memberId) } }
                var called: [ID<Member>] = []
                for try await ids in group { called += ids }
                return called
            }
            #expect(called.count == 5 && Set(called) == Set(members[..<5]))
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `one who waits at two vans is called at one of them only`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(capacity: 3)
            let second = try await scene.visit(of: campaign.id, campaign.package, site: "西园")
            try await scene.addSessions(to: second, VanSessionsBody(from: "08:00", to: "09:30", everyMinutes: 30, capacity: 3))
            try await scene.publish(campaign)
            let member = try await scene.members(1)[0]
            let moment = scene.at("08:01")
            for visit in [campaign.visit, second] { _ = try await scene.show(member, at: visit, moment, to: "walk-ins") }
            async let here = scene.callNext(campaign.visit, moment)
            async let there = scene.callNext(second, moment)
            #expect(try await here.items.count + there.items.count == 1)
            #expect(try await scene.value("select count(*) from program_award", as: Int.self) == 1)
        }
    }
}
