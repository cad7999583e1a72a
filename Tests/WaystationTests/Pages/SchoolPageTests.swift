import Browser
import HTTP
import Postgres
import Registry
import Runtime
import Testing

/// A class of one seat: who comes first has it, the next waits, and the room's tablet knows both.
struct SchoolPageTests {
    /// A class that is open for enrolment, its school, term and room.
    private func open(_ scene: PageScene) async throws -> (id: Int64, room: Int64, term: Int64) {
        let school = try await scene.make("/v1/schools", #"{"organizationId":\#(scene.city.city),"name":"职工夜校"}"#)
        let term = try await scene.make(
            "/v1/schools/\(school)/terms", #"{"name":"秋季","startsOn":"\#(PageScene.day(10))","endsOn":"\#(PageScene.day(130))"}"#)
        let room = try await scene.make(
            "/v1/schools/\(school)/rooms", #"{"site":"文化宫","name":"301","address":"人民路 1 号","seats":60}"#)
        let course = try await scene.make("/v1/schools/\(school)/courses", #"{"category":"culture","title":"书法"}"#)
        let teacher = try await scene.make(
            "/v1/teachers",
            #"{"organizationId":\#(scene.city.city),"kind":"staff","name":"王老师","offices":[{"from":"\#(PageScene.day(0))"}]}"#)
        try await scene.done(
            .post, "/v1/classes",
            """
            {"courseId":\(course),"termId":\(term),"label":"一班","teacherId":\(teacher),"roomId":\(room),"capacity":1,
            "opensAt":"\(PageScene.time(24))","closesAt":"\(PageScene.time(200))",
            "pattern":{"weekdays":[2],"from":"19:00","to":"20:30","count":4}}
            """)
        let id: Int64 = try await scene.value("select max(class_id) from school_class")
        try await scene.done(.post, "/v1/classes/\(id)/publish")
        _ = try await scene.service.database.query(
            "update school_class set opens_at = now() - interval '1 hour' where class_id = \(id)")
        return (id, room, term)
    }

    @Test func `the first has the seat, the second waits and knows where, and the room lets in who has a seat`() async throws {
        try await withPages { scene in
            let first = try await scene.member()
            let second = try await scene.member("李四", nationalID: "110101199003072770", phone: "13912345678")
            let taught = try await open(scene)
            try await withBrowsers([.phone(.chinese), .desk(.chinese)]) { browsers in
                let (phone, desk) = (browsers[0], browsers[1])
                try await scene.admit(phone, .worker, first.token)
                try await scene.open(phone, .worker, "/school/classes/\(taught.id)")
                try await scene.inspect(phone, "worker-class-phone-zh")
                try await phone.press("我要报名")
                try await phone.waitUntil("location.hash.startsWith('#/school/enrolments/')")
                try await scene.admit(phone, .worker, second.token)
                try await scene.open(phone, .worker, "/school/classes/\(taught.id)")
                try await phone.press("排队")
                try await phone.waitUntil(text: "排在第 1 位", in: "main")
                try await scene.inspect(phone, "worker-enrolment-waits-phone-zh")
                let states = try await scene.service.database.query("select state from enrolment order by enrolment_id")
                    .map { try $0.decode(0, as: String.self) }
                #expect(states == ["seated", "waitlisted"])
                try await attend(scene, phone, taught.room, seated: first.id, waiting: second.id)
                try await scene.admit(desk, .desk, scene.service.owner)
                try await scene.open(desk, .desk, "/classes/\(taught.id)")
                try await desk.waitUntil(text: "张*", in: "main")
                try await scene.inspect(desk, "desk-class-desk-zh")
                try await scene.open(desk, .desk, "/terms/\(taught.term)")
                try await desk.waitUntil(visible: "main figure.chart")
                try await scene.inspect(desk, "desk-term-desk-zh")
            }
        }
    }

    /// The first lesson is now: its roll is kept by the tablet of the room.
    private func attend(_ scene: PageScene, _ phone: BrowserSession, _ room: Int64, seated: Int64, waiting: Int64) async throws {
        let (device, key) = try await scene.service.registry.devices.create(name: "classroom", profile: .classroom)
        try await scene.done(.put, "/v1/school-rooms/\(room)/devices/\(device.id)")
        _ = try await scene.service.database.query(
            """
            update lesson set starts_at = now() - interval '5 minutes', ends_at = now() + interval '60 minutes' where number = 1
            """)
        try await scene.admit(phone, .device, key)
        try await scene.open(phone, .device, "/")
        try await phone.waitUntil(text: "书法", in: "h1")
        try await phone.scan(scene.code(seated))
        #expect(try await phone.waitUntil(visible: ".result.good").text().contains("张*"))
        try await scene.inspect(phone, "device-classroom-good-phone-zh")
        try await phone.press(.escape)
        try await phone.waitUntil(gone: ".result")
        try await Task.sleep(for: .milliseconds(1_600))
        try await phone.scan(scene.code(waiting))
        #expect(try await phone.waitUntil(visible: ".result.bad .reason").text().isEmpty == false)
        try await scene.inspect(phone, "device-classroom-bad-phone-zh")
        let rolled: Int64 = try await scene.value("select member_id from lesson_attendance where state in ('attended', 'late')")
        #expect(rolled == seated)
    }
}
