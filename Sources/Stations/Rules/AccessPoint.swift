package import HTTP
package import Registry
package import Runtime

/// One door, gate or counter with a reader.
package struct AccessPoint: Codable, Sendable, APIType {
    package let id: ID<AccessPoint>
    package let stationId: ID<Station>
    package let name: String
    package let policy: AccessPolicy
    /// Rises with every change of the policy.
    package let version: Int32
    /// The devices that serve it.
    package let deviceIds: [ID<Device>]
    /// What should be known of a policy just set; nil otherwise.
    package var warnings: [PolicyWarning]?

    /// The strong entity tag of this version.
    package var entityTag: String { EntityTag.of(version: version) }

    package static let schema = Schema.object(
        "AccessPoint", "One door, gate or counter with a reader",
        [
            .required("id", .id),
            .required("stationId", .id),
            .required("name", .string(1...100)),
            .required("policy", AccessPolicy.schema),
            .required("version", .integer(1...Int64(Int32.max)), "Rises with every change of the policy; in quotes it is the ETag"),
            .required("deviceIds", .array(of: .id, 0...1_000), "The devices that serve it"),
            .optional("warnings", PolicyWarning.listSchema, "What should be known of the policy just set"),
        ])
}

/// What is needed to make an access point.
package struct AccessPointDraft: Codable, Sendable, APIType {
    package var name: String
    /// `AccessPolicy.standard` when absent.
    package var policy: AccessPolicy?

    package init(name: String, policy: AccessPolicy? = nil) {
        self.name = name
        self.policy = policy
    }

    package static let schema = Schema.object(
        "AccessPointDraft", "An access point to be made",
        [
            .required("name", .string(1...100)),
            .optional("policy", AccessPolicy.schema, "When absent: open round the clock, both ways"),
        ])
}

/// Which device is to serve an access point.
package struct DeviceAssignment: Codable, Sendable, APIType {
    package var deviceId: ID<Device>

    package init(deviceId: ID<Device>) {
        self.deviceId = deviceId
    }

    package static let schema = Schema.object("DeviceAssignment", "A device that is to serve an access point", [.required("deviceId", .id)])
}
