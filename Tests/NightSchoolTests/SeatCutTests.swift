import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct SeatCutTests {
    private func seats(
        _ scene: SchoolScene, capacity: Int32, members count: Int
    ) async throws -> (id: ID<SchoolClass>, members: [(id: ID<Member>, token: String)]) {
        let course = try await scene.course()
        let id = try await scene.published(scene.classBody(course: course, capacity: Int(capacity))).schoolClass.id
        let members = try await scene.members(count)
        for member in members { _ = try await scene.enrol(member, [id]) }
        return (id, members)
    }

    @Test func `fewer seats than are taken: named, proposed, confirmed by another, and the last seated wait at the head`() async throws {
        try await withSchool { scene in
            let second = try await scene.registry.accounts.createOwner(name: "second")
            let (id, members) = try await seats(scene, capacity: 4, members: 6)
            let path = "/v1/classes/\(id)"
            let moment = scene.at(days: 2)
            let refused = await moment.send(.post, "\(path)/capacity", #"{"capacity":2}"#)
            #expect(refused.problemCode == "school.second_organizer_needed")
            #expect(
                refused.problem?.reasons.map(\.detail)
                    == [members[3], members[2]].map { "会员 \($0.id) 将失去名额" }, "who would lose, the last first")
            #expect(await moment.send(.get, "\(path)/cuts").problemCode == "school.no_cut")

            let proposed = await moment.send(.post, "\(path)/cuts", #"{"capacity":2,"reason":"教室漏水"}"#)
            #expect(proposed.status == 202)
            let cut = try proposed.json(ClassCutAnswer.self)
            #expect(cut.losers == [members[3].id, members[2].id] && cut.taken == 4)
            #expect(try await scene.sheet(id).schoolClass.seated == 4, "nothing yet")
            let confirmation = #"{"id":\#(cut.id)}"#
            #expect(await moment.send(.post, "\(path)/cuts/confirm", confirmation).problemCode == "school.own_cut")
            // Another proposal takes its place: what was looked at is confirmed, or nothing.
            let again = try await moment.send(.post, "\(path)/cuts", #"{"capacity":2,"reason":"教室漏水"}"#).json(ClassCutAnswer.self)
            #expect(
                await moment.send(.post, "\(path)/cuts/confirm", confirmation, bearer: second).problemCode == "school.cut_changed")
            #expect(try await scene.sheet(id).schoolClass.capacity == 4)
            let done = await moment.send(.post, "\(path)/cuts/confirm", #"{"id":\#(again.id)}"#, bearer: second)
            #expect(done.status == 200)
            let repeated = await moment.send(.post, "\(path)/cuts/confirm", #"{"id":\#(again.id)}"#, bearer: second)
            #expect(repeated.problemCode == "school.no_cut")

            let sheet = try await scene.sheet(id).schoolClass
            #expect((sheet.capacity, sheet.seated, sheet.waiting, sheet.free) == (2, 2, 4, 0))
            for (member, place) in zip(members[2...], [1, 2, 3, 4] as [Int32]) {
                let own = try await scene.own(member)
                #expect(own.state == .waitlisted && own.place == place && own.classId == nil)
            }
            #expect(try await scene.own(members[2]).reason == "教室漏水")
            #expect(try await scene.own(members[4]).reason == nil)
            let told: Int64 = try await scene.value(
                "select count(*) from outbox_event where type = 'enrolment.waitlisted' and data::text like '%教室漏水%'")
            #expect(told == 2)
            // A seat that comes free goes to who lost one, the earlier seated first.
            try await scene.step("withdraw", members[0])
            #expect(try await scene.own(members[2]).state == .offered)
            #expect(try await scene.value("select max(taken)::bigint from member_term") == Int64(1))
            #expect(try await scene.imbalances(inOrder: false) == 0)
        }
    }

    @Test func `who has not confirmed loses first, and a parallel class with a free seat is offered at once`() async throws {
        try await withSchool { scene in
            let second = try await scene.registry.accounts.createOwner(name: "second")
            let (id, members) = try await seats(scene, capacity: 2, members: 3)
            try await scene.step("withdraw", members[0])
            #expect(try await scene.own(members[2]).state == .offered)
            let course = try await scene.sheet(id).schoolClass.courseId
            let parallel = try await scene.published(
                scene.classBody(course: course, label: "二班", weekday: 4, capacity: 1)
            ).schoolClass.id
            let both = try await scene.member()
            let moment = scene.at(days: 2)
            _ = await moment.send(.post, "/v1/classes/\(id)/capacity", #"{"capacity":3}"#)
            #expect(try await scene.enrol(both, [id, parallel]).classId == id)
            let cut = try await moment.send(.post, "/v1/classes/\(id)/cuts", #"{"capacity":1,"reason":"换教室"}"#).json(ClassCutAnswer.self)
            #expect(cut.losers == [members[2].id, both.id])
            #expect(
                await moment.send(.post, "/v1/classes/\(id)/cuts/confirm", #"{"id":\#(cut.id)}"#, bearer: second).status == 200)
            #expect(try await scene.own(members[1]).state == .seated)
            let offer = try await scene.own(both)
            #expect(offer.state == .offered && offer.classId == parallel)
            let waits = try await scene.own(members[2])
            #expect(waits.state == .waitlisted && waits.place == 1)
            #expect(try await scene.imbalances(inOrder: false) == 0)
        }
    }

    @Test func `two confirm at once while others come and go: seats once, counts true`() async throws {
        try await withSchool { scene in
            let others = [
                try await scene.registry.accounts.createOwner(name: "second"), try await scene.registry.accounts.createOwner(name: "third"),
            ]
            let (id, members) = try await seats(scene, capacity: 10, members: 20)
            let moment = scene.at(days: 2)
            let cut = try await moment.send(.post, "/v1/classes/\(id)/cuts", #"{"capacity":4,"reason":"换教室"}"#).json(ClassCutAnswer.self)
            let store = moment.school.enrolments
            let newcomers = try await scene.members(10)
            let seated = try await scene.ids(of: members[..<5])
            let statuses = try await withThrowingTaskGroup(of: Int?.self) { group in
                for other in others {
                    group.addTask {
                        await moment.send(.post, "/v1/classes/\(id)/cuts/confirm", #"{"id":\#(cut.id)}"#, bearer: other).status
                    }
                }
                for (member, enrolment) in seated {
                    group.addTask {
                        _ = try await store.move(enrolment, of: member, to: .withdrawn, by: "test")
                        return nil
                    }
                }
                for newcomer in newcomers {
                    group.addTask {
                        _ = try await store.enrol(
                            EnrolmentRequest(memberID: newcomer.id, requestID: UUID(), wishes: [id], subject: "test"))
                        return nil
                    }
                }
                return try await group.reduce(into: [Int]()) { if let status = $1 { $0.append(status) } }
            }
            #expect(statuses.sorted() == [200, 409])
            let sheet = try await scene.sheet(id).schoolClass
            #expect(sheet.capacity == 4 && sheet.seated <= 4)
            #expect(try await scene.imbalances(inOrder: false) == 0)
        }
    }

    @Test func `a class's list has everybody once, in order and masked, page by page`() async throws {
        try await withSchool { scene in
            let (id, members) = try await seats(scene, capacity: 3, members: 8)
            try await scene.step("withdraw", members[0])
            var items: [SeatLine] = []
            var next: String?
            repeat {
                let page = await scene.at(days: 2).send(.get, "/v1/classes/\(id)/enrolments?limit=2" + (next.map { "&after=\($0)" } ?? ""))
                try #require(page.status == 200, "\(page.text)")
                let list = try page.json(SeatLineList.self)
                #expect(list.items.count <= 2)
                items += list.items
                next = list.next
            } while next != nil
            #expect(items.map(\.memberId) == members[1...].map(\.id))
            #expect(items.map(\.state) == [.seated, .seated, .offered, .waitlisted, .waitlisted, .waitlisted, .waitlisted])
            #expect(items.map(\.place) == [nil, nil, nil, 1, 2, 3, 4] && items.allSatisfy { $0.wish == 1 })
            #expect(await scene.organizer(of: scene.west).send(.get, "/v1/classes/\(id)/enrolments").problemCode == "school.class_unknown")
            #expect(await scene.at().send(.get, "/v1/classes/\(id)/enrolments?after=9.1").status == 422)

            let file = await scene.at(days: 2).send(.get, "/v1/classes/\(id)/enrolments", headers: [("Accept", "text/csv")])
            let rows = file.text.split(separator: "\r\n")
            #expect(rows.count == 8 && rows[3].contains("待确认") && rows[7].hasPrefix("\(members[7].id),"))

            let drawn = try await scene.drawn("舞蹈", capacity: 1, weekdays: [3, 4])
            for member in members[..<3] { _ = try await scene.enrol(member, drawn) }
            let applied = try await scene.at(days: 2).send(.get, "/v1/classes/\(drawn[1])/enrolments").json(SeatLineList.self).items
            #expect(Set(applied.map(\.memberId)) == Set(members[..<3].map(\.id)))
            #expect(applied.allSatisfy { $0.state == .applied && $0.wish == 2 })
        }
    }

    @Test func `a term says how long an offer lasts`() async throws {
        try await withSchool { scene in
            let (id, members) = try await seats(scene, capacity: 1, members: 2)
            let term = try await scene.at().send(.get, "/v1/school-terms/\(scene.term)").json(SchoolTerm.self)
            #expect(term.offerHours == 24)
            let body = #"{"name":"秋季","startsOn":"\#(term.startsOn)","endsOn":"\#(term.endsOn)","offerHours":72}"#
            #expect(try await scene.at().send(.put, "/v1/school-terms/\(scene.term)", body).json(SchoolTerm.self).offerHours == 72)
            try await scene.step("withdraw", members[0])
            let offer = try await scene.own(members[1])
            let hours = try #require(offer.offeredUntil).microseconds - offer.changedAt.microseconds
            #expect(offer.classId == id && hours == 72 * 3_600_000_000)
            #expect(await scene.at().send(.put, "/v1/school-terms/\(scene.term)", body.replacing("72", with: "0")).status == 422)
        }
    }
}

extension SchoolScene {
    func ids(of members: ArraySlice<(id: ID<Member>, token: String)>) async throws -> [(ID<Member>, ID<Enrolment>)] {
        var found: [(ID<Member>, ID<Enrolment>)] = []
        for member in members { found.append((member.id, try await own(member).id)) }
        return found
    }
}
