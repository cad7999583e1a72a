import FoundationEssentials
import HTTP
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import NightSchool

/// What absences without excuse bring, and how it is lifted.
@Suite struct StandingTests {
    /// One who never comes, and one who does.
    private func absent(_ scene: SchoolScene, lessons: Int) async throws -> TaughtClass {
        try await scene.setRules {
            $0.warningAfter = 2
            $0.lowerPriorityAfter = 3
        }
        let taught = try await scene.taught(seats: 2, count: 4)
        for lesson in 1...lessons {
            try await taught.hold(lesson, [(taught.seated[0].id, "absent"), (taught.seated[1].id, "attended")])
            try await taught.run(after: lesson)
        }
        return taught
    }

    private func own(_ member: TestMember, _ taught: TaughtClass) async throws -> [Standing] {
        try await taught.at(4).send(.get, "/v1/me/school-standings", bearer: member.token).json(StandingList.self).items
    }

    private func lower(_ taught: TaughtClass, in term: ID<SchoolTerm>) async throws -> [Int64] {
        try await taught.scene.database.query(
            "select member_id from night_school_lower_priority(\(taught.seated.map(\.id)), \(term))"
        ).map { try $0.decode(0) }
    }

    private func laterTerm(_ scene: SchoolScene, from: Int = 140) async throws -> ID<SchoolTerm> {
        let made = await scene.at().send(
            .post, "/v1/schools/\(scene.school)/terms",
            #"{"name":"春季 \#(from)","startsOn":"\#(SchoolScene.day(from))","endsOn":"\#(SchoolScene.day(from + 60))"}"#)
        return try made.json(SchoolTerm.self).id
    }

    @Test func `so many absences bring a warning, more a lower priority in draws of later terms, told once each`() async throws {
        try await withSchool { scene in
            let taught = try await absent(scene, lessons: 2)
            let (never, always) = (taught.seated[0], taught.seated[1])
            #expect(try await own(never, taught).map(\.kind) == [.warning])
            let next = try await laterTerm(scene)
            #expect(try await lower(taught, in: next).isEmpty, "a warning is nothing more")
            try await taught.hold(3, [(never.id, "absent"), (always.id, "late")])
            try await taught.run(after: 3)
            try await taught.run(after: 3)
            #expect(try await own(never, taught).map(\.kind) == [.lowerPriority, .warning])
            #expect(try await own(always, taught).isEmpty)
            #expect(try await lower(taught, in: next) == [never.id.rawValue])
            #expect(try await lower(taught, in: scene.term).isEmpty, "not in the term it comes from")
            #expect(try await lower(taught, in: try await laterTerm(scene, from: 335)).isEmpty, "two hundred days are over")
            _ = try await scene.database.query("update enrolment_standing set from_on = \(SchoolScene.day(10))")
            #expect(try await lower(taught, in: scene.term).isEmpty, "were it to begin this very day")
            let told: Int64 = try await scene.value("select count(*) from outbox_event where type = 'enrolment_standing.began'")
            #expect(told == 2)
            // Excused lessons and evenings as a guest bring nothing: the other rule, the term's own, is data.
            let list = await scene.at().send(.get, "/v1/schools/\(scene.school)/standings").text
            #expect(list.contains("lower_priority"))
        }
    }

    @Test func `an appeal is filed once, accepted it lifts, refused it names a reason, and it is audited`() async throws {
        try await withSchool { scene in
            let taught = try await absent(scene, lessons: 3)
            let never = taught.seated[0]
            let standings = try await own(never, taught)
            let (priority, warning) = (try #require(standings.first), try #require(standings.last))
            let path = "/v1/me/school-standings/\(priority.id)/appeal"
            let stranger = taught.seated[1]
            let moment = taught.at(4)
            #expect(
                await moment.send(.post, path, #"{"ground":"work"}"#, bearer: stranger.token).problemCode == "school.standing_unknown")
            #expect(
                await moment.send(.put, "/v1/school-standings/\(priority.id)/appeal", #"{"accepted":true}"#).problemCode
                    == "school.appeal_unknown")
            for standing in [priority, warning] {
                let filed = await moment.send(
                    .post, "/v1/me/school-standings/\(standing.id)/appeal", #"{"ground":"work"}"#, bearer: never.token)
                #expect(filed.status == 200)
            }
            #expect(await moment.send(.post, path, #"{"ground":"other"}"#, bearer: never.token).problemCode == "school.appeal_exists")
            let pending = await moment.send(.get, "/v1/schools/\(scene.school)/standings?appealed=true").text
            #expect(pending.contains("\"filed\""))
            let west = scene.organizer(of: scene.west)
            #expect(
                await west.send(.put, "/v1/school-standings/\(priority.id)/appeal", #"{"accepted":true}"#).problemCode
                    == "school.standing_unknown")
            let refusal = "/v1/school-standings/\(warning.id)/appeal"
            #expect(await moment.send(.put, refusal, #"{"accepted":false}"#).problemCode == "school.invalid")
            #expect(await moment.send(.put, refusal, #"{"accepted":false,"reason":"没有加班记录"}"#).status == 200)
            #expect(await moment.send(.put, refusal, #"{"accepted":true}"#).problemCode == "school.appeal_decided")
            let decisions = try await withThrowingTaskGroup(of: Int.self) { group in
                for accepted in [true, false, true, false] {
                    group.addTask {
                        let decided = await moment.send(
                            .put, "/v1/school-standings/\(priority.id)/appeal", #"{"accepted":\#(accepted),"reason":"x"}"#)
                        return decided.status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(decisions.count { $0 == 200 } == 2 && decisions.count { $0 == 409 } == 2, "one decision, and its repeat")
            let now = try await own(never, taught)
            let isLifted = now.first?.liftedAt != nil
            #expect(isLifted == (now.first?.appeal?.state == .accepted) && now.last?.liftedAt == nil)
            let next = try await laterTerm(scene)
            #expect(try await lower(taught, in: next).isEmpty == isLifted)
            let audited: Int64 = try await scene.value(
                "select count(*) from audit_entry where action = 'enrolment_standing.appeal_decided'")
            #expect(audited == 2)
            // Weighed again, what an organizer lifted stays lifted.
            try await taught.hold(4, [(never.id, "absent"), (stranger.id, "attended")])
            try await taught.run(after: 4)
            #expect(try await own(never, taught).first?.liftedAt != nil || !isLifted)
        }
    }

    @Test func `a mark that is corrected lifts what it brought, and brings it back`() async throws {
        try await withSchool { scene in
            let taught = try await absent(scene, lessons: 3)
            let never = taught.seated[0]
            let next = try await laterTerm(scene)
            func mark(_ state: String, minutes: Double) async throws {
                let marked = await taught.mark(3, [(never.id, state)], minutes: minutes)
                #expect(marked.status == 200, "\(marked.text)")
                try await taught.run(after: 3, hours: minutes / 60 + 1)
            }
            try await mark("excused", minutes: 3_000)
            #expect(try await own(never, taught).map { $0.liftedAt == nil } == [false, true])
            #expect(try await own(never, taught).first?.liftReason == "absence_corrected")
            #expect(try await lower(taught, in: next).isEmpty)
            try await mark("absent", minutes: 4_000)
            #expect(try await lower(taught, in: next) == [never.id.rawValue])
        }
    }

    @Test func `no function and no source but those of night schools knows of standings`() async throws {
        try await withSchool { scene in
            let functions: [String] = try await scene.database.query(
                """
                select proname::text from pg_proc
                where prosrc ~ 'enrolment_standing|lower_priority' and proname not like 'night\\_school\\_%'
                """
            ).map { try $0.decode(0) }
            #expect(functions == [], "doors, benefits and first come never ask")
            let enrolling: [String] = try await scene.database.query(
                """
                select proname::text from pg_proc
                where prosrc ~ 'enrolment_standing|night_school_lower_priority'
                    and proname in ('night_school_enrol', 'night_school_give_seats', 'night_school_scan', 'night_school_mark')
                """
            ).map { try $0.decode(0) }
            #expect(enrolling == [])
        }
        let root = "/" + String(#filePath.split(separator: "/Tests/")[0].drop { $0 == "/" })
        for target in ["Stations", "Controller", "Door", "Registry", "Coupons", "Checkups", "Insurance", "Programs"] {
            for file in try FileManager.default.subpathsOfDirectory(atPath: "\(root)/Sources/\(target)") where file.hasSuffix(".swift") {
                let bytes = try #require(FileManager.default.contents(atPath: "\(root)/Sources/\(target)/\(file)"))
                #expect(!String(decoding: bytes, as: UTF8.self).contains("enrolment_standing"), "\(file)")
            }
        }
    }
}
