import HTTP
import Postgres
import Registry
import Runtime

/// A round as it goes.
struct RoundFigures: Codable, Sendable, APIType {
    struct Second: Codable, Sendable {
        let second: String
        let claims: Int64
    }

    struct Share: Codable, Sendable {
        let name: String
        let winners: Int64
    }

    struct Branch: Codable, Sendable {
        let organizationId: ID<Organization>
        let name: String
        let winners: Int64
    }

    struct Loss: Codable, Sendable {
        let result: ClaimResult
        let claims: Int64
    }

    let left: Int32
    let waiting: Int64
    let soldOutAfterSeconds: Double?
    let results: [Loss]
    let claimsPerSecond: [Second]
    let groups: [Share]
    let organizations: [Branch]

    private static let count = Schema.integer(0...1_000_000_000_000)

    static let schema = Schema.object(
        "CouponRoundFigures", "A round as it goes",
        [
            .required("left", .integer(0...10_000_000), "What can be given out now"),
            .required("waiting", count, "Who waits for the shuffle"),
            .optional("soldOutAfterSeconds", .number(0...1e9), "From the opening until nothing was left for the first time"),
            .required(
                "results",
                .array(
                    of: .object(
                        "CouponRoundResult", "How claims went",
                        [.required("result", .oneOf(ClaimResult.allCases.map(\.rawValue))), .required("claims", count)]), 0...20),
                "Claims by their answers; repeats are counted, too"),
            .required(
                "claimsPerSecond",
                .array(
                    of: .object(
                        "CouponRoundSecond", "Claims of one second", [.required("second", .dateTime), .required("claims", count)]),
                    0...600),
                "The last ten minutes that had any"),
            .required(
                "groups",
                .array(
                    of: .object(
                        "CouponRoundGroup", "Winners of a group", [.required("name", .string(1...40)), .required("winners", count)]), 0...8
                ), "By the groups of the rules; somebody may belong to several"),
            .required(
                "organizations",
                .array(
                    of: .object(
                        "CouponRoundBranch", "Winners of an organization and those below it",
                        [.required("organizationId", .id), .required("name", .string(1...100)), .required("winners", count)]), 0...200),
                "The organizations right below the one that gives, the most winners first"),
        ])
}

/// A point of the curve that a desk draws while a round goes.
struct RoundMoment: Codable, Hashable, Sendable, APIType {
    let at: Timestamp
    let phase: OwnRoundAnswer.Phase
    let claimed: Int32
    let left: Int32
    let waiting: Int64

    /// Whether the curve would not move.
    func isAlike(_ other: RoundMoment) -> Bool {
        phase == other.phase && claimed == other.claimed && left == other.left && waiting == other.waiting
    }

    static let schema = Schema.object(
        "CouponRoundMoment", "A round at one moment",
        [
            .required("at", .dateTime, "By the service's clock"),
            .required("phase", .oneOf(OwnRoundAnswer.Phase.allCases.map(\.rawValue))),
            .required("claimed", .integer(0...10_000_000), "Coupons that people hold or have used, those given back left out"),
            .required("left", .integer(0...10_000_000), "What can be given out now"),
            .required("waiting", count, "Who waits for the shuffle"),
        ])

    private static let count = Schema.integer(0...1_000_000_000_000)
}

/// Claims of one round and second that were answered alike.
struct ClaimCount: Hashable, Sendable {
    let roundID: ID<CouponRound>
    let result: ClaimResult
    let second: Timestamp
    let claims: Int32
}
