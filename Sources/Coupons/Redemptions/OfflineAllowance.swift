package import HTTP
import Postgres
import Registry
package import Runtime

/// What a venue's device holds for the time without network.
package struct OfflineAllowance: Codable, Sendable, APIType {
    package struct Counter: Codable, Sendable {
        package let id: ID<Venue>
        package let name: String
        package let isClosed: Bool

        static let schema = Schema.object(
            "AllowanceVenue", "Where the device redeems",
            [.required("id", .id), .required("name", .string(1...100)), .required("isClosed", .boolean)])
    }

    package struct Campaign: Codable, Sendable {
        package let id: ID<CouponCampaign>
        package let title: String
        package let goods: String?
        package let faceFen: Int64
        package let minimumSpendFen: Int64
        package let firstOn: String
        package let lastOn: String
        package let weekdays: [Int32]
        package let fromMinute: Int16
        package let toMinute: Int16
        package let timeZone: String
        package let isPaused: Bool
        package let offlineMax: Int16
        package let takenToday: Int64

        static let schema = Schema.object(
            "AllowanceCampaign", "A campaign whose coupons are good here",
            [
                .required("id", .id), .required("title", .string(1...100)), .optional("goods", .string(1...100)),
                .required("faceFen", .integer(1...10_000_000), "What one coupon is worth now; an older one may be worth otherwise"),
                .required("minimumSpendFen", .integer(0...100_000_000)), .required("firstOn", .date), .required("lastOn", .date),
                .required("weekdays", .array(of: .integer(1...7), 1...7), "1 is Monday"),
                .required("fromMinute", .integer(0...1_439), "Of the day in the time zone"),
                .required("toMinute", .integer(1...1_440), "Until when"), .required("timeZone", .string(1...100)),
                .required("isPaused", .boolean),
                .required("offlineMax", .integer(0...50), "Coupons a day without network; what is more is the venue's own"),
                .required("takenToday", .integer(0...1_000_000), "Of those, as far as they were told"),
            ])
    }

    package struct PublicKey: Codable, Sendable {
        package let id: UInt8
        package let key: String

        static let schema = Schema.object(
            "AllowancePublicKey", "Proves member codes without being able to make them",
            [.required("id", .integer(0...255), "As in the code"), .required("key", .string(43...43), "Ed25519, Base64url")])
    }

    package let serverTime: String
    package let venue: Counter
    package let campaigns: [Campaign]
    package let publicKeys: [PublicKey]

    static let campaignsMax = 500

    package static let schema = Schema.object(
        "OfflineAllowance", "What a venue's device holds for the time without network",
        [
            .required("serverTime", .dateTime), .required("venue", Counter.schema),
            .required("campaigns", .array(of: Campaign.schema, 0...campaignsMax)),
            .required("publicKeys", .array(of: PublicKey.schema, 0...256)),
        ])
}
