import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import Checkups

/// What a worker sees of vans and places.
@Suite struct OwnCheckupTests {
    private func visits(_ query: String, _ member: ID<Member>, _ scene: CheckupScene) async throws -> [NearbyVisit] {
        let answer = await scene.today.send(.get, "/v1/me/checkups/visits" + query, by: try await scene.token(of: member))
        return try answer.json(NearbyVisitList.self).items
    }

    @Test func `visits near by: by distance from a position, else one's own first, and none that is for others or over`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let far = try await scene.visit(of: campaign.id, campaign.package, site: "北京", latitude: 39.9042, longitude: 116.4074)
            let own = try await scene.visit(
                of: campaign.id, campaign.package, site: "园内", latitude: 31.9, longitude: 119.97, audience: scene.park)
            let foreign = try await scene.visit(of: campaign.id, campaign.package, site: "西镇", audience: scene.town)
            let worker = try await scene.members(1)[0]
            #expect(try await visits("", worker, scene).isEmpty, "a draft is nobody's business")
            try await scene.publish(campaign)
            let near = try await visits("?latitude=31.80&longitude=119.97", worker, scene)
            #expect(near.map(\.visit.id) == [campaign.visit, own, far])
            let metres = near.compactMap(\.distanceMetres)
            #expect((1_000...1_200).contains(metres[0]) && (11_000...11_200).contains(metres[1]))
            // Changzhou to Beijing, as any map has it: some 954 km.
            #expect((945_000...965_000).contains(metres[2]))
            let plain = try await visits("", worker, scene)
            #expect(plain.first?.visit.id == own && plain.first?.isOfOwnOrganization == true && plain.first?.distanceMetres == nil)
            #expect(plain.first?.package.addOnItems == ["颈椎"])
            let townsman = try await scene.members(1, in: scene.town, kind: "other")[0]
            let his = try await visits("", townsman, scene)
            #expect(his.map(\.visit.id).contains(foreign) && !his.map(\.visit.id).contains(own))
            #expect(his.allSatisfy { $0.package.addOnItems.isEmpty })
            let half = await scene.today.send(.get, "/v1/me/checkups/visits?latitude=3", by: try await scene.token(of: worker))
            #expect(half.reasonCodes == ["checkup.place_not_whole"])
            let token = try await scene.token(of: worker)
            #expect(await scene.today.send(.get, "/v1/me/checkups/visits/\(foreign)", by: token).problemCode == "checkup.visit_unknown")
            let over = await scene.at("08:00", day: 1).send(.get, "/v1/me/checkups/visits", by: token)
            #expect(try over.json(NearbyVisitList.self).items.isEmpty)
        }
    }

    @Test func `a visit shows the sessions that have not begun, with their numbers and the seats left`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published(capacity: 4, walkInPercent: 25)
            let members = try await scene.members(2)
            try await scene.give(2, of: campaign, to: members[0])
            let answer = await scene.at("08:10").send(
                .get, "/v1/me/checkups/visits/\(campaign.visit)", by: try await scene.token(of: members[1]))
            let sessions = try answer.json(NearbyVisitAnswer.self).sessions
            #expect(sessions.map(\.number) == [2, 3] && sessions.map(\.seats) == [3, 3] && sessions.map(\.left) == [2, 3])
        }
    }

    @Test func `a session of a visit for some is for those only`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.draft()
            let own = try await scene.visit(of: campaign.id, campaign.package, site: "园内", audience: scene.park)
            try await scene.addSessions(to: own, VanSessionsBody(from: "08:00", to: "09:00", everyMinutes: 30, capacity: 1))
            let rows = try await scene.database.query("select audience_id from program_session order by number")
            #expect(try rows.map { try $0.decode(0, as: ID<Organization>?.self) } == [nil, nil, nil, scene.park, scene.park])
        }
    }

    @Test func `places go into a calendar file that stands by its grammar`() async throws {
        try await withCheckups { scene in
            let campaign = try await scene.published()
            let member = try await scene.members(1)[0]
            try await scene.give(2, of: campaign, to: member)
            let answer = await scene.today.send(.get, "/v1/me/checkups/calendar.ics", by: try await scene.token(of: member))
            #expect(answer.header("Content-Type") == "text/calendar; charset=utf-8")
            let lines = CalendarReader.unfolded(answer.text)
            #expect(lines.first == "BEGIN:VCALENDAR" && lines.last == "END:VCALENDAR")
            let start = CalendarFile.time(scene.instant("08:30").description)
            #expect(lines.contains("DTSTART:\(start)") && start.count == 16 && start.hasSuffix("Z"))
            #expect(lines.contains("SUMMARY;LANGUAGE=zh:体检：科技园") && lines.contains("STATUS:CONFIRMED"))
            #expect(lines.contains { $0.hasPrefix("DESCRIPTION") && $0.contains("颈椎") && $0.contains("\\n") })
            _ = try await scene.database.query(
                "select from programs_move(\([member]), \([campaign.id]), \(["withdrawn"]), \([Int32?.none]), \(["t"]), \(["a"]), 0)")
            let empty = await scene.today.send(.get, "/v1/me/checkups/calendar.ics", by: try await scene.token(of: member))
            #expect(!empty.text.contains("VEVENT"))
        }
    }
}

/// Reads calendar files back, strictly: lines end as they must, none is too long, none is torn within a character.
enum CalendarReader {
    static func unfolded(_ text: String) -> [String] {
        #expect(text.hasSuffix("\r\n"))
        var lines: [String] = []
        var physical: [[UInt8]] = [[]]
        let bytes = Array(text.utf8)
        var index = 0
        while index < bytes.count {
            if bytes[index] == 0x0D {
                #expect(index + 1 < bytes.count && bytes[index + 1] == 0x0A, "a carriage return stands before a line feed only")
                physical.append([])
                index += 2
            } else {
                #expect(bytes[index] != 0x0A)
                physical[physical.count - 1].append(bytes[index])
                index += 1
            }
        }
        physical.removeLast()
        for line in physical {
            #expect(line.count <= 75)
            #expect(String(validating: line, as: UTF8.self) != nil, "a character is torn")
            if line.first == 0x20 {
                lines[lines.count - 1] += String(decoding: line.dropFirst(), as: UTF8.self)
            } else {
                lines.append(String(decoding: line, as: UTF8.self))
            }
        }
        return lines
    }
}

/// The calendar file by itself.
@Suite struct CalendarFileTests {
    @Test(arguments: SeededGenerator.seeds(3))
    func `whatever stands in a place, the file's lines are short, whole and escaped`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let signs = Array("体检车abc ;,\\\n\r\t\u{7}🚐é—1").map(String.init)
        for _ in 0..<200 {
            func text() -> String {
                (0..<Int.random(in: 0...90, using: &generator)).map { _ in signs.randomElement(using: &generator) ?? "" }.joined()
            }
            let (summary, location, description) = (text(), text(), text())
            let event = CalendarFile.Event(
                uid: "u@w", sequence: 1, changedAt: "2026-05-01T00:00:00.5Z", startsAt: "2026-05-11T00:00:00Z",
                endsAt: "2026-05-11T00:30:00Z",
                summary: summary, location: location, description: description, latitude: 31.8, longitude: 120, status: .tentative)
            let lines = CalendarReader.unfolded(CalendarFile(product: "Checkups", events: [event]).text)
            #expect(lines.contains("SUMMARY;LANGUAGE=zh:" + CalendarFile.escaped(summary)))
            #expect(lines.contains("DTSTAMP:20260501T000000Z") && lines.contains("STATUS:TENTATIVE"))
            #expect(lines.count == 19, "nothing that stands in a place makes a line of its own")
        }
    }
}
