package import HTTP
package import Programs
package import Registry
package import Runtime

/// A van at one site for some days (流动体检车进园区).
package struct VanVisit: Codable, Sendable, APIType {
    package let id: ID<VanVisit>
    package let campaignId: ID<UnionProgram>
    package let packageId: ID<CheckupPackage>
    package let hostOrganizationId: ID<Organization>
    /// Whose members it is for, with those of the organizations below; nil: for everybody.
    package let forOrganizationId: ID<Organization>?
    package let site: String
    package let address: String
    package let latitude: Double?
    package let longitude: Double?
    package let firstOn: String
    package let lastOn: String

    static let fields: [Schema.Field] = [
        .required("id", .id),
        .required("campaignId", .id),
        .required("packageId", .id),
        .required("hostOrganizationId", .id),
        .optional("forOrganizationId", .id, "Whose members it is for, with those of the organizations below; absent: for everybody"),
        .required("site", .string(1...60)),
        .required("address", .string(1...200)),
        .optional("latitude", .number(-90...90), "Degrees, WGS 84"),
        .optional("longitude", .number(-180...180)),
        .required("firstOn", .date),
        .required("lastOn", .date),
    ]

    package static let schema = Schema.object("VanVisit", "A van at one site for some days", fields)
}

/// A visit to be made.
package struct VanVisitBody: Codable, Sendable, APIType {
    package var packageId: ID<CheckupPackage>
    package var hostOrganizationId: ID<Organization>
    package var forOrganizationId: ID<Organization>?
    package var site: String
    package var address: String
    package var latitude: Double?
    package var longitude: Double?
    package var firstOn: String
    package var lastOn: String

    package init(
        packageId: ID<CheckupPackage>, hostOrganizationId: ID<Organization>, forOrganizationId: ID<Organization>? = nil, site: String,
        address: String, latitude: Double? = nil, longitude: Double? = nil, firstOn: String, lastOn: String
    ) {
        self.packageId = packageId
        self.hostOrganizationId = hostOrganizationId
        self.forOrganizationId = forOrganizationId
        self.site = site
        self.address = address
        self.latitude = latitude
        self.longitude = longitude
        self.firstOn = firstOn
        self.lastOn = lastOn
    }

    /// What stands in a session's title: none of `, | = "` and no control characters, and no space at its ends.
    private static let siteForm = Pattern(
        "^[^\\s,|=\"\\u0000-\\u001f\\u007f-\\u009f]([^,|=\"\\u0000-\\u001f\\u007f-\\u009f]*[^\\s,|=\"])?$"
    ) {
        text in
        let scalars = Array(Substring(text).unicodeScalars)
        guard let first = scalars.first, let last = scalars.last, !first.properties.isWhitespace, !last.properties.isWhitespace else {
            return false
        }
        return scalars.allSatisfy { $0.properties.generalCategory != .control && !",|=\"".unicodeScalars.contains($0) }
    }

    package static let schema = Schema.object(
        "VanVisitBody", "A visit to be made",
        [
            .required("packageId", .id, "One of the campaign's"),
            .required("hostOrganizationId", .id, "Who receives the van; its organizers may check people in"),
            .optional("forOrganizationId", .id, "Whose members it is for, with those of the organizations below; absent: for everybody"),
            .required(
                "site", .string(1...60, pattern: siteForm), "A short name; without , | = and quotes, for it stands in sessions' titles"),
            .required("address", .string(1...200)),
            .optional("latitude", .number(-90...90), "Degrees, WGS 84; both or none"),
            .optional("longitude", .number(-180...180)),
            .required("firstOn", .date),
            .required("lastOn", .date, "60 days at most"),
        ])
}

/// A page of visits.
package struct VanVisitList: Codable, Sendable, APIType {
    package let items: [VanVisit]
    package let next: String?

    package static let schema = Schema.object("VanVisitList", "A page of visits", [.required("items", [VanVisit].schema), PageCursor.next])
}
