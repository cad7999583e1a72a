import Crypto
import FoundationEssentials
import HTTP
import MemberCode
import Postgres
import Registry
import Runtime
import TestSupport
import Testing

@testable import Stations

@Suite struct CredentialTests {
    @Test func `a printed card opens doors until it is revoked`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let issued = try await ways.issue(CredentialDraft(kind: .card), to: ways.person, by: WaysScene.operators[0])
            let code = try #require(issued.code)
            #expect(code.hasPrefix("WC1:") && code.utf8.count == 145)
            #expect(issued.credential.validUntil != nil && !issued.credential.hasPIN)
            for direction in [AccessDirection.inward, .outward, .inward] { #expect(try await ways.refusals(code, direction) == []) }

            let path = "/v1/credentials/\(issued.credential.id)"
            let picture = try await ways.send(.get, path + "/card", headers: [("Accept", "image/svg+xml")])
            #expect(picture.header("Content-Type") == "image/svg+xml" && picture.text.contains("夏*"))
            #expect(!picture.text.contains("惇") && picture.text.contains("城关镇"))
            let card = try await ways.send(.get, path + "/card", headers: [("Accept", "application/json")]).json(CardAnswer.self)
            #expect(card.code == code && card.maskedName == "夏*")

            let revoked = try await ways.send(.post, path + "/revoke", RevocationBody(reason: .stolen))
            let again = try await ways.send(.post, path + "/revoke", RevocationBody(reason: .other))
            #expect(try revoked.json(AccessCredential.self).revokedReason == "stolen" && again.body == revoked.body)
            #expect(try await ways.refusals(code) == ["door.card_revoked"])
            #expect(try await ways.refusals(code, .outward) == ["door.card_revoked"])
            #expect(try await ways.send(.get, path + "/card").problemCode == "access.credential_revoked")
            let list = try await ways.send(.get, "/v1/members/\(ways.person)/credentials").json(CredentialList.self)
            #expect(list.items.map(\.revokedReason) == ["stolen"])
            let actions = try await database.query("select action from audit_entry where action like 'credential.%' order by entry_id")
            #expect(try actions.map { try $0.decode(0, as: String.self) } == ["credential.issued", "credential.revoked"])
        }
    }

    @Test func `a card is refused after its last day, forged and of nobody`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let code = try #require(try await ways.issue(CredentialDraft(kind: .card, validDays: 2), to: ways.person).code)
            func reasons(_ text: String, hoursLater: Int64) async throws -> [AccessReason] {
                let now = ways.scene.clock.nowMicroseconds + hoursLater * 3_600_000_000
                let scan = AccessScan(
                    requestID: StationScene.requestID(), deviceID: ways.scene.front.device, accessPointID: ways.scene.front.accessPoint,
                    direction: .inward, occurredAt: Timestamp(microseconds: now),
                    credential: ways.reader.read(text, pin: nil, nowMicroseconds: now))
                return try await ways.scene.access.admit(batch: [scan], clockOffsetMicroseconds: hoursLater * 3_600_000_000)[0].reasons
            }
            #expect(try await reasons(code, hoursLater: 0) == [])
            #expect(try await reasons(code, hoursLater: 49) == [.cardExpired])
            let foreign = MemberCardIssuerOfOthers.text(memberID: ways.person.rawValue)
            #expect(try await reasons(foreign, hoursLater: 0) == [.codeForged])
            let unknown = MemberCardIssuerOfOthers.text(memberID: ways.person.rawValue, keys: ways.scene.keys)
            #expect(try await reasons(unknown, hoursLater: 0) == [.cardUnknown])
            #expect(try await reasons("WC1:", hoursLater: 0) == [.codeMalformed])
        }
    }

    @Test func `a number opens its member's doors, is bound once, and free again when that is revoked`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let draft = CredentialDraft(kind: .number, number: "NFC:04:a2:f1:9c:3b:5d:80")
            #expect(try await ways.refusals("NFC:04A2F19C3B5D80") == ["door.number_unknown"])
            let issued = try await ways.issue(draft, to: ways.person)
            #expect(issued.code == nil && issued.credential.label == "····5D80" && issued.credential.validUntil == nil)
            #expect(try await ways.refusals("NFC:04A2F19C3B5D80") == [])
            for member in [ways.person, ways.scene.members[0]] {
                let again = try await ways.send(.post, "/v1/members/\(member)/credentials", draft)
                #expect(again.problemCode == "access.number_bound")
            }
            _ = try await ways.send(.post, "/v1/credentials/\(issued.credential.id)/revoke", RevocationBody(reason: .lost))
            #expect(try await ways.refusals("NFC:04A2F19C3B5D80") == ["door.number_unknown"])
            let other = try await ways.issue(draft, to: ways.scene.members[0])
            #expect(try await ways.refusals("NFC:04A2F19C3B5D80") == [])
            #expect(other.credential.memberId == ways.scene.members[0])
            let event: Int64 = try await database.query("select member_id from access_event order by recorded_at desc limit 1").single
                .decode(0)
            #expect(event == ways.scene.members[0].rawValue)
        }
    }

    @Test func `of many who bind one number at once, one does`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let draft = CredentialDraft(kind: .number, number: "NFC:DEADBEEF")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for index in 0..<12 {
                    group.addTask {
                        try await ways.send(.post, "/v1/members/\(ways.scene.members[index % 4])/credentials", draft).status
                    }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.count { $0 == 201 } == 1 && statuses.count { $0 == 409 } == 11)
        }
    }

    @Test func `a day code is good until midnight in China, at the stations it was handed out for`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            // The second town's operator knows the worker's number only, and has a station of her own.
            _ = try await database.query(
                "update station set organization_id = \(ways.towns[1]) where station_id = \(ways.scene.doors[1][0].station)")
            let path = "/v1/members/\(ways.person)/credentials"
            let byOther = WaysScene.operators[1]
            #expect(
                try await ways.send(.post, path, CredentialDraft(kind: .dayCode), by: byOther).problemCode == "registry.member_not_found")
            let card = CredentialDraft(kind: .card)
            #expect(try await ways.send(.post, path, card, by: byOther).problemCode == "registry.member_not_found")
            let foreign = CredentialDraft(kind: .dayCode, organizationId: ways.towns[0])
            #expect(try await ways.send(.post, path, foreign, by: byOther).problemCode == "registry.organization_unknown")
            let issued = try await ways.issue(CredentialDraft(kind: .dayCode, organizationId: ways.towns[1]), to: ways.person, by: byOther)
            let code = try #require(issued.code)
            #expect(code.utf8.count == 8)
            let atMidnight: Bool = try await database.query(
                """
                select valid_until = ((now() at time zone 'Asia/Shanghai')::date + 1)::timestamp at time zone 'Asia/Shanghai'
                from access_credential
                """
            ).single.decode(0)
            #expect(atMidnight)
            func reasons(_ text: String, at door: StationScene.Door, hoursLater: Int64 = 0) async throws -> [AccessReason] {
                let now = ways.scene.clock.nowMicroseconds + hoursLater * 3_600_000_000
                let scan = AccessScan(
                    requestID: StationScene.requestID(), deviceID: door.device, accessPointID: door.accessPoint, direction: .inward,
                    occurredAt: Timestamp(microseconds: now), credential: ways.reader.read(text, pin: nil, nowMicroseconds: now))
                return try await ways.scene.access.admit(batch: [scan], clockOffsetMicroseconds: hoursLater * 3_600_000_000)[0].reasons
            }
            let spaced = code.prefix(4) + " " + code.suffix(4)
            #expect(try await reasons(String(spaced), at: ways.scene.doors[1][0]) == [])
            #expect(try await reasons(code, at: ways.scene.front) == [.organizationNotAdmitted])
            #expect(try await reasons(code, at: ways.scene.doors[1][0], hoursLater: 24) == [.dayCodeExpired])
            let mistyped = (code.first == "0" ? "1" : "0") + code.dropFirst()
            #expect(try await reasons(mistyped, at: ways.scene.doors[1][0]) == [.dayCodeUnknown])
            // The own town's operator hands out one for all stations.
            let wide = try await ways.issue(CredentialDraft(kind: .dayCode), to: ways.person, by: WaysScene.operators[0])
            #expect(try await reasons(try #require(wide.code), at: ways.scene.front) == [])
        }
    }

    @Test func `a PIN is asked for on entry, locked after five wrong ones, and unlocked by an organizer`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let issued = try await ways.issue(CredentialDraft(kind: .card, pin: "1357"), to: ways.person)
            let code = try #require(issued.code)
            #expect(issued.credential.hasPIN)
            #expect(try await ways.refusals(code) == ["door.pin_missing"])
            #expect(try await ways.refusals(code, pin: "") == ["door.pin_missing"])
            #expect(try await ways.refusals(code, pin: "1357") == [])
            #expect(try await ways.refusals(code, .outward) == [])
            for _ in 0..<5 { #expect(try await ways.refusals(code, pin: "7531") == ["door.pin_wrong"]) }
            #expect(try await ways.refusals(code, pin: "1357") == ["door.pin_locked"])
            let path = "/v1/credentials/\(issued.credential.id)"
            let list = try await ways.send(.get, "/v1/members/\(ways.person)/credentials").json(CredentialList.self)
            #expect(list.items.map(\.isPINLocked) == [true])
            #expect(try await ways.send(.post, path + "/unlock", by: WaysScene.operators[1]).problemCode == "access.credential_unknown")
            #expect(try await ways.send(.post, path + "/unlock").status == 200)
            #expect(try await ways.refusals(code, pin: "1357") == [])
            #expect(try await ways.send(.put, path + "/pin", PINBody(pin: "902184")).status == 200)
            #expect(try await ways.refusals(code, pin: "1357") == ["door.pin_wrong"])
            #expect(try await ways.refusals(code, pin: "902184") == [])
            #expect(try await ways.send(.delete, path + "/pin").status == 200)
            #expect(try await ways.refusals(code) == [])
        }
    }

    @Test func `what does not go together is refused with its place, and nothing is made`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            func codes(_ draft: CredentialDraft) async throws -> [String] {
                let response = try await ways.send(.post, "/v1/members/\(ways.person)/credentials", draft)
                #expect(response.status == 422)
                return response.reasonCodes
            }
            #expect(try await codes(CredentialDraft(kind: .card, pin: "1234")) == ["access.pin_guessable"])
            #expect(try await codes(CredentialDraft(kind: .card, pin: "12")).count == 1)
            #expect(try await codes(CredentialDraft(kind: .card, validDays: 0)).count == 1)
            #expect(try await codes(CredentialDraft(kind: .card, number: "NFC:DEADBEEF")) == ["access.credential_field_unwanted"])
            #expect(
                try await codes(CredentialDraft(kind: .dayCode, pin: "1357", validDays: 3))
                    == ["access.credential_field_unwanted", "access.credential_field_unwanted"])
            #expect(try await codes(CredentialDraft(kind: .number)) == ["access.number_malformed"])
            #expect(try await codes(CredentialDraft(kind: .number, number: "11010519491231002X")) == ["access.number_malformed"])
            try await ways.scene.set(.suspended, of: ways.scene.members[0])
            let gone = try await ways.send(.post, "/v1/members/\(ways.scene.members[0])/credentials", CredentialDraft(kind: .card))
            #expect(gone.problemCode == "access.member_gone")
            let nobody = try await ways.send(.post, "/v1/members/999999/credentials", CredentialDraft(kind: .card))
            #expect(nobody.problemCode == "registry.member_not_found")
            let foreign = try await ways.send(
                .post, "/v1/members/\(ways.person)/credentials", CredentialDraft(kind: .card), by: WaysScene.operators[1])
            #expect(foreign.problemCode == "registry.member_not_found")
            #expect(try await ways.count("select count(*) from access_credential") == 0)
        }
    }

    @Test func `a repeated request hands out the same day code`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let path = "/v1/members/\(ways.person)/credentials"
            var bodies: Set<[UInt8]> = []
            for _ in 0..<3 {
                let made = try await ways.send(.post, path, CredentialDraft(kind: .dayCode), headers: [("Idempotency-Key", "one")])
                bodies.insert(made.body)
            }
            #expect(bodies.count == 1)
            #expect(try await ways.count("select count(*) from access_credential") == 1)
        }
    }

    @Test func `a member sees the own cards, reports one lost and sets its PIN, and nobody else's`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let issued = try await ways.issue(CredentialDraft(kind: .card), to: ways.person)
            let code = try #require(issued.code)
            let (own, other) = (WaysScene.bearer(ways.person), WaysScene.bearer(ways.scene.members[0]))
            let path = "/v1/me/credentials/\(issued.credential.id)"
            #expect(try await ways.send(.get, "/v1/me/credentials", by: own).json(CredentialList.self).items.count == 1)
            #expect(try await ways.send(.get, "/v1/me/credentials", by: other).json(CredentialList.self).items.isEmpty)
            #expect(try await ways.send(.post, path + "/lost", by: other).problemCode == "access.credential_unknown")
            #expect(try await ways.send(.put, path + "/pin", PINBody(pin: "1357"), by: other).problemCode == "access.credential_unknown")
            #expect(try await ways.send(.put, path + "/pin", PINBody(pin: "1357"), by: own).status == 200)
            #expect(try await ways.refusals(code) == ["door.pin_missing"])
            for _ in 0..<2 {
                let lost = try await ways.send(.post, path + "/lost", by: own)
                #expect(try lost.json(AccessCredential.self).revokedReason == "lost")
            }
            #expect(try await ways.refusals(code, pin: "1357") == ["door.card_revoked"])
            let late = try await ways.send(.put, path + "/pin", PINBody(pin: "1357"), by: own)
            #expect(late.problemCode == "access.credential_revoked")
        }
    }

    @Test func `a member prints the own card while it is good, which is written down, and nobody else's`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            let issued = try await ways.issue(CredentialDraft(kind: .card), to: ways.person)
            let (own, other) = (WaysScene.bearer(ways.person), WaysScene.bearer(ways.scene.members[0]))
            let path = "/v1/me/credentials/\(issued.credential.id)/card"
            #expect(try await ways.send(.get, path, by: other).problemCode == "access.credential_unknown")
            let picture = try await ways.send(.get, path, by: own, headers: [("Accept", "image/svg+xml")])
            #expect(picture.header("Content-Type") == "image/svg+xml" && picture.text.contains("夏*") && !picture.text.contains("惇"))
            #expect(picture.header("Cache-Control") == "no-store")
            let card = try await ways.send(.get, path, by: own, headers: [("Accept", "application/json")]).json(CardAnswer.self)
            #expect(card.code == issued.code)
            let number = try await ways.issue(CredentialDraft(kind: .number, number: "NFC:04A2F19C3B5D80"), to: ways.person).credential
            let none = try await ways.send(.get, "/v1/me/credentials/\(number.id)/card", by: own)
            #expect(none.problemCode == "access.credential_not_a_card")
            _ = try await database.query(
                """
                update access_credential
                set valid_from = valid_from - interval '9 years', valid_until = valid_until - interval '9 years'
                """)
            #expect(try await ways.send(.get, path, by: own).problemCode == "access.credential_expired")
            _ = try await ways.send(.post, "/v1/me/credentials/\(issued.credential.id)/lost", by: own)
            #expect(try await ways.send(.get, path, by: own).problemCode == "access.credential_revoked")
            let printed = try await database.query("select actor from audit_entry where action = 'credential.printed'")
            #expect(try printed.map { try $0.decode(0, as: String.self) } == ["member:\(ways.person)", "member:\(ways.person)"])
        }
    }

    @Test func `numbers, PINs and day codes stand nowhere in the database`() async throws {
        try await withDatabase { database in
            let ways = try await WaysScene(database)
            _ = try await ways.issue(CredentialDraft(kind: .number, pin: "902184", number: "NFC:04A2F19C3B5D80"), to: ways.person)
            let day = try #require(try await ways.issue(CredentialDraft(kind: .dayCode), to: ways.person).code)
            _ = try await ways.scan("NFC:04A2F19C3B5D80", pin: "902184")
            _ = try await ways.scan(day)
            for table in ["access_credential", "audit_entry", "access_event", "idempotency_key"] {
                for secret in ["04A2F19C3B5D80", "902184", day, "夏侯惇惇"] {
                    let hex = Hex.encode(Array(secret.utf8))
                    let found = try await database.query(
                        """
                        select count(*) from \(raw: table) t
                        where t::text like '%' || \(secret) || '%' or t::text ilike '%' || \(hex) || '%'
                        """)
                    #expect(try found.single.decode(0, as: Int.self) == 0, "\(table)")
                }
            }
        }
    }
}

/// Cards that this service never issued.
private enum MemberCardIssuerOfOthers {
    /// - Parameter keys: with the service's own: of a card whose row is not there.
    static func text(memberID: Int64, keys: Keys = .random()) -> String {
        MemberCardIssuer(keys).text(cardID: 999_999, memberID: memberID, issuedOnDay: 20_000, validDays: 5_000)
    }
}
