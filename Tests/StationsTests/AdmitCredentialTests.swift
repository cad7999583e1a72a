import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Cards, numbers, day codes and door codes, as the door decides about them.
@Suite struct AdmitCredentialTests {
    private static let digest = StationScene.digest(7)
    private static let pin = StationScene.digest(8)
    private static let wrong = StationScene.digest(9)

    private func card(_ scene: StationScene, _ change: (inout AdmitModel.Card) -> Void = { _ in }, kind: ScanCredentialKind = .card)
        async throws
    {
        var card = AdmitModel.Card(kind: kind, member: scene.members[0])
        change(&card)
        try await scene.insert(card, digest: Self.digest)
        try await scene.set(card, digest: Self.digest)
    }

    @Test func `a card opens for its member, again and again, and each is told to whom`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            try await card(scene)
            for direction in [AccessDirection.inward, .outward, .inward] {
                let answer = try await scene.admit(scene.scan(.card(digest: Self.digest, pinDigest: nil), at: scene.front, direction))
                #expect(answer.isOpen)
                #expect(answer.decision?.memberID == scene.members[0])
            }
            let other = scene.scan(.card(digest: StationScene.digest(1), pinDigest: nil), at: scene.front)
            #expect(try await scene.admit(other).reasons == [.cardUnknown])
            #expect(try await scene.admit(other).isRepeat)
            #expect(
                try await scene.admit(scene.scan(.number(digest: Self.digest, pinDigest: nil), at: scene.front)).reasons == [
                    .numberUnknown
                ],
                "a card's digest is no number")
            let kinds = try await database.query("select count(*) from access_event where credential_kind = 'card' and credential_id = 1")
            #expect(try kinds.single.decode(0, as: Int.self) == 3)
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }

    @Test func `what is revoked, over or not yet good opens nothing, not even outwards`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let digests = (20..<25).map { StationScene.digest($0) }
            let past = scene.clock.nowMicroseconds - 1_000_000
            for (digest, kind) in zip(digests, [ScanCredentialKind.card, .card, .number, .dayCode, .card]) {
                try await scene.insert(AdmitModel.Card(kind: kind, member: scene.members[0]), digest: digest)
            }
            try await scene.set(AdmitModel.Card(kind: .card, member: scene.members[0], isRevoked: true), digest: digests[0])
            for digest in digests[1...3] {
                try await scene.set(AdmitModel.Card(kind: .card, member: scene.members[0], validUntil: past), digest: digest)
            }
            _ = try await database.query(
                "update access_credential set valid_from = now() + interval '1 hour' where credential_digest = \(digests[4])")
            for direction in AccessDirection.allCases {
                var reasons: [[AccessReason]] = []
                for credential in [
                    ScanCredential.card(digest: digests[0], pinDigest: nil), .card(digest: digests[1], pinDigest: nil),
                    .number(digest: digests[2], pinDigest: nil), .dayCode(digest: digests[3]), .card(digest: digests[4], pinDigest: nil),
                    .dayCode(digest: StationScene.digest(99)),
                ] {
                    reasons.append(try await scene.admit(scene.scan(credential, at: scene.front, direction)).reasons)
                }
                #expect(
                    reasons == [[.cardRevoked], [.cardExpired], [.numberUnknown], [.dayCodeExpired], [.cardExpired], [.dayCodeUnknown]])
            }
        }
    }

    @Test func `five wrong PINs lock a card, a right one before forgets the wrong ones, and nobody needs one to leave`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            try await card(scene) { $0.pinDigest = Self.pin }
            func admit(_ pin: [UInt8]?, _ direction: AccessDirection = .inward) async throws -> [AccessReason] {
                try await scene.admit(scene.scan(.card(digest: Self.digest, pinDigest: pin), at: scene.front, direction)).reasons
            }
            #expect(try await admit(nil) == [.pinMissing])
            for _ in 0..<4 { #expect(try await admit(Self.wrong) == [.pinWrong]) }
            #expect(try await admit(Self.pin) == [])
            let wrong = scene.scan(.card(digest: Self.digest, pinDigest: Self.wrong), at: scene.front)
            for _ in 0..<7 { #expect(try await scene.admit(wrong).reasons == [.pinWrong], "the same request is one try") }
            for _ in 0..<4 { #expect(try await admit(Self.wrong) == [.pinWrong]) }
            for pin in [Self.pin, Self.wrong, nil] { #expect(try await admit(pin) == [.pinLocked]) }
            #expect(try await admit(nil, .outward) == [])
            _ = try await database.query("update access_credential set pin_failures = 0")
            #expect(try await admit(Self.pin) == [])
        }
    }

    @Test func `guesses of a PIN from several connections at once are five, not more`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            try await card(scene) { $0.pinDigest = Self.pin }
            let access = scene.access
            let tasks = (0..<12).map { index in
                Task(executorPreference: TestLoops.all[index % TestLoops.all.count]) {
                    try await access.admit(batch: [
                        scene.scan(.card(digest: Self.digest, pinDigest: Self.wrong), at: scene.front),
                        scene.scan(.card(digest: Self.digest, pinDigest: Self.wrong), at: scene.back),
                    ])
                }
            }
            var told: [AccessReason] = []
            for task in tasks { told += try await task.value.flatMap(\.reasons) }
            #expect(told.count { $0 == .pinWrong } == 5)
            #expect(told.count { $0 == .pinLocked } == 19)
        }
    }

    @Test func `a day code opens the stations below its organization only`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database, stations: 2)
            let below = try await scene.organization(below: scene.organization, name: "north")
            try await card(scene, { $0.organization = below }, kind: .dayCode)
            #expect(try await scene.admit(scene.scan(.dayCode(digest: Self.digest), at: scene.front)).reasons == [.organizationNotAdmitted])
            try await scene.set(AdmitModel.Place(organization: below), of: scene.front.station)
            #expect(try await scene.admit(scene.scan(.dayCode(digest: Self.digest), at: scene.front)).isOpen)
            #expect(try await scene.admit(scene.scan(.dayCode(digest: Self.digest), at: scene.doors[1][0], .outward)).isOpen)
        }
    }

    @Test func `a member's phone asks for a door without a device, once for one request`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            func ask(_ refusal: AccessReason? = nil) -> AccessScan {
                AccessScan(
                    requestID: StationScene.requestID(), deviceID: nil, accessPointID: scene.front.accessPoint, direction: .inward,
                    occurredAt: Timestamp(microseconds: scene.clock.nowMicroseconds),
                    credential: .doorCode(scene.members[0], code: "WSD1:…", refusal: refusal))
            }
            let first = ask()
            #expect(try await scene.admit(first).isOpen)
            #expect(try await scene.admit(first).isRepeat)
            #expect(try await scene.admit(ask()).isOpen, "a later asking is another one")
            #expect(try await scene.admit(ask(.doorCodeExpired)).reasons == [.doorCodeExpired])
            #expect(try await scene.admit(ask(.doorCodeForged)).reasons == [.doorCodeForged])
            let events = try await scene.access.events(of: scene.front.station, before: nil, limit: 10)
            #expect(events.count == 4)
            #expect(events.allSatisfy { $0.deviceId == nil && $0.credentialKind == .doorCode })
            #expect(try await scene.stationsOutOfBalance == 0)
        }
    }
}
