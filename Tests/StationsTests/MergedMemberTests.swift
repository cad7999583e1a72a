import Crypto
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

/// Two members who are found to be one person: what opened doors to either opens them to the one who goes on.
@Suite struct MergedMemberTests {
    /// A scene, and somebody who goes on when `ways.person` ends.
    private func prepare(_ database: Database) async throws -> (ways: WaysScene, survivor: ID<Member>) {
        let ways = try await WaysScene(database)
        let body =
            #"{"organizationId":\#(ways.towns[1]),"name":"夏侯惇惇","nationalId":"440524198001010013","workerKind":"courier"}"#
        let made = await ways.client.send(
            .post, "/v1/members", bearer: WaysScene.owner, body: Array(body.utf8), contentType: "application/json")
        try #require(made.status == 201, "\(made.text)")
        let survivor: ID<Member> = try await database.query("select max(member_id) from member").single.decode(0)
        _ = try await database.query("update member set status = 'active' where member_id = \(survivor)")
        return (ways, survivor)
    }

    private func merge(_ ways: WaysScene, into survivor: ID<Member>) async throws {
        let body = #"{"duplicateId":\#(ways.person),"reason":"换证"}"#
        let merged = await ways.client.send(
            .post, "/v1/members/\(survivor)/merge", bearer: WaysScene.owner, body: Array(body.utf8), contentType: "application/json")
        try #require(merged.status == 200, "\(merged.text)")
    }

    @Test func `the old card, number, day code and code in hand go on opening doors, as the one who goes on`() async throws {
        try await withDatabase { database in
            let (ways, survivor) = try await prepare(database)
            let card = try #require(try await ways.issue(CredentialDraft(kind: .card, pin: "1357"), to: ways.person).code)
            _ = try await ways.issue(CredentialDraft(kind: .number, number: "NFC:DEADBEEF"), to: ways.person)
            let dayCode = try #require(try await ways.issue(CredentialDraft(kind: .dayCode), to: ways.person).code)
            let code = ways.scene.code(ways.person)
            let mine = try await ways.issue(CredentialDraft(kind: .number, number: "NFC:01020304"), to: survivor).credential.id
            try await merge(ways, into: survivor)

            #expect(try await ways.refusals(card, pin: "7531") == ["door.pin_wrong"], "with its PIN")
            for (shown, pin) in [(card, "1357"), ("NFC:DEADBEEF", nil), (dayCode, nil), (code, nil)] as [(String, String?)] {
                for direction in [AccessDirection.inward, .outward] where direction == .inward || shown != code {
                    let seen = try await ways.scan(shown, pin: pin, direction, by: WaysScene.guardPost)
                    #expect(seen.open && seen.member?.organizationName == "足荣镇" && seen.member?.status == .active, "\(shown)")
                }
            }
            #expect(try await ways.refusals(code) == ["door.code_replayed"])
            let whose = try await database.query("select distinct member_id from access_event where open")
            #expect(try whose.map { try $0.decode(0, as: ID<Member>.self) } == [survivor])
            #expect(try await ways.scene.stationsOutOfBalance == 0)

            // They are the survivor's own now: shown, and ended by them.
            let listed = try await ways.send(.get, "/v1/me/credentials", by: WaysScene.bearer(survivor)).json(CredentialList.self).items
            #expect(listed.count == 4 && listed.map(\.id).contains(mine) && listed.allSatisfy { $0.memberId == survivor })
            let lost = try #require(listed.first { $0.kind == .card }).id
            #expect(try await ways.send(.post, "/v1/me/credentials/\(lost)/lost", by: WaysScene.bearer(survivor)).status == 200)
            #expect(try await ways.refusals(card, pin: "1357") == ["door.card_revoked"])
        }
    }

    @Test func `whoever is refused as the one who goes on is refused with the old card, too`() async throws {
        try await withDatabase { database in
            let (ways, survivor) = try await prepare(database)
            let card = try #require(try await ways.issue(CredentialDraft(kind: .card), to: ways.person).code)
            let code = ways.scene.code(ways.person)
            try await merge(ways, into: survivor)
            try await ways.scene.set(.suspended, of: survivor)
            for shown in [card, code] { #expect(try await ways.refusals(shown) == ["door.member_not_active"]) }
            try await ways.scene.set(.active, of: survivor)
            #expect(try await ways.refusals(card).isEmpty)
        }
    }

    @Test func `a door that is alone takes the old card as long as the one who goes on is let in`() async throws {
        try await withDatabase { database in
            let (ways, survivor) = try await prepare(database)
            let card = try #require(try await ways.issue(CredentialDraft(kind: .card), to: ways.person).code)
            let sync = DoorSyncStore(database, keys: ways.scene.keys, clock: ways.scene.clock)
            func refused() async throws -> [Int64] {
                let front = ways.scene.front
                let news = try #require(try await sync.sync(front.device, front.accessPoint, since: nil, maxAgeSeconds: -1))
                let set = try #require(Base64URL.decode(news.refusals.members).flatMap { NumberSet(bytes: $0) })
                return [ways.person, survivor].map(\.rawValue).filter(set.contains)
            }
            try await merge(ways, into: survivor)
            #expect(try await refused() == [])
            try await ways.scene.set(.suspended, of: survivor)
            #expect(try await refused() == [ways.person, survivor].map(\.rawValue))
            try await ways.scene.set(.active, of: survivor)

            let journal = JournalScene(ways.scene)
            let entry = journal.entry(ways.person, code: card)
            #expect(try await journal.upload([entry]) == ["recorded"])
            #expect(try await journal.upload([entry]) == ["repeated"])
            #expect(try await journal.inside == [survivor.rawValue])
        }
    }

    @Test func `what a door decided before the merge stays told, and its journal is taken afterwards`() async throws {
        try await withDatabase { database in
            let (ways, survivor) = try await prepare(database)
            let card = try #require(try await ways.issue(CredentialDraft(kind: .card), to: ways.person).code)
            let journal = JournalScene(ways.scene)
            let entry = journal.entry(ways.person, code: card)
            #expect(try await journal.upload([entry]) == ["recorded"])
            try await merge(ways, into: survivor)
            #expect(try await journal.upload([entry]) == ["repeated"])
            let events = try await database.query("select member_id from access_event")
            #expect(try events.single.decode(0, as: ID<Member>.self) == ways.person, "both keep their histories")
        }
    }
}
