import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Guessing day codes at doors: bounded, and nobody else is stopped by it.
@Suite struct DayCodeTryTests {
    private static let handedOut = StationScene.digest(7)

    private func prepare(_ database: Database) async throws -> StationScene {
        let scene = try await StationScene(database, stations: 2)
        try await scene.insert(AdmitModel.Card(kind: .dayCode, member: scene.members[0]), digest: Self.handedOut)
        return scene
    }

    private func guess(_ scene: StationScene, _ number: UInt8, at door: StationScene.Door? = nil, _ direction: AccessDirection = .inward)
        async throws -> [AccessReason]
    {
        try await scene.admit(scene.scan(.dayCode(digest: StationScene.digest(number)), at: door ?? scene.front, direction)).reasons
    }

    @Test func `after five wrong day codes at a door no day code is looked at there, right or wrong, for an hour`() async throws {
        try await withDatabase { database in
            let scene = try await prepare(database)
            for number in UInt8(100)..<105 { #expect(try await guess(scene, number) == [.dayCodeUnknown]) }
            let right = scene.scan(.dayCode(digest: Self.handedOut), at: scene.front)
            let refused = try #require(try await scene.admit(right).decision)
            #expect(refused.reasons == [.tooManyTries] && refused.memberID == nil, "nothing tells a right one from a wrong one")
            let wrong = try #require(
                try await scene.admit(scene.scan(.dayCode(digest: StationScene.digest(105)), at: scene.front)).decision)
            #expect(wrong.reasons == refused.reasons && wrong.memberID == nil && wrong.peopleInside == refused.peopleInside)
            // What is wrong with its member or its place would tell it, too.
            try await scene.set(.suspended, of: scene.members[0])
            #expect(try await guess(scene, 7) == [.tooManyTries])
            try await scene.set(.active, of: scene.members[0])
            let names = try await database.query(
                "select count(*) from access_event where member_id is not null or credential_id is not null")
            #expect(try names.single.decode(0, as: Int.self) == 0)
            // Refused ones do not count, so whoever keeps typing does not keep the door shut.
            for number in UInt8(110)..<120 { #expect(try await guess(scene, number) == [.tooManyTries]) }
            let later = try await scene.access.admit(
                batch: [scene.scan(.dayCode(digest: Self.handedOut), at: scene.front)], clockOffsetMicroseconds: 3_601_000_000)
            #expect(later.map(\.isOpen) == [true])
            #expect(try await scene.admit(right).isRepeat, "what was answered stays answered")
        }
    }

    @Test func `wrong day codes stop no other way in, no other door, and no exit`() async throws {
        try await withDatabase { database in
            let scene = try await prepare(database)
            let (card, number) = (StationScene.digest(1), StationScene.digest(2))
            try await scene.insert(AdmitModel.Card(kind: .card, member: scene.members[1]), digest: card)
            try await scene.insert(AdmitModel.Card(kind: .number, member: scene.members[2]), digest: number)
            #expect(try await guess(scene, 7).isEmpty, "its holder is inside")
            for number in UInt8(100)..<105 { #expect(try await guess(scene, number) == [.dayCodeUnknown]) }
            #expect(try await guess(scene, 7) == [.tooManyTries])
            #expect(try await scene.admit(scene.scan(scene.code(scene.members[3]), at: scene.front)).isOpen)
            #expect(try await scene.admit(scene.scan(.card(digest: card, pinDigest: nil), at: scene.front)).isOpen)
            #expect(try await scene.admit(scene.scan(.number(digest: number, pinDigest: nil), at: scene.front)).isOpen)
            #expect(try await guess(scene, 7, at: scene.back).isEmpty)
            for number in UInt8(110)..<115 { #expect(try await guess(scene, number, at: scene.back) == [.dayCodeUnknown]) }
            #expect(try await guess(scene, 7, at: scene.back) == [.tooManyTries])
            #expect(try await guess(scene, 7, at: scene.doors[1][0]).isEmpty, "another station")
            for door in scene.doors[0] { #expect(try await guess(scene, 7, at: door, .outward).isEmpty) }
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `a station allows ten wrong day codes an hour, however many doors it has`() async throws {
        try await withDatabase { database in
            let scene = try await prepare(database)
            let third = try await scene.accessPoints.create(
                AccessPointDraft(name: "third"), station: scene.front.station, in: database)
            _ = try await scene.accessPoints.assign(scene.front.device, to: third.id)
            let doors =
                scene.doors[0] + [
                    StationScene.Door(station: scene.front.station, accessPoint: third.id, device: scene.front.device)
                ]
            var looked = 0
            for number in 100..<130 where try await guess(scene, UInt8(number), at: doors[number % 3]) == [.dayCodeUnknown] {
                looked += 1
            }
            #expect(looked == 10)
        }
    }

    @Test func `a mistyped day code is no try, a repeated request is one, and an unlocked door counts none`() async throws {
        try await withDatabase { database in
            let scene = try await prepare(database)
            let reader = ScanReader(scene.keys)
            func mistyped(_ text: String) -> AccessScan {
                scene.scan(reader.read(text, pin: nil, nowMicroseconds: scene.clock.nowMicroseconds), at: scene.front)
            }
            let code = DayCode.random().digits
            let last = code.last?.wholeNumberValue ?? 0
            for digit in 0...9 where digit != last {
                #expect(try await scene.admit(mistyped(code.dropLast() + String(digit))).reasons == [.dayCodeUnknown])
            }
            try await scene.set(AdmitModel.Place(organization: scene.organization, doorState: .unlocked), of: scene.front.station)
            for number in UInt8(100)..<107 { #expect(try await guess(scene, number).isEmpty) }
            try await scene.set(AdmitModel.Place(organization: scene.organization), of: scene.front.station)
            let scan = scene.scan(.dayCode(digest: StationScene.digest(99)), at: scene.front)
            for _ in 0..<9 { #expect(try await scene.admit(scan).reasons == [.dayCodeUnknown]) }
            #expect(try await guess(scene, 7).isEmpty)
            #expect(try await database.query("select cardinality(tried_at) from day_code_try").single.decode(0, as: Int.self) == 1)
        }
    }

    @Test func `guesses from several connections at once are five, not more`() async throws {
        try await withDatabase { database in
            let scene = try await prepare(database)
            let access = scene.access
            let tasks = (0..<12).map { index in
                Task(executorPreference: TestLoops.all[index % TestLoops.all.count]) {
                    try await access.admit(
                        batch: (0..<3).map {
                            scene.scan(.dayCode(digest: StationScene.digest(UInt8(100 + 3 * index + $0))), at: scene.front)
                        })
                }
            }
            var told: [AccessReason] = []
            for task in tasks { told += try await task.value.flatMap(\.reasons) }
            #expect(told.count { $0 == .dayCodeUnknown } == 5)
            #expect(told.count { $0 == .tooManyTries } == 31)
        }
    }
}
