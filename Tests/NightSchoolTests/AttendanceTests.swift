import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// Codes at the classroom's device, with and without network.
@Suite struct AttendanceTests {
    @Test func `a code is attended or late by the rules of the term, and everything else is refused with its reason`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught(seats: 3)
            let stranger = try await scene.member()
            let members = taught.seated.map(\.id)
            #expect(try await taught.scan(members[0], 1, minutes: -31).codes == ["school.attendance_not_open"])
            let attended = try await taught.scan(members[0], 1, minutes: -29)
            #expect(attended.outcome == .recorded && attended.state == .attended && attended.member?.memberId == members[0])
            #expect(try await taught.scan(members[1], 1, minutes: 11).state == .late)
            #expect(try await taught.scan(members[2], 1, minutes: 91).codes == ["school.attendance_closed"])
            #expect(try await taught.scan(stranger.id, 1, minutes: 5).codes == ["school.no_seat"])
            #expect(try await taught.scan(members[0], 1, minutes: 5).codes == ["school.already_marked"])
            // A device of another room learns nothing of the person.
            let elsewhere = try await scene.classroomDevice(in: scene.hall)
            let foreign = try await taught.scan(members[2], 1, minutes: 5, by: elsewhere)
            #expect(foreign.codes == ["school.device_elsewhere"] && foreign.member == nil)
            #expect(await scene.at().send(.post, "/v1/classes/\(taught.id)/lessons/2/cancel", #"{"reason":"x"}"#).status == 200)
            let cancelled = await taught.show(members[2], 2, minutes: 5, headers: [("Accept-Language", "en")])
            let answer = try cancelled.json(LessonScanAnswer.self)
            #expect(answer.codes == ["school.lesson_cancelled"] && answer.reasons[0].text == "This lesson was cancelled")
            #expect(await taught.mark(2, [(members[2], "attended")], minutes: 5).problemCode == "school.invalid")
            let rows: Int64 = try await scene.value("select count(*) from lesson_attendance")
            #expect(rows == 2)
            // Other rules: nobody is late for half an hour.
            try await scene.setRules { $0.lateAfterMinutes = 30 }
            #expect(try await taught.scan(members[2], 3, minutes: 29).state == .attended)
        }
    }

    @Test func `a request id gets its first answer for ever, and stands for nothing else`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught()
            let (id, member) = (UUID(), taught.seated[0].id)
            let body = taught.body(member, at: taught.time(1), request: id)
            let path = "/v1/classes/\(taught.id)/lessons/1/scans"
            let first = await taught.at(1).send(.post, path, body, bearer: taught.device)
            let again = await taught.at(1, minutes: 1).send(.post, path, body, bearer: taught.device)
            #expect(first.status == 200 && first.text == again.text)
            let other = await taught.show(taught.seated[1].id, 1, minutes: 1, request: id)
            #expect(other.problemCode == "school.scan_id_reused")
            #expect(try await scene.value("select count(*) from lesson_scan") == Int64(1))
        }
    }

    @Test func `one code at many devices at once is one line of the roll`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught()
            let room: ID<Classroom> = try await scene.value("select room_id from lesson where class_id = \(taught.id) limit 1")
            var devices = [taught.device]
            for _ in 0..<3 { devices.append(try await scene.classroomDevice(in: room)) }
            _ = try await taught.scan(taught.seated[1].id, 1, minutes: 1)
            // As many servers: what one server decides it decides one after the other anyway.
            // By one clock: a scan of an earlier time would count.
            let days = taught.days(1, minutes: 2)
            let moments = (0..<4).map { _ in scene.at(days: days) }
            let answers = try await withThrowingTaskGroup(of: LessonScanAnswer.self) { group in
                for index in 0..<24 {
                    let body = taught.body(taught.seated[0].id, at: taught.time(1, minutes: 2))
                    group.addTask { [devices] in
                        let response = await moments[index % 4].send(
                            .post, "/v1/classes/\(taught.id)/lessons/1/scans", body, bearer: devices[index % 4])
                        return try response.json(LessonScanAnswer.self)
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(answers.count { $0.outcome == .recorded } == 1)
            #expect(answers.count { $0.codes == ["school.already_marked"] } == 23)
            #expect(try await scene.value("select count(*) from lesson_attendance") == Int64(2))
        }
    }

    @Test func `what was recorded without network counts by its true times, in whatever order it comes, once`() async throws {
        try await withSchool { scene in
            for isReversed in [false, true] {
                let taught = try await scene.taught(
                    seats: 3, title: "课\(isReversed)", weekday: isReversed ? 3 : 2, room: isReversed ? "302" : "301")
                let members = taught.seated.map(\.id)
                let lines = [
                    taught.line(members[0], 1, minutes: -5), taught.line(members[0], 1, minutes: 40),
                    taught.line(members[1], 1, minutes: 20), taught.line(members[1], 2, minutes: 0),
                    taught.line(members[2], 1, minutes: 95),
                ]
                for part in isReversed ? lines.reversed().map({ [$0] }) : [lines] { _ = try await taught.upload(part, minutes: 300) }
                let states = [
                    try await taught.state(members[0], 1), try await taught.state(members[1], 1), try await taught.state(members[1], 2),
                    try await taught.state(members[2], 1),
                ]
                #expect(states == ["attended scan", "late scan", "attended scan", nil])
                let came: Timestamp = try await scene.value(
                    "select occurred_at from lesson_attendance where class_id = \(taught.id) and number = 1 and member_id = \(members[0])")
                #expect(came == taught.time(1, minutes: -5))
                let before: Int64 = try await scene.value("select count(*) from lesson_scan")
                let again = try await taught.upload(lines, minutes: 400)
                #expect(again.map(\.outcome) == [.recorded, isReversed ? .recorded : .refused, .recorded, .recorded, .refused])
                #expect(try await scene.value("select count(*) from lesson_scan") == before)
            }
        }
    }

    @Test func `a device without network tells who has a seat from what it took along`() async throws {
        try await withSchool { scene in
            let taught = try await scene.taught()
            let desk = try await taught.at(1, minutes: -600).send(.get, "/v1/lesson-desk", bearer: taught.device).json(LessonDesk.self)
            let roll = try #require(desk.lessons.first)
            #expect(desk.lessons.count == 1 && roll.classId == taught.id && roll.number == 1)
            #expect(Set(roll.lines.compactMap(\.memberIds.first)) == Set(taught.seated.map(\.id)))
            #expect(roll.opensAt == taught.time(1, minutes: -30) && roll.lateAt == taught.time(1, minutes: 10))
            var keys: [UInt8: PublicKey] = [:]
            for key in desk.publicKeys { keys[key.id] = try PublicKey(bytes: try #require(Base64URL.decode(key.key))) }
            let shown = taught.code(taught.seated[1].id, at: taught.time(1))
            let verdict = OfflineVerifier(publicKeys: keys).verify(shown, nowMicroseconds: taught.time(1).microseconds)
            guard case .valid(let code) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(roll.lines.contains { $0.memberIds.contains(ID(code.memberID)) })
            let unbound = try await scene.registry.devices.create(name: "x", profile: .classroom).key
            #expect(await taught.at(1).send(.get, "/v1/lesson-desk", bearer: unbound).problemCode == "school.device_unbound")
            #expect(await taught.at(1).send(.get, "/v1/lesson-desk").problemCode == "school.device_only")
        }
    }
}
