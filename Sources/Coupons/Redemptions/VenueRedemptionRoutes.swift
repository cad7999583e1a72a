import HTTP
import Postgres
import Registry
import Runtime

/// What was redeemed at a venue: for whoever sees to its campaigns, and to find what a refund is asked for.
struct VenueRedemptionRoutes: Sendable {
    let redemptions: VenueRedemptionStore
    let members: MemberStore

    var all: [Route] { [list] }

    private var list: Route {
        Route(
            .get, "/v1/venues/{id}/redemptions", summary: "Lists what was redeemed at a venue, those recorded last first",
            tag: VenueRoutes.tag, access: .permission(RegistryPermission.couponsRead),
            parameters: [
                VenueRoutes.id, .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
                .query("after", TimeCursor.schema, "The answer before gave it as next"),
                .query("from", .dateTime, "Not recorded before this time"), .query("until", .dateTime, "Recorded before this time"),
                .query("state", .oneOf(VenueRedemption.State.allCases.map(\.rawValue)), "In this state only"),
            ],
            responses: [.json(200, VenueRedemptionList.self, "Of the campaigns that one sees to")],
            problems: [VenueProblem.unknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let venue: ID<Venue> = request.parameter("id")
            let scope = request.scope(of: RegistryPermission.couponsRead)
            guard try await redemptions.isSeen(venue, within: scope) else { throw Problem(VenueProblem.unknown) }
            func time(_ name: String) -> Timestamp? {
                request.optionalParameter(name, as: String.self).flatMap { Timestamp(dateTime: $0) }
            }
            let filter = VenueRedemptionStore.Filter(
                from: time("from"), until: time("until"),
                state: request.optionalParameter("state", as: String.self).flatMap(VenueRedemption.State.init(rawValue:)))
            let limit = request.optionalParameter("limit", as: Int.self) ?? 50
            let cursor = request.optionalParameter("after", as: String.self).flatMap { TimeCursor($0) }
            let found = try await redemptions.list(of: venue, filter, within: scope, before: cursor, limit: limit + 1)
            let entries = found.prefix(limit)
            let people = try await ShownMembers.people(entries.map(\.memberID), members)
            let items = entries.map { entry in
                var redemption = entry.redemption
                redemption.member = people[entry.memberID].map(RedemptionMember.init)
                return redemption
            }
            return Response.json(VenueRedemptionList(items: items, next: found.count > limit ? entries.last?.cursor.text : nil))
                .with("Cache-Control", "no-store")
        }
    }
}
