import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// A day at a van on paper, for when the network is gone: the list to print, and what is entered from it later.
struct DayListRoutes: Sendable {
    let reach: VisitReach
    let campaigns: CampaignStore
    let days: DayListStore
    let members: MemberStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [list, enter] }

    private static let date = Parameter.path("date", .date, "The day, in the program's time zone")

    private var list: Route {
        Route(
            .get, "/v1/checkups/visits/{id}/days/{date}/list",
            summary: "A day's list to print, masked: HTML, or by Accept a CSV file", tag: CampaignRoutes.tag,
            access: .permission(RegistryPermission.checkupsOperate), parameters: [VisitReach.id, Self.date],
            responses: [
                .bytes(200, ["text/html"], "A page that prints by itself"), .bytes(200, ["text/csv"], "The same for a spreadsheet"),
            ],
            problems: [CheckupProblem.visitUnknown, RegistryProblem.databaseUnavailable]
        ) { request in
            let visit = try await reach.visit(request, RegistryPermission.checkupsOperate)
            let list = try await dayList(of: visit, on: Self.day(request))
            if request.prefers("text/csv", to: "text/html") {
                return Response.text(list.csv, contentType: "text/csv; charset=utf-8").with("Cache-Control", "no-store")
            }
            return Response.text(list.html, contentType: "text/html; charset=utf-8").with("Cache-Control", "no-store")
                .asDocument()
        }
    }

    private static func day(_ request: Request) throws(Problem) -> CalendarDate {
        guard let day = CalendarDate(text: request.parameter("date")) else { throw Problem(HTTPProblem.invalidParameter) }
        return day
    }

    private func dayList(of visit: VanVisit, on day: CalendarDate) async throws -> DayList {
        let campaign = try await campaigns.find(visit.campaignId, within: .everything)
        let entries = try await days.entries(of: visit.id, on: day)
        var people: [ID<Member>: Member] = [:]
        for start in stride(from: 0, to: entries.count, by: 5_000) {
            let ids = entries[start..<min(start + 5_000, entries.count)].map(\.memberID)
            for member in try await members.members(ids, within: .everything) { people[member.id] = member }
        }
        let byNumber = Dictionary(grouping: entries, by: \.number)
        let sessions = try await reach.visits.sessions(of: visit.id, on: day).map { session in
            DayList.Session(
                session: session, startsAt: Self.time(in: session.title),
                lines: (byNumber[session.number] ?? []).map { entry in
                    let person = people[entry.memberID]?.person
                    return DayList.Line(
                        memberID: entry.memberID, maskedName: person?.name.masked ?? "",
                        lastDigits: String(person?.phone?.masked.suffix(4) ?? ""),
                        state: entry.state, isWalkIn: entry.isWalkIn)
                })
        }
        return DayList(
            site: visit.site, address: visit.address, title: campaign?.title ?? "", day: day.description, sessions: sessions)
    }

    /// The time of day that stands in a session's title, as the database wrote it in the program's time zone.
    private static func time(in title: String) -> String {
        let words = title.split(separator: " ", maxSplits: 2)
        return words.count > 1 ? String(words[1]) : title
    }

    private var enter: Route {
        Route(
            .post, "/v1/checkups/visits/{id}/days/{date}/attendance",
            summary: "Enters a day's paper list: who came, who did not, who came without a place, with the true times",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsOperate),
            parameters: [VisitReach.id, Self.date, IdempotencyStore.parameter], body: .json(AttendanceBody.self, limitBytes: 131_072),
            responses: [.json(200, AttendanceAnswer.self, "What came of each line; entering it again changes nothing")],
            problems: [CheckupProblem.visitUnknown] + IdempotencyStore.problems
        ) { request in
            let visit = try await reach.visit(request, RegistryPermission.checkupsOperate)
            let day = try Self.day(request)
            let lines = try request.json(AttendanceBody.self).lines
            let subject = request.principal?.subject ?? "anyone"
            let organization = try await campaigns.find(visit.campaignId, within: .everything)?.organizationId
            let language = request.language
            return try await idempotency.once(request) { querying in
                let outcomes = try await days.enter(
                    lines, times: lines.map { $0.occurredAt.flatMap { Timestamp(dateTime: $0) } }, on: day, of: visit.id,
                    visit.campaignId, by: subject, in: querying)
                let answer = AttendanceAnswer(outcomes, language)
                if answer.recorded > 0 {
                    try await audit.record(
                        "checkup_visit.list_entered", subject: "checkup_visit:\(visit.id)", organization: organization,
                        details: [
                            "day": day.description, "recorded": "\(answer.recorded)", "conflicts": "\(answer.conflicts)",
                            "againstRules": "\(answer.againstRules)",
                        ], request, in: querying)
                }
                return .json(answer)
            }
        }
    }
}
