import Crypto
import HTTP
import MemberCode
import Postgres
import Runtime
import TestSupport
import Testing

@testable import Registry

struct OwnDeviceTests {
    @Test(arguments: DeviceProfile.allCases) func `a device of any profile learns which one it is, nobody else does`(
        profile: DeviceProfile
    ) async throws {
        try await inSignInScene { scene in
            let pairing = try await scene.registry.devices.createPairing(
                name: "北门", profile: profile, organizationID: scene.east.id, by: "test")
            let (device, key) = try #require(try await scene.registry.devices.pair(code: pairing.code))
            let answer = await scene.send(.get, "/v1/device", bearer: key)
            #expect(answer.header("Cache-Control") == "no-store")
            let own = try answer.json(OwnDeviceAnswer.self)
            #expect(own.id == device.id && own.name == "北门" && own.profile == profile)
            #expect(own.organizationId == scene.east.id && own.organizationName == "城东")
            #expect(own.permissions == profile.permissions.map(\.rawValue) && own.pairedAt == device.createdAt.description)
            #expect(await scene.send(.get, "/v1/device", bearer: scene.owner).problemCode == "auth.not_permitted")
            let keys = try await scene.send(.get, "/v1/device/keys", bearer: key).json(DeviceKeysAnswer.self)
            let expected = scene.scene.keys.memberCodePublicKeys
            #expect(keys.publicKeys.map(\.id) == expected.keys.sorted())
            #expect(keys.publicKeys.map(\.key) == expected.sorted { $0.key < $1.key }.map { Base64URL.encode($0.value.bytes) })
            #expect(await scene.send(.get, "/v1/device/keys", bearer: scene.owner).problemCode == "auth.not_permitted")
            _ = try await scene.registry.devices.revoke(device.id)
            scene.registry.authenticator.forgetAll()
            #expect(await scene.send(.get, "/v1/device", bearer: key).status == 401)
        }
    }
}
