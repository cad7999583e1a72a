package import HTTP
import Postgres
package import Registry
package import Runtime

/// What an organizer says of a venue.
package struct VenueBody: Codable, Sendable, APIType {
    package var organizationId: ID<Organization>
    package var name: String
    package var address: String
    package var latitude: Double?
    package var longitude: Double?

    package init(organizationId: ID<Organization>, name: String, address: String, latitude: Double? = nil, longitude: Double? = nil) {
        self.organizationId = organizationId
        self.name = name
        self.address = address
        self.latitude = latitude
        self.longitude = longitude
    }

    private static let place: [Schema.Field] = [
        .required("name", .string(1...100)), .required("address", .string(1...200)),
        .optional("latitude", .number(-90...90), "Degrees, WGS 84; with longitude"), .optional("longitude", .number(-180...180)),
    ]

    package static let schema = Schema.object(
        "VenueDraft", "A business where coupons are redeemed, or a place where goods are picked up",
        [.required("organizationId", .id, "Whose organizers see to it; cannot be changed later")] + place)

    package func fault() -> Problem? {
        guard (latitude == nil) == (longitude == nil) else {
            return VenueProblem.invalid("venue.place_not_whole", "/latitude", zh: "经纬度须同时填写", en: "Latitude and longitude go together")
        }
        return nil
    }
}

/// A venue as organizers see it.
package struct VenueAnswer: Codable, Sendable, APIType {
    package let id: ID<Venue>
    package let organizationId: ID<Organization>
    package let name: String
    package let address: String
    package let latitude: Double?
    package let longitude: Double?
    package let closedAt: String?
    package let closeReason: String?
    package let deviceIds: [ID<Device>]

    package static let schema = Schema.object(
        "Venue", "A business where coupons are redeemed, or a place where goods are picked up",
        [
            .required("id", .id), .required("organizationId", .id), .required("name", .string(1...100)),
            .required("address", .string(1...200)), .optional("latitude", .number(-90...90), "Degrees, WGS 84"),
            .optional("longitude", .number(-180...180)),
            .optional("closedAt", .dateTime, "Since when nothing is redeemed there"), .optional("closeReason", .string(1...500)),
            .required("deviceIds", .array(of: .id, 0...100), "Which devices redeem there"),
        ])
}

package struct VenueList: Codable, Sendable, APIType {
    package let items: [VenueAnswer]
    package let next: String?

    package static let schema = Schema.object(
        "VenueList", "Venues in order of their numbers", [.required("items", .array(of: VenueAnswer.schema, 0...200)), PageCursor.next])
}

/// Why.
package struct VenueReasonBody: Codable, Sendable, APIType {
    package var reason: String

    package init(reason: String) { self.reason = reason }

    package static let schema = Schema.object(
        "VenueReason", "Why", [.required("reason", .string(1...500), "Kept in the history; no personal data")])
}

/// A venue in a campaign.
package struct CampaignVenueBody: Codable, Sendable, APIType {
    package var stock: Int32?

    package init(stock: Int32? = nil) { self.stock = stock }

    package static let schema = Schema.object(
        "CampaignVenueDraft", "A venue in a campaign",
        [.optional("stock", .integer(0...10_000_000), "Of goods, and only of them: how many can be picked up there")])
}

package struct CampaignVenueAnswer: Codable, Sendable, APIType {
    package let venueId: ID<Venue>
    package let name: String
    package let address: String
    package let latitude: Double?
    package let longitude: Double?
    package let isClosed: Bool
    package let stock: Int32?
    package let spokenFor: Int32?
    package let addedAt: String
    package let removedAt: String?

    package static let schema = Schema.object(
        "CampaignVenue", "Where the coupons of a campaign are good",
        [
            .required("venueId", .id), .required("name", .string(1...100)), .required("address", .string(1...200)),
            .optional("latitude", .number(-90...90)), .optional("longitude", .number(-180...180)), .required("isClosed", .boolean),
            .optional("stock", .integer(0...10_000_000), "Of goods: how many can be picked up here"),
            .optional("spokenFor", .integer(0...10_000_000), "Of goods: coupons out that are picked up here, those used among them"),
            .required("addedAt", .dateTime), .optional("removedAt", .dateTime, "Since when they are not good there any more"),
        ])
}

package struct CampaignVenueList: Codable, Sendable, APIType {
    package let items: [CampaignVenueAnswer]
    package let next: String?

    package static let schema = Schema.object(
        "CampaignVenueList", "A campaign's venues in order of their numbers, those removed among them",
        [.required("items", .array(of: CampaignVenueAnswer.schema, 0...200)), PageCursor.next])
}
