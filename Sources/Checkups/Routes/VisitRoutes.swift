import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// A visit and its sessions, which are laid out in bulk.
struct VisitRoutes: Sendable {
    let reach: VisitReach
    let campaigns: CampaignStore
    let programs: ProgramStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    private var visits: VisitStore { reach.visits }

    var all: [Route] { [read, sessions, addSessions] }

    private var read: Route {
        Route(
            .get, "/v1/checkups/visits/{id}", summary: "A van's visit", tag: CampaignRoutes.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: [VisitReach.id],
            responses: [.json(200, VanVisit.self, "The visit")],
            problems: [CheckupProblem.visitUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            .json(try await reach.visit(request, RegistryPermission.checkupsRead))
        }
    }

    private var sessions: Route {
        Route(
            .get, "/v1/checkups/visits/{id}/sessions", summary: "A visit's sessions with their seats", tag: CampaignRoutes.tag,
            access: .permission(RegistryPermission.checkupsRead), parameters: [VisitReach.id],
            responses: [.json(200, VanSessionList.self, "In order of time")],
            problems: [CheckupProblem.visitUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let visit = try await reach.visit(request, RegistryPermission.checkupsRead)
            return .json(VanSessionList(items: try await visits.sessions(of: visit.id)))
        }
    }

    private var addSessions: Route {
        Route(
            .post, "/v1/checkups/visits/{id}/sessions",
            summary: "Lays out sessions in bulk: every so many minutes, from and to a time of day, on each day", tag: CampaignRoutes.tag,
            access: .permission(RegistryPermission.checkupsWrite), parameters: [VisitReach.id, IdempotencyStore.parameter],
            body: .json(VanSessionsBody.self, limitBytes: 8_192),
            responses: [.json(201, VanSessionList.self, "All of the visit's sessions")],
            problems: [
                CheckupProblem.visitUnknown, CheckupProblem.invalid, CheckupProblem.sessionsFrozen, CheckupProblem.sessionsExist,
            ] + IdempotencyStore.problems
        ) { request in
            let body = try request.json(VanSessionsBody.self)
            let visit = try await reach.visit(request, RegistryPermission.checkupsWrite)
            // Its host's organizers may look and check in; the campaign's own lay it out.
            guard
                let campaign = try await campaigns.find(visit.campaignId, within: request.scope(of: RegistryPermission.checkupsWrite))
            else { throw Problem(CheckupProblem.visitUnknown) }
            let days = try Self.days(body, of: visit)
            return try await idempotency.once(request) { querying in
                switch try await visits.addSessions(body, on: days, of: visit, in: querying) {
                case .added(let numbers):
                    try await programs.note(
                        "sessions_added", on: campaign.id, from: campaign.state, to: campaign.state,
                        details: ["sessions": "\(numbers.count)", "visit": "\(visit.id)"], by: request.principal?.subject ?? "anyone",
                        in: querying)
                    try await audit.record(
                        "checkup_visit.sessions_added", subject: "checkup_visit:\(visit.id)", organization: campaign.organizationId,
                        details: ["sessions": "\(numbers.count)", "capacity": "\(body.capacity)"], request, in: querying)
                    return .json(VanSessionList(items: try await visits.sessions(of: visit.id, in: querying)), status: 201)
                case .frozen: throw Problem(CheckupProblem.sessionsFrozen)
                case .exists: throw Problem(CheckupProblem.sessionsExist)
                case .tooMany:
                    throw CampaignRoutes.invalid(
                        "checkup.too_many_sessions", "/everyMinutes", zh: "一个活动最多 65535 个场次", en: "A campaign has at most 65,535 sessions")
                }
            }
        }
    }

    private static func days(_ body: VanSessionsBody, of visit: VanVisit) throws(Problem) -> [CalendarDate] {
        guard let first = CalendarDate(text: visit.firstOn), let last = CalendarDate(text: visit.lastOn) else {
            preconditionFailure("a visit's days are days")
        }
        func minutes(_ time: String) -> Int { (Int(time.prefix(2)) ?? 0) * 60 + (Int(time.suffix(2)) ?? 0) }
        guard minutes(body.to) - minutes(body.from) >= Int(body.everyMinutes) else {
            throw CampaignRoutes.invalid(
                "checkup.no_session_fits", "/to", zh: "时间段内排不下一个场次", en: "Not one session fits between these times")
        }
        guard let asked = body.days else {
            return (first.daysSince1970...last.daysSince1970).map { CalendarDate(daysSince1970: $0) }
        }
        let days = asked.compactMap { CalendarDate(text: $0) }
        guard days.allSatisfy({ $0 >= first && $0 <= last }), Set(days).count == asked.count else {
            throw CampaignRoutes.invalid("checkup.day_outside", "/days", zh: "日期须在安排的日期内，且不重复", en: "Each day is one of the visit's, once")
        }
        return days.sorted()
    }
}
