import Crypto
import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import Scheduler
import TestSupport
import Testing

@testable import NightSchool

/// A city with a school in its eastern district, a term that begins in ten days, rooms and teachers.
struct SchoolScene: Sendable {
    let database: Database
    let registry: Registry
    let keys: Keys
    let city: ID<Organization>
    let east: ID<Organization>
    let west: ID<Organization>
    let owner: String
    let school: ID<School>
    let term: ID<SchoolTerm>
    /// 60 seats and 300.
    let room: ID<Classroom>
    let hall: ID<Classroom>
    let teacher: ID<Teacher>
    let expert: ID<Teacher>

    /// The feature and a client, as a server would be so many days from now.
    struct Moment: Sendable {
        let school: NightSchool
        let client: TestClient
        let owner: String

        /// Sends and holds the answer against the route's declaration.
        @discardableResult
        func send(
            _ method: HTTP.Method, _ path: String, _ json: String? = nil, bearer: String? = nil, headers: [(String, String)] = []
        ) async -> TestResponse {
            let response = await client.send(
                method, path, bearer: bearer ?? owner, headers: headers, body: json.map { Array($0.utf8) },
                contentType: json == nil ? nil : "application/json")
            #expect(response.undeclared == nil)
            return response
        }

        func run() async throws {
            for job in school.jobs { while try await job.run() == .more {} }
        }
    }

    func at(days: Double = 0) -> Moment {
        Self.at(days: days, database, registry, keys, owner)
    }

    /// A manager of one subtree.
    func organizer(of organization: ID<Organization>) -> Moment {
        let grants = [AccountGrant(role: .manager, organizationID: organization)]
        let night = NightSchool(database: database, registry: registry, keys: keys, clock: Clock())
        let api = API(
            routes: night.routes, authenticator: FixedAuthenticator(["t": OrganizerPrincipal(accountID: ID(9), grants: grants)]),
            log: .silent)
        return Moment(school: night, client: TestClient(api, loop: database.loops[0]), owner: "t")
    }

    fileprivate static func at(days: Double, _ database: Database, _ registry: Registry, _ keys: Keys, _ owner: String) -> Moment {
        let clock = Clock(offsetMicroseconds: Int64(days * 86_400_000_000))
        let school = NightSchool(database: database, registry: registry, keys: keys, clock: clock)
        let api = API(routes: registry.routes + school.routes, authenticator: registry.authenticator, log: .silent)
        return Moment(school: school, client: TestClient(api, loop: database.loops[0]), owner: owner)
    }

    /// A day of China, so many from today.
    static func day(_ days: Int) -> CalendarDate {
        CalendarDate(daysSince1970: Int((Clock().nowSeconds + 8 * 3_600) / 86_400) + days)
    }

    /// The first such weekday (1 for Monday) at least so many days from today.
    static func weekday(_ weekday: Int, from days: Int = 10) -> CalendarDate {
        (days..<days + 7).map(day).first { $0.weekday == weekday } ?? day(days)
    }

    static func time(_ days: Int) -> String { Timestamp(microseconds: Int64(day(days).daysSince1970) * 86_400_000_000).description }

    static let termDays = 10...130

    /// A weekly class of eight evenings, ready to be published.
    func classBody(
        course: ID<Course>, label: String = "一班", weekday: Int = 2, from: String = "19:00", to: String = "20:30", count: Int = 8,
        room: ID<Classroom>? = nil, teacher: ID<Teacher>? = nil, capacity: Int = 30, more: String = ""
    ) -> String {
        """
        {"courseId":\(course),"termId":\(term),"label":"\(label)","teacherId":\(teacher ?? self.teacher),"roomId":\(room ?? self.room),
        "capacity":\(capacity),"opensAt":"\(Self.time(1))","closesAt":"\(Self.time(8))"\(more),
        "pattern":{"weekdays":[\(weekday)],"from":"\(from)","to":"\(to)","count":\(count)}}
        """
    }

    func course(_ title: String = "书法", category: String = "culture") async throws -> ID<Course> {
        let made = await at().send(.post, "/v1/schools/\(school)/courses", #"{"category":"\#(category)","title":"\#(title)"}"#)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(Course.self).id
    }

    func draft(_ body: String) async throws -> ClassSheet {
        let made = await at().send(.post, "/v1/classes", body)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(ClassSheet.self)
    }

    func published(_ body: String) async throws -> ClassSheet {
        let draft = try await draft(body)
        let published = await at().send(.post, "/v1/classes/\(draft.schoolClass.id)/publish")
        try #require(published.status == 200, "\(published.text)")
        return try published.json(ClassSheet.self)
    }

    func sheet(_ id: ID<SchoolClass>) async throws -> ClassSheet {
        try await at().send(.get, "/v1/classes/\(id)").json(ClassSheet.self)
    }

    func room(_ name: String, seats: Int = 60) async throws -> ID<Classroom> {
        let made = await at().send(
            .post, "/v1/schools/\(school)/rooms", #"{"site":"文化宫","name":"\#(name)","address":"人民路 1 号","seats":\#(seats)}"#)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(Classroom.self).id
    }

    /// Another term over the same days.
    func term(_ name: String) async throws -> ID<SchoolTerm> {
        let made = await at().send(
            .post, "/v1/schools/\(school)/terms",
            #"{"name":"\#(name)","startsOn":"\#(Self.day(10))","endsOn":"\#(Self.day(130))"}"#)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(SchoolTerm.self).id
    }

    func teacher(
        _ name: String, kind: String = "staff", from: Int = 0, to: Int? = nil, organization: ID<Organization>? = nil
    ) async throws -> ID<Teacher> {
        let last = to.map { ",\"to\":\"\(Self.day($0))\"" } ?? ""
        let made = await at().send(
            .post, "/v1/teachers",
            """
            {"organizationId":\(organization ?? city),"kind":"\(kind)","name":"\(name)","offices":[{"from":"\(Self.day(from))"\(last)}]}
            """)
        try #require(made.status == 201, "\(made.text)")
        return try made.json(Teacher.self).id
    }

    func member() async throws -> (id: ID<Member>, token: String) {
        let id: ID<Member> = try await value(
            """
            insert into member (
                organization_id, status, worker_kind, employment_form, sex, birth_on, hardship_post, employer_checkup)
            values (\(east), 'active', 'courier', 'platform', 'female', '1990-01-01', false, false)
            returning member_id
            """)
        return (id, try await registry.memberSessions.create(id, lifetimeSeconds: 3_600).token)
    }

    /// One value of one row.
    func value<Value: PostgresDecodable>(_ sql: SQL, as _: Value.Type = Value.self) async throws -> Value {
        try await database.query(sql)[0].decode(0)
    }

    /// How many rows there are that a change would have made.
    func rows() async throws -> [Int64] {
        let row = try await database.query(
            """
            select (select count(*) from course), (select count(*) from school_class), (select count(*) from lesson),
                (select count(*) from class_seat_count), (select count(*) from school_class_event), (select count(*) from audit_entry),
                (select count(*) from outbox_event)
            """)[0]
        return try (0..<7).map { try row.decode($0) }
    }
}

/// Runs `body` with a scene over a fresh database.
func withSchool<Value>(_ body: (SchoolScene) async throws -> Value) async throws -> Value {
    try await withDatabase { database in
        let keys = Keys.random()
        let registry = Registry(database: database, keys: keys, loops: database.loops)
        let city = try #require(try await registry.organizations.ensure(.init(kind: .city, name: "深圳"))).id
        let east = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "东区"))).id
        let west = try #require(try await registry.organizations.ensure(.init(parentID: city, kind: .district, name: "西区"))).id
        let owner = try await registry.accounts.createOwner(name: "owner")
        let moment = SchoolScene.at(days: 0, database, registry, keys, owner)
        let made = await moment.send(.post, "/v1/schools", #"{"organizationId":\#(east),"name":"东区职工夜校"}"#)
        try #require(made.status == 201, "\(made.text)")
        let school = try made.json(School.self).id
        let term = await moment.send(
            .post, "/v1/schools/\(school)/terms",
            """
            {"name":"秋季","startsOn":"\(SchoolScene.day(10))","endsOn":"\(SchoolScene.day(130))","enrolmentCap":2}
            """)
        try #require(term.status == 201, "\(term.text)")
        var scene = SchoolScene(
            database: database, registry: registry, keys: keys, city: city, east: east, west: west, owner: owner, school: school,
            term: try term.json(SchoolTerm.self).id, room: ID(0), hall: ID(0), teacher: ID(0), expert: ID(0))
        scene = SchoolScene(
            database: database, registry: registry, keys: keys, city: city, east: east, west: west, owner: owner, school: school,
            term: scene.term,
            room: try await scene.room("101"), hall: try await scene.room("礼堂", seats: 300), teacher: try await scene.teacher("王老师"),
            expert: try await scene.teacher("李教授", kind: "expert", to: 60))
        return try await body(scene)
    }
}
