import FoundationEssentials
import HTTP
import Postgres
import Programs
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

@Suite struct FollowMemberTests {
    private typealias Person = (id: ID<Member>, token: String)

    private func classes(_ scene: SchoolScene, _ capacities: [Int]) async throws -> [ID<SchoolClass>] {
        var classes: [ID<SchoolClass>] = []
        for (index, capacity) in capacities.enumerated() {
            let body = scene.classBody(
                course: try await scene.course("课程\(index)"), weekday: index + 1, room: try await scene.room("3\(index)"),
                teacher: try await scene.teacher("老师\(index)"), capacity: capacity)
            classes.append(try await scene.published(body).schoolClass.id)
        }
        return classes
    }

    /// A member with a name, an id and a phone: only such a one is merged or erased.
    private func person(_ scene: SchoolScene, _ number: Int) async throws -> Person {
        let digits = "11010519900101" + String(String(1_000 + number).dropFirst())
        let weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]
        let sum = zip(digits, weights).reduce(0) { $0 + ($1.0.wholeNumberValue ?? 0) * $1.1 }
        let check = Array("10X98765432")[sum % 11]
        let body = """
            {"organizationId":\(scene.east),"name":"张三","nationalId":"\(digits)\(check)","phone":"1381234\(5_000 + number)",
            "workerKind":"courier"}
            """
        let made = await scene.at().send(.post, "/v1/members", body)
        try #require(made.status == 201, "\(made.text)")
        let id: ID<Member> = try await scene.value("select max(member_id) from member")
        return (id, try await scene.registry.memberSessions.create(id, lifetimeSeconds: 3_600).token)
    }

    private func people(_ scene: SchoolScene, _ count: Int) async throws -> [Person] {
        var people: [Person] = []
        for number in 0..<count { people.append(try await person(scene, number)) }
        return people
    }

    private func merge(_ scene: SchoolScene, _ duplicate: Person, into survivor: Person) async throws {
        let merged = await scene.at(days: 2).send(
            .post, "/v1/members/\(survivor.id)/merge", #"{"duplicateId":\#(duplicate.id),"reason":"换证"}"#)
        try #require(merged.status == 200, "\(merged.text)")
    }

    private func states(_ scene: SchoolScene, _ member: ID<Member>) async throws -> String {
        try await scene.value(
            """
            select coalesce(
                string_agg(course_id || ' ' || state || coalesce(' ' || class_id, ''), ', ' order by course_id, enrolment_id), '')
            from enrolment where member_id = \(member)
            """)
    }

    @Test func `a merged member's seats, places and offers go on under the other number, where they are`() async throws {
        try await withSchool { scene in
            let ids = try await classes(scene, [1, 1, 1])
            let (old, one) = (try await person(scene, 1), try await person(scene, 2))
            let others = try await scene.members(3)
            _ = try await scene.enrol(old, [ids[0]])
            _ = try await scene.enrol(others[0], [ids[1]])
            _ = try await scene.enrol(old, [ids[1]])
            _ = try await scene.enrol(others[1], [ids[1]])
            let drawn = try await scene.drawn("抽签课", capacity: 1, weekdays: [5])
            _ = try await scene.enrol(old, drawn)
            #expect(try await scene.own(old, course: ids[1]).place == 1)
            try await merge(scene, old, into: one)
            let seat = try await scene.own(one, course: ids[0])
            #expect(seat.state == .seated && seat.classId == ids[0])
            #expect(try await scene.own(one, course: ids[1]).place == 1, "not behind who came later")
            #expect(try await scene.own(one, course: drawn[0]).state == .applied)
            let ended: Int64 = try await scene.value(
                "select count(*) from enrolment where member_id = \(old.id) and state = 'withdrawn' and reason = 'member_merged'")
            #expect(ended == 3)
            #expect(try await scene.imbalances() == 0)
            // The place in the queue is as good as it was.
            try await scene.step("withdraw", others[0])
            #expect(try await scene.own(one, course: ids[1]).state == .offered)
            try await scene.stepIn(ids[1], "confirm", one, days: 2)
            try await scene.at(days: 8.6).run()
            #expect(try await scene.own(one, course: drawn[0]).state == .waitlisted, "beyond the cap by now")
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `of two enrolments in one course the better stays and the other's seat goes to who waits`() async throws {
        try await withSchool { scene in
            let ids = try await classes(scene, [2, 1, 1])
            let (old, one) = (try await person(scene, 1), try await person(scene, 2))
            let others = try await scene.members(2)
            // Both seated; then the one who goes seated and the other waiting; then the other way round.
            _ = try await scene.enrol(old, [ids[0]])
            _ = try await scene.enrol(one, [ids[0]])
            _ = try await scene.enrol(others[0], [ids[0]])
            _ = try await scene.enrol(old, [ids[1]])
            _ = try await scene.enrol(one, [ids[1]])
            _ = try await scene.enrol(others[0], [ids[1]])
            _ = try await scene.enrol(one, [ids[2]])
            _ = try await scene.database.query("update member_term set taken = 0 where member_id = \(old.id)")
            _ = try await scene.enrol(old, [ids[2]])
            _ = try await scene.database.query("update member_term set taken = 2 where member_id = \(old.id)")
            #expect(try await scene.imbalances() == 0)
            try await merge(scene, old, into: one)
            #expect(try await scene.own(one, course: ids[0]).state == .seated)
            #expect(try await scene.own(others[0], course: ids[0]).state == .offered, "the second seat of one person")
            #expect(try await scene.own(one, course: ids[1]).classId == ids[1])
            #expect(try await scene.own(others[0], course: ids[1]).place == 1)
            #expect(try await scene.own(one, course: ids[2]).state == .seated)
            #expect(try await scene.value("select count(*) from enrolment where state in ('seated', 'offered')") == Int64(4))
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `two applications to one draw become one, whenever they are merged, and many merges at once keep the counts`() async throws {
        try await withSchool { scene in
            let drawn = try await scene.drawn(capacity: 3, weekdays: [2])
            let members = try await people(scene, 12)
            for member in members { _ = try await scene.enrol(member, drawn) }
            try await merge(scene, members[0], into: members[1])
            #expect(try await scene.sheet(drawn[0]).schoolClass.applied == 11)
            #expect(try await scene.imbalances() == 0)
            // After the window, before the draw: who has left is passed over.
            let late = scene.at(days: 8.6)
            let merged = await late.send(
                .post, "/v1/members/\(members[3].id)/merge", #"{"duplicateId":\#(members[2].id),"reason":"x"}"#)
            #expect(merged.status == 200)
            try await late.run()
            let told = try await states(scene, members[2].id)
            #expect(told.hasSuffix(" lapsed"))
            await withTaskGroup(of: Int.self) { group in
                for index in stride(from: 4, to: 12, by: 2) {
                    let (survivor, gone) = (members[index].id, members[index + 1].id)
                    group.addTask {
                        await late.send(.post, "/v1/members/\(survivor)/merge", #"{"duplicateId":\#(gone),"reason":"x"}"#).status
                    }
                }
                for await status in group { #expect(status == 200) }
            }
            try await late.run()
            let twice: Int64 = try await scene.value(
                """
                select count(*) from enrolment join member using (member_id)
                where merged_into is not null and state in ('applied', 'seated', 'waitlisted', 'offered')
                """)
            #expect(twice == 0)
            #expect(try await scene.imbalances() == 0)
        }
    }

    @Test func `who leaves gives up seats and places for who waits, who is erased too, and who is suspended keeps them`() async throws {
        try await withSchool { scene in
            let ids = try await classes(scene, [2, 1])
            let members = try await people(scene, 5)
            for member in members { _ = try await scene.enrol(member, [ids[0]]) }
            _ = try await scene.enrol(members[0], [ids[1]])
            let moment = scene.at(days: 2)
            #expect(await moment.send(.post, "/v1/members/\(members[1].id)/status", #"{"status":"suspended"}"#).status == 200)
            #expect(await moment.send(.post, "/v1/members/\(members[0].id)/status", #"{"status":"left"}"#).status == 200)
            try await moment.run()
            #expect(try await states(scene, members[1].id).contains("seated"))
            let left: String = try await scene.value(
                "select string_agg(state || ' ' || reason, ', ') from enrolment where member_id = \(members[0].id)")
            #expect(left == "withdrawn member_left, withdrawn member_left")
            #expect(try await scene.own(members[2]).state == .offered)

            let erased = await moment.send(
                .post, "/v1/members/\(members[2].id)/erasure", #"{"confirm":"erase","reason":"asked_by_the_person"}"#)
            #expect(erased.status == 200, "\(erased.text)")
            let gone: String = try await scene.value("select state || ' ' || reason from enrolment where member_id = \(members[2].id)")
            #expect(gone == "declined member_erased")
            #expect(try await scene.own(members[3]).state == .offered, "in the same transaction, no job")
            #expect(try await scene.imbalances() == 0)
            // While suspended nothing is offered; the turn passes, the place stays.
            #expect(await moment.send(.post, "/v1/members/\(members[4].id)/status", #"{"status":"suspended"}"#).status == 200)
            try await scene.step("decline", members[3])
            try await moment.run()
            #expect(try await states(scene, members[4].id).hasSuffix("waitlisted"))
            #expect(await moment.send(.post, "/v1/members/\(members[4].id)/status", #"{"status":"active"}"#).status == 200)
            try await moment.run()
            #expect(try await states(scene, members[4].id).contains("offered"))
            #expect(try await scene.imbalances() == 0)
        }
    }
}
