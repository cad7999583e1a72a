package import HTTP
package import Registry
package import Runtime

/// What is told of one person's report.
package struct ReportLine: Codable, Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case ready
        case followUpNeeded = "follow_up_needed"
        case followUpDone = "follow_up_done"
    }

    package var memberId: ID<Member>
    package var state: State
    package var followUp: FollowUpCode?
    package var until: String?

    package init(memberId: ID<Member>, state: State, followUp: FollowUpCode? = nil, until: String? = nil) {
        self.memberId = memberId
        self.state = state
        self.followUp = followUp
        self.until = until
    }

    /// There is no field for text, on purpose: a finding has no way in.
    static let schema = Schema.object(
        "ReportLine", "What is told of one person's report: never what it says",
        [
            .required("memberId", .id),
            .required("state", .oneOf(State.allCases.map(\.rawValue))),
            .optional("followUp", .oneOf(FollowUpCode.allCases.map(\.rawValue)), "What to do; with follow_up_needed"),
            .optional("until", .date, "The deadline; with follow_up_needed"),
        ])
}

/// Reports of a campaign.
package struct ReportBody: Codable, Sendable, APIType {
    package var lines: [ReportLine]

    package init(lines: [ReportLine]) { self.lines = lines }

    package static let schema = Schema.object(
        "CheckupReports", "Reports of a campaign", [.required("lines", .array(of: ReportLine.schema, 1...1_000))])
}

/// What came of each line.
package struct ReportAnswer: Codable, Sendable, APIType {
    package struct Line: Codable, Sendable {
        package let line: Int
        package let outcome: String
    }

    package let recorded: Int
    package let lines: [Line]

    init(_ outcomes: [ReportStore.Outcome]) {
        recorded = outcomes.count { $0 == .recorded }
        lines = outcomes.enumerated().map { Line(line: $0.offset + 1, outcome: $0.element.rawValue) }
    }

    package static let schema = Schema.object(
        "CheckupReportAnswer", "What came of each line",
        [
            .required("recorded", .integer(0...1_000)),
            .required(
                "lines",
                .array(
                    of: .object(
                        "CheckupReportOutcome", "What came of a line",
                        [
                            .required("line", .integer(1...1_000), "From 1, in the order given"),
                            .required(
                                "outcome", .oneOf(ReportStore.Outcome.allCases.map(\.rawValue)),
                                "not_attended: nobody of this number came; nothing_to_follow: no follow-up is open"),
                        ]), 1...1_000)),
        ])
}
