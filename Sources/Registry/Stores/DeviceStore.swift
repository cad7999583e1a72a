import Crypto
package import Postgres
package import Runtime

/// Devices and the codes that pair them.
package struct DeviceStore: Sendable {
    let database: Database
    let codeKey: HMACKey

    private static let columns = "device_id, name, profile, organization_id, created_at, key_issued_at, revoked_at, heard_at"

    /// A code for a device to be, in force for `validitySeconds`, shown this once.
    package func createPairing(
        name: String, profile: DeviceProfile, organizationID: ID<Organization>? = nil, by subject: String, validitySeconds: Int = 600,
        in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> DevicePairing {
        let code = PairingCode.random()
        let result = try await (querying ?? database).query(
            """
            insert into device_pairing (name, profile, organization_id, code_digest, created_by, created_at, expires_at)
            values (\(name), \(profile.rawValue), \(organizationID), \(code.digest(codeKey)), \(subject), clock_timestamp(),
                clock_timestamp() + \(validitySeconds) * interval '1 second')
            returning pairing_id, expires_at
            """)
        guard let row = result.first else { throw .decoding("the new pairing was expected") }
        return DevicePairing(id: try row.decode("pairing_id"), code: code.text, expiresAt: try row.decode("expires_at"))
    }

    /// Makes the device for which the code was given out; nil when the code is wrong, used or expired, and then no row was touched.
    ///
    /// Of several who give one code at once, the first locks the pairing; the others wait for its end and then find the code used.
    package func pair(
        code: String, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> (device: Device, key: String)? {
        guard let code = PairingCode(code) else { return nil }
        let key = BearerToken.random(.device)
        let result = try await (querying ?? database).query(
            """
            with pairing as (
                update device_pairing set used_at = clock_timestamp()
                where code_digest = \(code.digest(codeKey)) and used_at is null and expires_at > clock_timestamp()
                returning pairing_id, name, profile, organization_id
            )
            insert into device (pairing_id, name, profile, organization_id, key_sha256)
            select pairing_id, name, profile, organization_id, \(key.digest) from pairing
            returning \(raw: Self.columns)
            """)
        guard let row = result.first else { return nil }
        return (try device(row), key.text)
    }

    /// A device paired at once, for the demo and for tests.
    package func create(name: String, profile: DeviceProfile) async throws(PostgresError) -> (device: Device, key: String) {
        let pairing = try await createPairing(name: name, profile: profile, by: "command line")
        guard let paired = try await pair(code: pairing.code) else { throw .decoding("a fresh pairing was expected to hold") }
        return paired
    }

    /// Nil too for a device outside of `scope`.
    package func device(
        _ id: ID<Device>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Device? {
        let result = try await (querying ?? database).query(
            """
            select \(raw: Self.columns) from device
            where device_id = \(id) and \(fragment: scope.condition("device.organization_id"))
            """)
        return try result.first.map { row throws(PostgresError) in try device(row) }
    }

    /// Devices by id, from the one after `after` on, at most `limit`; those revoked among them.
    package func list(
        within scope: Scope = .everything, after: ID<Device>?, limit: Int
    ) async throws(PostgresError) -> [Device] {
        let result = try await database.query(
            """
            select \(raw: Self.columns) from device
            where device_id > \(after?.rawValue ?? 0) and \(fragment: scope.condition("device.organization_id"))
            order by device_id limit \(limit)
            """)
        var devices: [Device] = []
        for row in result { devices.append(try device(row)) }
        return devices
    }

    /// Notified when a key ends, so that other servers forget what they remember of it; without the hint they do so within 30 s.
    package static let accessChannel = "waystation_access"

    package enum RollOutcome: Sendable {
        case rolled(Device, key: String)
        case notFound
        case revoked
    }

    /// Gives the device a new key and ends the old one at once. The caller then makes the authenticator forget.
    package func roll(
        _ id: ID<Device>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> RollOutcome {
        let key = BearerToken.random(.device)
        let querying = querying ?? database
        let result = try await querying.query(
            """
            update device set key_sha256 = \(key.digest), key_issued_at = now()
            where device_id = \(id) and revoked_at is null and \(fragment: scope.condition("device.organization_id"))
            returning \(raw: Self.columns), pg_notify(\(Self.accessChannel), '')
            """)
        if let row = result.first { return .rolled(try device(row), key: key.text) }
        return try await device(id, within: scope, in: querying) == nil ? .notFound : .revoked
    }

    /// Shuts the device out for good; again changes nothing. The caller then makes the authenticator forget. Nil when there is none.
    package func revoke(
        _ id: ID<Device>, within scope: Scope = .everything, in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> Device? {
        let result = try await (querying ?? database).query(
            """
            update device set revoked_at = coalesce(revoked_at, now())
            where device_id = \(id) and \(fragment: scope.condition("device.organization_id"))
            returning \(raw: Self.columns), pg_notify(\(Self.accessChannel), '')
            """)
        return try result.first.map { row throws(PostgresError) in try device(row) }
    }

    /// Which device has a key with this digest, noted as heard once a minute; nil when it is unknown or revoked.
    func principal(
        keyDigest: [UInt8], in querying: (any Querying)? = nil
    ) async throws(PostgresError) -> DevicePrincipal? {
        let result = try await (querying ?? database).query(
            """
            with found as materialized (
                select device_id, profile, heard_at from device where key_sha256 = \(keyDigest) and revoked_at is null
            ),
            heard as (
                update device
                set heard_at = now()
                from found
                where device.device_id = found.device_id and (device.heard_at is null or device.heard_at < now() - interval '1 minute')
            )
            select device_id, profile from found
            """)
        guard let row = result.first else { return nil }
        guard let profile = DeviceProfile(rawValue: try row.decode("profile")) else { throw .decoding("an unknown profile") }
        return DevicePrincipal(deviceID: try row.decode("device_id"), profile: profile)
    }

    private func device(_ row: Row) throws(PostgresError) -> Device {
        guard let profile = DeviceProfile(rawValue: try row.decode("profile")) else { throw .decoding("an unknown profile") }
        return Device(
            id: try row.decode("device_id"), name: try row.decode("name"), profile: profile,
            organizationID: try row.decode("organization_id"), createdAt: try row.decode("created_at"),
            keyIssuedAt: try row.decode("key_issued_at"), revokedAt: try row.decode("revoked_at"), heardAt: try row.decode("heard_at"))
    }
}
