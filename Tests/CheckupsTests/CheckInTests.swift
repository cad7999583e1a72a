import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Programs
import Registry
import Runtime
import Testing

@testable import Checkups

/// The code of the door, shown at a van.
@Suite struct CheckInTests {
    @Test func `the member code checks in, and says who, when and which package with the items of the work`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let person = try await scene.person()
            try await scene.give(campaign.number(0), of: campaign, to: person)
            let moment = scene.at("07:50")
            let answer = try await scene.show(person, at: campaign.visit, moment)
            #expect(answer.outcome == .checkedIn && answer.reasons.isEmpty)
            #expect(answer.member?.maskedName == "夏*" && answer.member?.maskedPhone == "138****5678" && answer.member?.memberId == person)
            #expect(answer.session?.number == 1 && answer.session?.startsAt == scene.instant("08:00").description)
            #expect(answer.package?.name == "基础套餐" && answer.package?.items == ["血压", "血常规"])
            #expect(answer.package?.addOnItems == ["颈椎"] && answer.package?.valueFen == 55_000)
            #expect(try await scene.state(of: person, in: campaign) == "attended")
            let rows = try await scene.database.query("select came, source, recorded_by from checkup_attendance")
            #expect(try rows[0].decode(0, as: Bool.self) && rows[0].decode(1, as: String.self) == "scan")
            #expect(try rows[0].decode(2, as: String.self).hasPrefix("device:"))
            #expect(try await scene.outOfBalance() == 0)
        }
    }

    @Test func `the same request gets the first answer for ever, another one under its id a conflict`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let members = try await scene.members(2)
            try await scene.give(1, of: campaign, to: members[0])
            let moment = scene.at("08:00")
            let (code, id, when) = (scene.code(members[0], moment), CheckupScene.requestID(), moment.now)
            let first = try await scene.show(code, at: campaign.visit, moment, id: id, occurredAt: when)
            let later = scene.at("09:00")
            let second = try await scene.show(code, at: campaign.visit, moment, id: id, occurredAt: when)
            #expect(first.outcome == .checkedIn && second.outcome == .checkedIn && first.decidedAt == second.decidedAt)
            let body = VanScanBody(code: scene.code(members[1], later), requestId: id, occurredAt: when.description)
            let reused = await moment.send(
                .post, "/v1/checkups/visits/\(campaign.visit)/check-ins", String(decoding: try JSON.encode(body), as: UTF8.self),
                by: scene.van)
            #expect(reused.problemCode == "checkup.request_id_reused")
            #expect(try await scene.show(members[0], at: campaign.visit, moment).reasons.map(\.code) == ["checkup.already_checked_in"])
            #expect(try await scene.value("select count(*) from program_award_event where state_after = 'attended'", as: Int.self) == 1)
        }
    }

    @Test func `every reason not to check somebody in is told`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 10, days: 2, offerHours: 100)
            let elsewhere = try await scene.draft()
            try await scene.publish(elsewhere)
            let members = try await scene.members(9)
            let moment = scene.at("08:10")
            func reasons(_ member: ID<Member>, at moment: CheckupScene.Moment) async throws -> [String] {
                let answer = try await scene.show(member, at: campaign.visit, moment)
                #expect(answer.outcome == .refused && !answer.reasons.contains { $0.text.isEmpty })
                return answer.reasons.map(\.code)
            }
            #expect(try await reasons(members[0], at: moment) == ["checkup.no_place"])
            try await scene.give(1, of: campaign, to: members[1], state: "offered")
            #expect(try await reasons(members[1], at: moment) == ["checkup.not_confirmed"])
            try await scene.give(4, of: campaign, to: members[2])
            #expect(try await reasons(members[2], at: moment) == ["checkup.other_day"])
            try await scene.give(3, of: campaign, to: members[3])
            #expect(try await reasons(members[3], at: scene.at("07:59")) == ["checkup.too_early"])
            try await scene.give(1, of: campaign, to: members[4])
            _ = try await scene.database.query("update member set status = 'suspended' where member_id = \(members[4])")
            #expect(try await reasons(members[4], at: moment) == ["checkup.member_not_active"])
            try await scene.give(1, of: campaign, to: members[5])
            _ = try await scene.database.query(
                """
                select from programs_move(
                    \([members[5]]), \([campaign.id]), \(["withdrawn"]), \([Int32?.none]), \(["test"]), \(["account:1"]), 0)
                """)
            #expect(try await reasons(members[5], at: moment) == ["checkup.place_given_back"])
            try await scene.give(1, of: elsewhere, to: members[6])
            #expect(try await reasons(members[6], at: moment) == ["checkup.no_place"], "a place of another campaign is none of this")
            #expect(try await reasons(ID(99_999), at: moment) == ["checkup.member_unknown"])
            try await scene.give(1, of: campaign, to: members[7])
            let future = Timestamp(microseconds: moment.clock.nowMicroseconds + 60_000_000)
            let ahead = try await scene.show(scene.code(members[7], moment), at: campaign.visit, moment, occurredAt: future)
            #expect(ahead.reasons.map(\.code) == ["checkup.occurred_in_future"])
            _ = try await scene.database.query("update program set state = 'ended' where program_id = \(campaign.id)")
            #expect(try await reasons(members[8], at: moment) == ["checkup.not_published", "checkup.no_place"])
            #expect(try await scene.value("select count(*) from checkup_attendance", as: Int.self) == 0)
        }
    }

    @Test func `codes that are stale, forged, of the future or no codes are refused for what they are`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let member = try await scene.members(1)[0]
            try await scene.give(1, of: campaign, to: member)
            let moment = scene.at("08:00")
            func reasons(_ code: String) async throws -> [String] {
                try await scene.show(code, at: campaign.visit, moment).reasons.map(\.code)
            }
            #expect(try await reasons("") == ["checkup.code_malformed"])
            #expect(try await reasons("12345678") == ["checkup.code_malformed"], "a door's day code is none of a van's")
            #expect(try await reasons(scene.code(member, moment, ageSeconds: 600)) == ["checkup.code_expired"])
            #expect(try await reasons(scene.code(member, moment, ageSeconds: -600)) == ["checkup.code_from_future"])
            let others = Keys.random()
            let foreign = MemberCodeIssuer(others).issue(memberID: member.rawValue, nowMicroseconds: moment.clock.nowMicroseconds).text
            let found = try await reasons(foreign)
            #expect(found == ["checkup.code_forged"] || found == ["checkup.code_unknown_key"])
            #expect(try await reasons("NFC:04A2F19C3B5D80") == ["checkup.number_unknown"])
            #expect(try await scene.state(of: member, in: campaign) == "confirmed")
        }
    }

    @Test func `a card's number checks in with its PIN, and five wrong ones lock it`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let members = try await scene.members(2)
            let digests = CredentialDigests(scene.keys)
            let numbers = ["NFC:04A2F19C3B5D80", "NFC:04A2F19C3B5D81"]
            for (member, text) in zip(members, numbers) {
                try await scene.give(1, of: campaign, to: member)
                let digest = digests.number(try #require(CardNumber(text)))
                _ = try await scene.database.query(
                    """
                    insert into access_credential (credential_digest, kind, member_id, pin_digest, valid_from, created_by)
                    values (\(digest), 'number', \(member), \(digests.pin("2468", of: digest)), now() - interval '1 day', 'test')
                    """)
            }
            let moment = scene.at("08:00")
            func show(_ text: String, _ pin: String?) async throws -> [String] {
                try await scene.show(text, at: campaign.visit, moment, pin: pin).reasons.map(\.code)
            }
            #expect(try await show(numbers[0], nil) == ["checkup.pin_missing"])
            for _ in 1...5 { #expect(try await show(numbers[0], "1357") == ["checkup.pin_wrong"]) }
            #expect(try await show(numbers[0], "2468") == ["checkup.pin_locked"])
            #expect(try await show(numbers[1], "1357") == ["checkup.pin_wrong"])
            #expect(try await show(numbers[1], "2468") == [])
            #expect(try await scene.value("select sum(pin_failures)::bigint from access_credential", as: Int.self) == 5)
            #expect(try await scene.state(of: members[0], in: campaign) == "confirmed")
            #expect(try await scene.state(of: members[1], in: campaign) == "attended")
            _ = try await scene.database.query(
                "update access_credential set revoked_at = now(), revoked_by = 'test', revoked_reason = 'lost'")
            #expect(try await show(numbers[1], "2468").first == "checkup.number_unknown")
        }
    }

    @Test func `PINs tried in one batch are counted one by one: the sixth finds the number locked, though it be right`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let member = try await scene.members(1)[0]
            try await scene.give(1, of: campaign, to: member)
            let digests = CredentialDigests(scene.keys)
            let number = "NFC:04A2F19C3B5D80"
            let digest = digests.number(try #require(CardNumber(number)))
            _ = try await scene.database.query(
                """
                insert into access_credential (credential_digest, kind, member_id, pin_digest, valid_from, created_by)
                values (\(digest), 'number', \(member), \(digests.pin("2468", of: digest)), now() - interval '1 day', 'test')
                """)
            let moment = scene.at("08:00")
            let reader = VanCodeReader(scene.keys)
            func tell(_ pins: [String]) async throws -> [String] {
                let scans = try pins.map { pin in
                    VanScan(
                        requestID: try #require(UUID(uuidString: CheckupScene.requestID())), visitID: campaign.visit,
                        code: reader.read(number, pin: pin, nowMicroseconds: moment.clock.nowMicroseconds), occurredAt: moment.now,
                        fingerprint: [UInt8](repeating: 0, count: 16), doneBy: "device:1")
                }
                return try await moment.checkups.checkIns.checkIn(batch: scans).flatMap { decision -> [String] in
                    if case .decided(let decided, _) = decision { decided.reasons.map(\.rawValue) } else { ["undecided"] }
                }
            }
            #expect(try await tell(["1", "2", "3"].map { "111" + $0 }) == [String](repeating: "checkup.pin_wrong", count: 3))
            let wrong = ["checkup.pin_wrong", "checkup.pin_wrong"]
            #expect(try await tell(["1114", "1115", "1116", "2468"]) == wrong + ["checkup.pin_locked", "checkup.pin_locked"])
            #expect(try await scene.value("select pin_failures from access_credential", as: Int32.self) == 5)
            #expect(try await scene.state(of: member, in: campaign) == "confirmed")
        }
    }

    @Test func `one person at two vans at once is checked in at the one that the place is at, and told so at the other`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft(capacity: 50)
            let second = try await scene.visit(of: campaign.id, campaign.package, site: "西园")
            try await scene.addSessions(to: second, VanSessionsBody(from: "08:00", to: "09:30", everyMinutes: 30, capacity: 50))
            try await scene.publish(campaign)
            let members = try await scene.members(12)
            for member in members { try await scene.give(1, of: campaign, to: member) }
            let moment = scene.at("08:00")
            let answers = try await withThrowingTaskGroup(of: (ID<VanVisit>, VanAnswer).self) { group in
                for member in members {
                    for visit in [campaign.visit, second, campaign.visit] {
                        group.addTask { (visit, try await scene.show(member, at: visit, moment)) }
                    }
                }
                var answers: [(ID<VanVisit>, VanAnswer)] = []
                for try await answer in group { answers.append(answer) }
                return answers
            }
            let here = answers.filter { $0.0 == campaign.visit }.map(\.1)
            #expect(here.count { $0.outcome == .checkedIn } == members.count)
            #expect(here.filter { $0.outcome == .refused }.allSatisfy { $0.reasons.map(\.code) == ["checkup.already_checked_in"] })
            let there = answers.filter { $0.0 == second }.map(\.1)
            #expect(there.allSatisfy { $0.outcome == .refused && $0.reasons.map(\.code).contains("checkup.other_visit") })
            #expect(try await scene.value("select count(*) from program_award_event where state_after = 'attended'", as: Int.self) == 12)
            #expect(try await scene.value("select count(*) from checkup_attendance", as: Int.self) == 12)
        }
    }

    @Test func `a batch answers each of its scans, repeats within it too`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 10)
            let members = try await scene.members(3)
            for member in members.dropLast() { try await scene.give(1, of: campaign, to: member) }
            let moment = scene.at("08:00")
            let reader = VanCodeReader(scene.keys)
            func scan(_ member: ID<Member>, _ id: String, visit: ID<VanVisit>? = nil) throws -> VanScan {
                let code = reader.read(scene.code(member, moment), pin: nil, nowMicroseconds: moment.clock.nowMicroseconds)
                return VanScan(
                    requestID: try #require(UUID(uuidString: id)), visitID: visit ?? campaign.visit, code: code, occurredAt: moment.now,
                    fingerprint: [UInt8](repeating: UInt8(member.rawValue), count: 16), doneBy: "device:1")
            }
            let ids = (0..<5).map { _ in CheckupScene.requestID() }
            let decisions = try await moment.checkups.checkIns.checkIn(batch: [
                scan(members[0], ids[0]), scan(members[0], ids[1]), scan(members[1], ids[2]), scan(members[0], ids[0]),
                scan(members[1], ids[0]), scan(members[2], ids[3]), scan(members[2], ids[4], visit: ID(999)),
            ])
            let told = decisions.map { decision in
                switch decision {
                case .decided(let decided, let isRepeat): "\(decided.outcome.rawValue)\(isRepeat ? " again" : "")"
                case .conflict: "conflict"
                case .visitUnknown: "unknown"
                }
            }
            #expect(told == ["checked_in", "refused", "checked_in", "checked_in again", "conflict", "refused", "unknown"])
        }
    }

    @Test func `a device of another organization does not find the van, the host's does`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let member = try await scene.members(1)[0]
            try await scene.give(1, of: campaign, to: member)
            _ = try await scene.database.query("update device set organization_id = \(scene.town)")
            let moment = scene.at("08:00")
            let body = VanScanBody(
                code: scene.code(member, moment), requestId: CheckupScene.requestID(), occurredAt: moment.now.description)
            let text = String(decoding: try JSON.encode(body), as: UTF8.self)
            let path = "/v1/checkups/visits/\(campaign.visit)/check-ins"
            #expect(await moment.send(.post, path, text, by: scene.van).problemCode == "checkup.visit_unknown")
            _ = try await scene.database.query("update device set organization_id = \(scene.park)")
            #expect(await moment.send(.post, path, text, by: scene.van).status == 200)
        }
    }
}
