import Crypto
import Foundation
import HTTP
import MemberCode
import Postgres
import Runtime
import Testing

@testable import Registry

struct CodesAheadTests {
    @Test func `a page gets codes one after another, each good in its own time alone`() async throws {
        try await inSignInScene { scene in
            let id = try await scene.member()
            let token = try await scene.registry.memberSessions.create(id).token
            let answer = await scene.send(.get, "/v1/me/codes?count=4", bearer: token)
            #expect(answer.status == 200 && answer.header("Cache-Control") == "no-store")
            let codes = try answer.json(MemberCodesAnswer.self)
            #expect(codes.items.count == 4)
            let online = MemberCodeVerifier(scene.scene.keys)
            let offline = OfflineVerifier(publicKeys: scene.scene.keys.memberCodePublicKeys)
            let reader = ShownCodeReader(scene.scene.keys, for: "test")
            let start = try #require(Timestamp(dateTime: codes.serverTime)).microseconds / 1_000_000
            for (number, item) in codes.items.enumerated() {
                let issued = start + Int64(50 * number)
                #expect(Timestamp(dateTime: item.issuedAt)?.microseconds == issued * 1_000_000)
                #expect(Timestamp(dateTime: item.expiresAt)?.microseconds == (issued + 60) * 1_000_000 && item.validitySeconds == 60)
                for (second, expected) in [(-6, "future"), (-5, "valid"), (0, "valid"), (60, "valid"), (65, "valid"), (66, "expired")] {
                    let now = (issued + Int64(second)) * 1_000_000
                    #expect(Self.name(online.verify(item.text, nowMicroseconds: now)) == expected, "\(number) at \(second)")
                    #expect(Self.name(offline.verify(item.text, nowMicroseconds: now)) == expected, "\(number) at \(second)")
                    let fault = reader.read(item.text, pin: nil, nowMicroseconds: now).fault
                    #expect(fault == (expected == "future" ? .fromFuture : expected == "expired" ? .expired : nil))
                }
                guard case .valid(let code) = online.verify(item.text, nowMicroseconds: issued * 1_000_000) else {
                    Issue.record("not valid")
                    continue
                }
                #expect(code.memberID == id.rawValue && code.isMadeAhead == (number > 0))
            }
            #expect(try await scene.send(.get, "/v1/me/codes", bearer: token).json(MemberCodesAnswer.self).items.count == 10)
            #expect(await scene.send(.get, "/v1/me/codes?count=31", bearer: token).status == 422)
        }
    }

    @Test func `its picture is the QR of its text, bit by bit`() async throws {
        try await inSignInScene { scene in
            let token = try await scene.registry.memberSessions.create(try await scene.member()).token
            let codes = try await scene.send(.get, "/v1/me/codes?count=2", bearer: token).json(MemberCodesAnswer.self)
            for item in codes.items {
                let code = try QRCode(item.text)
                let bytes = [UInt8](try #require(Data(base64Encoded: item.matrix)))
                #expect(item.size == code.side && bytes.count == (code.side * code.side + 7) / 8)
                for row in 0..<code.side {
                    for column in 0..<code.side {
                        let bit = row * code.side + column
                        #expect((bytes[bit / 8] >> UInt8(7 - bit % 8) & 1 == 1) == code[row, column])
                    }
                }
            }
        }
    }

    @Test func `who holds no card gets no codes`() async throws {
        try await inSignInScene { scene in
            let token = try await scene.registry.memberSessions.create(try await scene.member()).token
            for (status, expected) in [("provisional", 200), ("active", 200), ("suspended", 409), ("left", 409)] {
                _ = try await scene.database.query("update member set status = \(status)")
                #expect(await scene.send(.get, "/v1/me/codes", bearer: token).status == expected, "\(status)")
            }
        }
    }

    private static func name(_ verdict: MemberCodeVerdict) -> String {
        switch verdict {
        case .valid: "valid"
        case .fromFuture: "future"
        case .expired: "expired"
        case .malformed, .unknownKey, .forged: "not authentic"
        }
    }
}
