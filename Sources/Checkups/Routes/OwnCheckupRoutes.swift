import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// What a worker does about checkups: looks for a van, takes another time, puts it into the calendar, follows up.
/// (Wishes, confirming and declining are the program's.)
struct OwnCheckupRoutes: Sendable {
    let own: OwnCheckupStore
    let checkIns: CheckInStore
    let reports: ReportStore
    let members: MemberStore

    var all: [Route] { [places, calendar, nearby, visit, swap, followUpDone] }

    private static let tag = "Me"
    private static let limit = 200

    private var places: Route {
        Route(
            .get, "/v1/me/checkups", summary: "Your places at vans, and whether reports are ready", tag: Self.tag,
            access: .permission(RegistryPermission.me), responses: [.json(200, OwnCheckupList.self, "The newest first")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            return .json(OwnCheckupList(items: try await own.places(of: numbers, request.language)))
        }
    }

    private var calendar: Route {
        Route(
            .get, "/v1/me/checkups/calendar.ics", summary: "Your places at vans as a calendar file", tag: Self.tag,
            access: .permission(RegistryPermission.me), responses: [.bytes(200, ["text/calendar"], "RFC 5545, times in UTC")],
            problems: [RegistryProblem.databaseUnavailable]
        ) { request in
            let numbers = try await members.numbers(of: request.member.memberID)
            let events = try await own.places(of: numbers, .zh).filter { $0.state.holdsPlace }.map(Self.event)
            return Response.text(CalendarFile(product: "Checkups", events: events).text, contentType: "text/calendar; charset=utf-8")
                .with("Content-Disposition", "attachment; filename=\"checkups.ics\"").with("Cache-Control", "no-store")
        }
    }

    private static func event(_ place: OwnCheckup) -> CalendarFile.Event {
        let items = (place.package.items + place.package.addOnItems).joined(separator: "、")
        return CalendarFile.Event(
            uid: "checkup-\(place.campaignId)@waystation", sequence: place.version, changedAt: place.changedAt,
            startsAt: place.session.startsAt, endsAt: place.session.endsAt, summary: "体检：\(place.visit.site)",
            location: "\(place.visit.site) \(place.visit.address)",
            description: "\(place.title)\n套餐：\(place.package.name)（\(items)）\n请带会员码。", latitude: place.visit.latitude,
            longitude: place.visit.longitude, status: place.state != .offered && place.state != .placed ? .confirmed : .tentative)
    }

    // MARK: Near by

    private var nearby: Route {
        Route(
            .get, "/v1/me/checkups/visits",
            summary: "Visits of vans that you may wish for: by distance from a position, else your own organization's first",
            tag: Self.tag, access: .permission(RegistryPermission.me),
            parameters: [
                .query("latitude", .number(-90...90), "Degrees, WGS 84; with longitude. Not kept"),
                .query("longitude", .number(-180...180), "Degrees"),
            ], responses: [.json(200, NearbyVisitList.self, "At most 200")],
            problems: [CheckupProblem.invalid, RegistryProblem.databaseUnavailable]
        ) { request in
            let latitude = request.optionalParameter("latitude", as: Double.self)
            let longitude = request.optionalParameter("longitude", as: Double.self)
            guard (latitude == nil) == (longitude == nil) else {
                throw Problem(
                    CheckupProblem.invalid,
                    violations: [
                        Violation(
                            "checkup.place_not_whole", parameter: "latitude", zh: "经纬度须同时填写", en: "Latitude and longitude go together")
                    ])
            }
            var position: OwnCheckupStore.Position?
            if let latitude, let longitude { position = OwnCheckupStore.Position(latitude: latitude, longitude: longitude) }
            let items = try await own.visits(for: request.member.memberID, near: position, limit: Self.limit)
            return Response.json(NearbyVisitList(items: items)).with("Cache-Control", "no-store")
        }
    }

    private var visit: Route {
        Route(
            .get, "/v1/me/checkups/visits/{id}",
            summary: "A visit with the sessions that have not begun: their numbers are what a wish names",
            tag: Self.tag, access: .permission(RegistryPermission.me), parameters: [VisitReach.id],
            responses: [.json(200, NearbyVisitAnswer.self, "The visit")],
            problems: [CheckupProblem.visitUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let id: ID<VanVisit> = request.parameter("id")
            let found = try await own.visits(for: request.member.memberID, near: nil, only: id, limit: 1)
            guard let visit = found.first else { throw Problem(CheckupProblem.visitUnknown) }
            return .json(NearbyVisitAnswer(visit: visit, sessions: try await own.sessions(of: id)))
        }
    }

    private var swap: Route {
        Route(
            .post, "/v1/me/checkups/visits/{id}/swap", summary: "Takes another time of the same visit, while places last", tag: Self.tag,
            access: .permission(RegistryPermission.me), parameters: [VisitReach.id], body: .json(SwapBody.self, limitBytes: 1_024),
            responses: [.json(200, OwnCheckupList.self, "Your places as they are now")],
            problems: [
                CheckupProblem.visitUnknown, CheckupProblem.swapNoPlace, CheckupProblem.swapFull, CheckupProblem.swapTooLate,
                CheckupProblem.swapSessionUnknown, RegistryProblem.databaseUnavailable,
            ]
        ) { request in
            let member = request.member.memberID
            let wanted = try request.json(SwapBody.self).session
            switch try await checkIns.swap(VanSwap(memberID: member, visitID: request.parameter("id"), number: wanted)) {
            case .moved, .unchanged: break
            case .visitUnknown: throw Problem(CheckupProblem.visitUnknown)
            case .noPlace, .noAward, .notAllowed, .programNotPublished: throw Problem(CheckupProblem.swapNoPlace)
            case .sessionFull, .quotaFull: throw Problem(CheckupProblem.swapFull)
            case .sessionOver, .offerOver: throw Problem(CheckupProblem.swapTooLate)
            case .sessionUnknown: throw Problem(CheckupProblem.swapSessionUnknown)
            }
            return .json(OwnCheckupList(items: try await own.places(of: [member], request.language)))
        }
    }

    private var followUpDone: Route {
        Route(
            .post, "/v1/me/checkups/campaigns/{id}/follow-up-done", summary: "Says that you did what was asked after the report",
            tag: Self.tag, access: .permission(RegistryPermission.me), parameters: [CampaignRoutes.id],
            responses: [.json(200, OwnCheckupList.self, "Your places as they are now")],
            problems: [CheckupProblem.nothingToDo, RegistryProblem.databaseUnavailable]
        ) { request in
            let member = request.member
            guard try await reports.done(request.parameter("id"), of: member.memberID, by: member.subject) else {
                throw Problem(CheckupProblem.nothingToDo)
            }
            return .json(OwnCheckupList(items: try await own.places(of: [member.memberID], request.language)))
        }
    }
}
