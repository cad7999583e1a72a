import HTTP
import Postgres
import Registry
import Runtime

/// Who came to the stations: reports for organizers, and each member's own history.
struct VisitRoutes: Sendable {
    let figures: FigureStore
    let passages: PassageStore
    let stations: StationStore
    let organizations: OrganizationStore
    let members: MemberStore
    let clock: Clock

    var all: [Route] { [ofStation, ofAll, mine, ofMember] }

    private static let parameters: [Parameter] = [
        .query("from", .date, "The first day, on the stations' clocks; 29 days before the last by default"),
        .query("to", .date, "The last day; today by default"),
        .query("by", .oneOf(VisitGrouping.allCases.map(\.rawValue)), "What the figures are broken down by", required: true),
    ]

    private var ofStation: Route {
        Route(
            .get, "/v1/stations/{id}/visitors", summary: "Counts a station's visitors and how long they stayed", tag: "Figures",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The station")] + Self.parameters,
            responses: [.json(200, VisitReport.self, "The figures")],
            problems: [StationProblem.stationUnknown, StationProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let scope = request.scope(of: RegistryPermission.stationsRead)
            let station = try await stations.find(request.parameter("id"))
            guard try await organizations.isInside(station.organizationId, scope) else { throw Problem(StationProblem.stationUnknown) }
            return try await report(request, station: station.id, scope)
        }
    }

    private var ofAll: Route {
        Route(
            .get, "/v1/visitors", summary: "Counts the visitors of all stations one may see", tag: "Figures",
            access: .permission(RegistryPermission.stationsRead), parameters: Self.parameters,
            responses: [.json(200, VisitReport.self, "The figures")],
            problems: [StationProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            try await report(request, station: nil, request.scope(of: RegistryPermission.stationsRead))
        }
    }

    private func report(_ request: Request, station: ID<Station>?, _ scope: Scope) async throws -> Response {
        let period = try period(request)
        let grouping = request.parameter("by", as: VisitGrouping.self)
        // Read before the figures, so that they hold at least so much.
        let asOf = try await figures.asOf()
        let lines = try await figures.lines(by: grouping, period, station: station, scope: scope)
        return .json(
            VisitReport(
                from: period.first.description, to: period.last.description, by: grouping.rawValue, asOf: asOf.description,
                total: VisitAnswer(lines.map(\.figures).reduce(VisitFigures(), +), key: ""),
                items: lines.map {
                    VisitAnswer($0.figures, key: $0.key, organization: $0.organization, station: $0.station, name: $0.name)
                }))
    }

    private func period(_ request: Request) throws(Problem) -> VisitPeriod {
        // China has one time zone and no summer time.
        let today = CalendarDate(daysSince1970: Int((clock.nowSeconds + 8 * 3_600) / 86_400))
        let last = request.optionalParameter("to") ?? today
        // There is no day before 0001-01-01.
        let first = request.optionalParameter("from") ?? CalendarDate(daysSince1970: max(last.daysSince1970 - 29, -719_162))
        guard let period = VisitPeriod(first: first, last: last) else {
            throw Problem(
                StationProblem.invalid,
                violations: [
                    Violation(
                        "station.period_invalid", parameter: "from", zh: "起始日须不晚于截止日，且最多十年",
                        en: "The first day is not after the last, and they are at most ten years apart")
                ])
        }
        return period
    }

    // MARK: History

    private static let page: [Parameter] = [
        .query("limit", .integer(1...200), "Items in the answer, 50 by default"),
        .query("after", TimeCursor.schema, "The answer before gave it as next"),
    ]

    private var mine: Route {
        Route(
            .get, "/v1/me/visits", summary: "Lists the caller's own visits to stations, the newest first", tag: "Me",
            access: .permission(RegistryPermission.me), parameters: Self.page,
            responses: [.json(200, MemberVisitList.self, "Visits")], problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            try await visits(of: request.member.memberID, request)
        }
    }

    private var ofMember: Route {
        Route(
            .get, "/v1/members/{id}/visits", summary: "Lists a member's visits to stations, the newest first", tag: "Figures",
            access: .permission(RegistryPermission.stationsRead),
            parameters: [.path("id", .id, "The member")] + Self.page,
            responses: [.json(200, MemberVisitList.self, "Visits")],
            problems: [RegistryProblem.memberNotFound, RegistryProblem.databaseUnavailable]
        ) { request in
            let member = request.parameter("id", as: ID<Member>.self)
            guard let organization = try await passages.organization(of: member),
                try await organizations.isInside(organization, request.scope(of: RegistryPermission.membersRead))
            else { throw Problem(RegistryProblem.memberNotFound) }
            return try await visits(of: member, request)
        }
    }

    private func visits(of member: ID<Member>, _ request: Request) async throws -> Response {
        let limit = request.optionalParameter("limit", as: Int.self) ?? 50
        let cursor = request.optionalParameter("after", as: String.self).flatMap { TimeCursor($0) }
        // Numbers that were merged into this one are the same person's.
        let numbers = try await members.numbers(of: member)
        let found = try await passages.visits(of: numbers, before: cursor, limit: limit + 1)
        let items = Array(found.prefix(limit))
        return .json(MemberVisitList(items: items.map(\.visit), next: found.count > limit ? items.last?.cursor.text : nil))
    }
}
