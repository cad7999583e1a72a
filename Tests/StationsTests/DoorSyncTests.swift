import Crypto
import FoundationEssentials
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct DoorSyncTests {
    /// A controller's lists, brought up to date as it does it.
    private struct Held {
        var version: Int64?
        var sets: [String: NumberSet] = ["member": NumberSet(), "provisional": NumberSet(), "card": NumberSet(), "pin_card": NumberSet()]

        mutating func apply(_ refusals: DoorSync.Refusals) throws {
            if refusals.isFull { for kind in sets.keys { sets[kind] = NumberSet() } }
            for (kind, added, removed) in [
                ("member", refusals.members, refusals.membersCleared),
                ("provisional", refusals.provisional, refusals.provisionalCleared),
                ("card", refusals.cards, refusals.cardsCleared), ("pin_card", refusals.pinCards, refusals.pinCardsCleared),
            ] {
                let adding = try #require(Base64URL.decode(added).flatMap { NumberSet(bytes: $0) })
                let removing = try #require(Base64URL.decode(removed).flatMap { NumberSet(bytes: $0) })
                sets[kind]?.change(adding: adding, removing: removing)
            }
            version = refusals.version
            let digest = sets.reduce(UInt64(0)) { $0 ^ $1.value.digest(kind: $1.key) }
            #expect(UInt64(refusals.digest, radix: 16) == digest)
        }
    }

    private func store(_ scene: StationScene) -> DoorSyncStore {
        DoorSyncStore(scene.database, keys: scene.keys, clock: scene.clock)
    }

    @Test(arguments: SeededGenerator.seeds(3)) func `lists kept by changes are the lists there are, whatever was missed`(
        _ seed: UInt64
    ) async throws {
        try await withDatabase { database in
            var random = SeededGenerator(seed: seed)
            let scene = try await StationScene(database, members: 30)
            let store = store(scene)
            var always = Held()
            var seldom = Held()
            for round in 0..<12 {
                for member in scene.members where random.chance(15) {
                    try await scene.set(MemberStatus.allCases.randomElement(using: &random) ?? .left, of: member)
                }
                if random.chance(50) {
                    _ = try await database.query(
                        """
                        insert into access_credential (credential_digest, kind, member_id, pin_digest, created_by)
                        values (\(SecureRandom.bytes(32)), 'card', \(scene.members[0]),
                            \(random.chance(50) ? SecureRandom.bytes(32) : nil), 'test')
                        """)
                }
                if random.chance(50) {
                    _ = try await database.query(
                        """
                        update access_credential set revoked_at = now(), revoked_by = 'test', revoked_reason = 'lost'
                        where credential_id % 3 = \(Int64(round % 3)) and revoked_at is null
                        """)
                }
                let news = try #require(
                    try await store.sync(scene.front.device, scene.front.accessPoint, since: always.version, maxAgeSeconds: -1))
                try always.apply(news.refusals)
                #expect(news.refusals.isFull == (round == 0), "seed \(seed)")
                guard random.chance(30) else { continue }
                let late = try #require(
                    try await store.sync(scene.front.device, scene.front.accessPoint, since: seldom.version, maxAgeSeconds: -1))
                try seldom.apply(late.refusals)
                #expect(seldom.sets == always.sets, "seed \(seed)")
            }
            for (kind, statement) in [
                ("member", "select member_id from member where status in ('suspended', 'left')"),
                ("provisional", "select member_id from member where status = 'provisional'"),
                ("card", "select credential_id from access_credential where revoked_at is not null"),
                ("pin_card", "select credential_id from access_credential where revoked_at is null and pin_digest is not null"),
            ] {
                var expected: [Int64] = []
                for row in try await database.query(SQL(raw: statement)) { expected.append(try row.decode(0)) }
                #expect(always.sets[kind] == NumberSet(expected), "\(kind), seed \(seed)")
            }
        }
    }

    @Test func `nothing new costs nothing, and a version from another life gets the whole list`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let store = store(scene)
            try await scene.set(.left, of: scene.members[0])
            func sync(_ version: Int64?) async throws -> DoorSync.Refusals {
                try #require(try await store.sync(scene.front.device, scene.front.accessPoint, since: version, maxAgeSeconds: -1)).refusals
            }
            let first = try await sync(nil)
            #expect(first.isFull && NumberSet(bytes: Base64URL.decode(first.members) ?? []) == NumberSet([scene.members[0].rawValue]))
            let same = try await sync(first.version)
            #expect(!same.isFull && same.version == first.version && same.members.isEmpty && same.digest == first.digest)
            #expect(try await sync(first.version + 1).isFull, "as after a backup was played back")
            // Within the age allowed the list is not compared again.
            try await scene.set(.left, of: scene.members[1])
            let remembered = try await store.sync(scene.front.device, scene.front.accessPoint, since: first.version, maxAgeSeconds: 600)
            #expect(remembered?.refusals.members == "")
        }
    }

    @Test func `a policy is said as a controller applies it`() async throws {
        try await withDatabase { database in
            let scene = try await StationScene(database)
            let store = store(scene)
            let opens = try #require(TimeOfDay("22:00"))
            let closes = try #require(TimeOfDay("02:00"))
            try await scene.set(
                AccessPolicy(
                    directions: .outward,
                    opening: OpeningHours(
                        hours: WeekdayHours.daily(opens, closes), exceptions: [HoursException(on: "2027-02-06", hours: [])]),
                    attributes: [AttributeRule(.sex, oneOf: ["female"])], relayMilliseconds: 700, offlineLimitHours: 5,
                    whenOfflineTooLong: .openForValidCodes),
                at: scene.front)
            let sync = try #require(try await store.sync(scene.front.device, scene.front.accessPoint, since: nil))
            let policy = sync.policy
            #expect(!policy.servesEntries && policy.isOpen && policy.stationIsOpen && policy.asksForAttributes)
            #expect(policy.openings.count == 1 && policy.openings[0].week.allSatisfy { $0 == [DoorSync.Hours(from: 1_320, until: 1_560)] })
            #expect(policy.openings[0].exceptions == ["2027-02-06": []])
            #expect(policy.zoneSeconds == 28_800 && policy.relayMilliseconds == 700 && policy.offlineLimitHours == 5)
            #expect(policy.whenOfflineTooLong == "open_for_valid_codes" && policy.state == "normal")
            #expect(sync.publicKeys.count == scene.keys.memberCodeKeys.count)
            #expect(try await store.sync(scene.back.device, scene.front.accessPoint, since: nil) == nil, "another's door")
            _ = try await database.query("update device set revoked_at = now() where device_id = \(scene.front.device)")
            #expect(try await store.sync(scene.front.device, scene.front.accessPoint, since: nil) == nil)
        }
    }
}
