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

typealias TestMember = (id: ID<Member>, token: String)

/// A class that is taught: who has a seat and who waits, and the device of its room.
struct TaughtClass: Sendable {
    let scene: SchoolScene
    let id: ID<SchoolClass>
    let lessons: [Lesson]
    let seated: [TestMember]
    let waiting: [TestMember]
    let device: String

    /// So many minutes from the start of a lesson.
    func at(_ lesson: Int, minutes: Double = 0) -> SchoolScene.Moment { scene.at(days: days(lesson, minutes: minutes)) }

    func days(_ lesson: Int, minutes: Double = 0) -> Double {
        (Double(lessons[lesson - 1].startsAt.microseconds) / 1e6 + minutes * 60 - Double(Clock().nowSeconds)) / 86_400
    }

    func time(_ lesson: Int, minutes: Double = 0) -> Timestamp {
        Timestamp(microseconds: lessons[lesson - 1].startsAt.microseconds + Int64(minutes * 60e6))
    }

    func code(_ member: ID<Member>, at time: Timestamp) -> String {
        MemberCodeIssuer(scene.keys).issue(memberID: member.rawValue, nowMicroseconds: time.microseconds).text
    }

    func body(_ member: ID<Member>, at time: Timestamp, request: UUID = UUID()) -> String {
        #"{"code":"\#(code(member, at: time))","requestId":"\#(request.requestIDText)","occurredAt":"\#(time)"}"#
    }

    /// Shows a member's code at the device of the room, or another.
    func show(
        _ member: ID<Member>, _ lesson: Int, minutes: Double, by device: String? = nil, request: UUID = UUID(),
        headers: [(String, String)] = []
    ) async -> TestResponse {
        await at(lesson, minutes: minutes).send(
            .post, "/v1/classes/\(id)/lessons/\(lesson)/scans", body(member, at: time(lesson, minutes: minutes), request: request),
            bearer: device ?? self.device, headers: headers)
    }

    func scan(
        _ member: ID<Member>, _ lesson: Int, minutes: Double, by device: String? = nil, request: UUID = UUID()
    ) async throws -> LessonScanAnswer {
        let response = await show(member, lesson, minutes: minutes, by: device, request: request)
        try #require(response.status == 200, "\(response.text)")
        return try response.json(LessonScanAnswer.self)
    }

    /// A line of what a device recorded without network.
    func line(_ member: ID<Member>, _ lesson: Int, minutes: Double) -> String {
        #"{"classId":\#(id),"number":\#(lesson),"# + body(member, at: time(lesson, minutes: minutes)).dropFirst()
    }

    /// What a device recorded without network, uploaded so many minutes after the start of the second lesson.
    func upload(_ lines: [String], minutes: Double = 600) async throws -> [LessonScanAnswer] {
        let response = await at(2, minutes: minutes).send(
            .post, "/v1/lesson-scans/journal", #"{"items":[\#(lines.joined(separator: ","))]}"#, bearer: device)
        try #require(response.status == 200, "\(response.text)")
        return try response.json(LessonJournalAnswer.self).items
    }

    func mark(
        _ lesson: Int, _ lines: [(member: ID<Member>, state: String)], minutes: Double
    ) async -> TestResponse {
        let items = lines.map { #"{"memberId":\#($0.member),"state":"\#($0.state)"}"# }.joined(separator: ",")
        return await at(lesson, minutes: minutes).send(
            .put, "/v1/classes/\(id)/lessons/\(lesson)/roll", #"{"items":[\#(items)]}"#)
    }

    /// `attended scan`, by member; nil: nothing is recorded.
    func state(_ member: ID<Member>, _ lesson: Int) async throws -> String? {
        try await scene.database.query(
            """
            select state || ' ' || source || case when is_guest then ' guest' else '' end from lesson_attendance
            where class_id = \(id) and number = \(Int16(lesson)) and member_id = \(member)
            """
        ).first?.decode(0)
    }

    func excuse(_ member: TestMember, _ lesson: Int, minutes: Double) async -> TestResponse {
        await at(lesson, minutes: minutes).send(.post, "/v1/me/classes/\(id)/lessons/\(lesson)/excuse", bearer: member.token)
    }

    func answer(_ member: TestMember, _ lesson: Int, _ step: String, minutes: Double) async -> TestResponse {
        await at(lesson, minutes: minutes).send(.post, "/v1/me/classes/\(id)/lessons/\(lesson)/lent-seat/\(step)", bearer: member.token)
    }

    /// Marks everybody by the list, and lets the lesson's time pass.
    func hold(_ lesson: Int, _ lines: [(member: ID<Member>, state: String)]) async throws {
        let marked = await mark(lesson, lines, minutes: 30)
        try #require(marked.status == 200, "\(marked.text)")
    }

    /// The clock's jobs, so long after the lesson's end.
    func run(after lesson: Int, hours: Double = 24) async throws {
        try await at(lesson, minutes: 90 + hours * 60).run()
    }
}

extension SchoolScene {
    /// A class of so many seats, all taken, and so many who wait.
    func taught(
        seats: Int = 2, waiting: Int = 0, title: String = "书法", weekday: Int = 2, room name: String = "301", count: Int = 4,
        term: ID<SchoolTerm>? = nil
    ) async throws -> TaughtClass {
        let room = try await room(name)
        var body = classBody(
            course: try await course(title), weekday: weekday, count: count, room: room, teacher: try await teacher("老师\(name)"),
            capacity: seats)
        if let term { body = body.replacing("\"termId\":\(self.term)", with: "\"termId\":\(term)") }
        let sheet = try await published(body)
        let members = try await members(seats + waiting)
        for member in members { _ = try await enrol(member, [sheet.schoolClass.id]) }
        return TaughtClass(
            scene: self, id: sheet.schoolClass.id, lessons: sheet.lessons, seated: Array(members[..<seats]),
            waiting: Array(members[seats...]), device: try await classroomDevice(in: room))
    }

    func classroomDevice(in room: ID<Classroom>) async throws -> String {
        let (device, key) = try await registry.devices.create(name: "classroom", profile: .classroom)
        let bound = await at().send(.put, "/v1/school-rooms/\(room)/devices/\(device.id)")
        try #require(bound.status == 200, "\(bound.text)")
        return key
    }

    /// Sets rules of the term that differ from the service's.
    func setRules(_ change: (inout AttendanceRules) -> Void) async throws {
        let path = "/v1/school-terms/\(term)/attendance-rules"
        var rules = try await at().send(.get, path).json(AttendanceRules.self)
        change(&rules)
        let set = await at().send(.put, path, String(decoding: try JSON.encode(rules), as: UTF8.self))
        try #require(set.status == 200, "\(set.text)")
    }
}

extension LessonScanAnswer {
    var codes: [String] { reasons.map(\.code) }
}
