package import HTTP
package import Registry
package import Runtime

/// A line of the paper list.
package struct AttendanceLine: Codable, Sendable {
    package enum State: String, Codable, CaseIterable, Sendable {
        case attended
        case noShow = "no_show"
        /// Came without a place and had one of this session's.
        case walkIn = "walk_in"
    }

    package var memberId: ID<Member>
    /// The session's number; of a walk-in it must be told.
    package var session: Int32?
    package var state: State
    /// When the person was there; of who did not come it is not told.
    package var occurredAt: String?

    package init(memberId: ID<Member>, session: Int32? = nil, state: State, occurredAt: String? = nil) {
        self.memberId = memberId
        self.session = session
        self.state = state
        self.occurredAt = occurredAt
    }

    static let schema = Schema.object(
        "AttendanceLine", "A line of the paper list",
        [
            .required("memberId", .id),
            .optional("session", .integer(1...65_535), "Its number; of a walk-in it must be told"),
            .required("state", .oneOf(State.allCases.map(\.rawValue))),
            .optional("occurredAt", .dateTime, "When the person was there; not told of who did not come"),
        ])
}

/// Lines of a day's paper list.
package struct AttendanceBody: Codable, Sendable, APIType {
    package var lines: [AttendanceLine]

    package init(lines: [AttendanceLine]) {
        self.lines = lines
    }

    package static let schema = Schema.object(
        "AttendanceBody", "Lines of a day's paper list", [.required("lines", .array(of: AttendanceLine.schema, 1...500))])
}

/// What came of each line.
package struct AttendanceAnswer: Codable, Sendable, APIType {
    package struct Line: Codable, Sendable {
        package let line: Int
        package let outcome: String
        package let reason: CheckupReasonAnswer?
        package let against: [CheckupReasonAnswer]

        init(
            _ index: Int, _ outcome: String, _ reason: CheckupReason? = nil, against: [CheckupReason] = [], _ language: Language
        ) {
            line = index + 1
            self.outcome = outcome
            self.reason = reason.map { CheckupReasonAnswer($0, language) }
            self.against = against.map { CheckupReasonAnswer($0, language) }
        }
    }

    package let recorded: Int
    package let unchanged: Int
    package let conflicts: Int
    package let againstRules: Int
    package let lines: [Line]

    init(_ outcomes: [DayListStore.LineOutcome], _ language: Language) {
        lines = outcomes.enumerated().map { index, outcome in
            switch outcome {
            case .recorded(let against): Line(index, "recorded", against: against, language)
            case .unchanged(let against): Line(index, "unchanged", against: against, language)
            case .conflict(let reason): Line(index, "conflict", reason, language)
            }
        }
        recorded = lines.count { $0.outcome == "recorded" }
        unchanged = lines.count { $0.outcome == "unchanged" }
        againstRules = lines.count { $0.outcome == "recorded" && !$0.against.isEmpty }
        conflicts = outcomes.count - recorded - unchanged
    }

    private static let count = Schema.integer(0...500)

    package static let schema = Schema.object(
        "AttendanceAnswer", "What came of each line",
        [
            .required("recorded", count),
            .required("unchanged", count, "Known already"),
            .required("conflicts", count, "Lines that contradict what is known; they changed nothing"),
            .required("againstRules", count, "Of the recorded ones, walk-ins who would have been refused at the van"),
            .required(
                "lines",
                .array(
                    of: .object(
                        "AttendanceOutcome", "What came of a line",
                        [
                            .required("line", .integer(1...500), "From 1, in the order given"),
                            .required("outcome", .oneOf(["recorded", "unchanged", "conflict"])),
                            .optional("reason", CheckupReasonAnswer.schema, "Of a conflict"),
                            .required(
                                "against", .array(of: CheckupReasonAnswer.schema, 0...CheckupReason.allCases.count),
                                "Of a walk-in: for what the person would have been refused at the van; examined, so recorded all the same"),
                        ]), 1...500)),
        ])
}
