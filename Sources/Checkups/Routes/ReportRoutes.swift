import HTTP
import Postgres
import Programs
import Registry
import Runtime

/// After the van: reports that are ready, and what is to follow.
struct ReportRoutes: Sendable {
    let reports: ReportStore
    let campaigns: CampaignStore
    let audit: AuditStore
    let idempotency: IdempotencyStore

    var all: [Route] { [record] }

    private var record: Route {
        Route(
            .post, "/v1/checkups/campaigns/{id}/reports",
            summary: "Says whose reports are ready, what is to follow until when, and what was done: never what a report says",
            tag: CampaignRoutes.tag, access: .permission(RegistryPermission.checkupsWrite),
            parameters: [CampaignRoutes.id, IdempotencyStore.parameter], body: .json(ReportBody.self, limitBytes: 131_072),
            responses: [.json(200, ReportAnswer.self, "What came of each line; told again it changes nothing")],
            problems: [CheckupProblem.campaignUnknown, CheckupProblem.invalid] + IdempotencyStore.problems
        ) { request in
            let lines = try request.json(ReportBody.self).lines
            let deadlines = try Self.deadlines(lines)
            let scope = request.scope(of: RegistryPermission.checkupsWrite)
            let subject = request.principal?.subject ?? "anyone"
            return try await idempotency.once(request) { querying in
                guard let campaign = try await campaigns.find(request.parameter("id"), within: scope, in: querying) else {
                    throw Problem(CheckupProblem.campaignUnknown)
                }
                var outcomes = [ReportStore.Outcome](repeating: .unchanged, count: lines.count)
                // In the order of the members, as all who tell of several.
                for (index, line) in lines.enumerated().sorted(by: { ($0.element.memberId, $0.offset) < ($1.element.memberId, $1.offset) })
                {
                    outcomes[index] = try await reports.record(line, until: deadlines[index], of: campaign.id, by: subject, in: querying)
                    if outcomes[index] == .recorded {
                        try await audit.record(
                            "checkup_report.\(line.state.rawValue)", subject: "member:\(line.memberId)",
                            organization: campaign.organizationId, details: ["program": "\(campaign.id)"], request, in: querying)
                    }
                }
                return .json(ReportAnswer(outcomes))
            }
        }
    }

    /// The deadline of each line: one exactly where something is to follow.
    private static func deadlines(_ lines: [ReportLine]) throws(Problem) -> [CalendarDate?] {
        var deadlines: [CalendarDate?] = []
        var violations: [Violation] = []
        for (index, line) in lines.enumerated() {
            let deadline = line.until.flatMap { CalendarDate(text: $0) }
            let isNeeded = line.state == .followUpNeeded
            if isNeeded != (line.followUp != nil) || isNeeded != (deadline != nil) {
                violations.append(
                    Violation(
                        "checkup.follow_up_incomplete", pointer: "/lines/\(index)", zh: "需要后续处理时，须填写事项和期限；其他情况不填",
                        en: "What is to follow and until when are told exactly with follow_up_needed"))
            }
            deadlines.append(deadline)
        }
        guard violations.isEmpty else { throw Problem(CheckupProblem.invalid, violations: violations) }
        return deadlines
    }
}
