package import HTTP
package import Runtime

/// Decisions that a controller took while it was alone.
package struct JournalBody: Codable, Sendable, APIType {
    package struct Entry: Codable, Sendable {
        package var requestId: String
        package var direction: AccessDirection
        package var occurredAt: String
        package var code: String
        package var open: Bool
        package var reasons: [String]
        package var relayMilliseconds: Int32
        package var isTimeUncertain: Bool?

        package init(
            requestId: String, direction: AccessDirection, occurredAt: String, code: String, open: Bool, reasons: [String] = [],
            relayMilliseconds: Int32 = 3_000, isTimeUncertain: Bool? = nil
        ) {
            self.requestId = requestId
            self.direction = direction
            self.occurredAt = occurredAt
            self.code = code
            self.open = open
            self.reasons = reasons
            self.relayMilliseconds = relayMilliseconds
            self.isTimeUncertain = isTimeUncertain
        }

        static let schema = Schema.object(
            "JournalEntry", "One decision of a controller that was alone",
            [
                .required("requestId", .uuid, "That of the question to the server, if there was one"),
                .required("direction", .oneOf(AccessDirection.allCases.map(\.rawValue))),
                .required(
                    "occurredAt", .dateTime,
                    "The true time, as well as the controller knows it by now. At most 5 minutes ahead and 90 days behind"),
                .required("code", .anySigns(0...1_024), "As read; it is checked again here, for its time then"),
                .required("open", .boolean, "What the door did"),
                .required(
                    "reasons", .array(of: .oneOf(AccessReason.allCases.map(\.rawValue)), 0...AccessReason.allCases.count),
                    "None exactly when open"),
                .required("relayMilliseconds", .integer(0...60_000)),
                .optional(
                    "isTimeUncertain", .boolean, "The machine had not heard the server's time since its start, nor has since for this entry"
                ),
            ])
    }

    package var accessPointId: ID<AccessPoint>
    package var entries: [Entry]

    package init(accessPointId: ID<AccessPoint>, entries: [Entry]) {
        self.accessPointId = accessPointId
        self.entries = entries
    }

    package static let schema = Schema.object(
        "Journal", "Decisions that a controller took while it was alone",
        [
            .required("accessPointId", .id, "A door that the device serves"),
            .required("entries", .array(of: Entry.schema, 1...JournalBody.entriesMax)),
        ])

    /// As many as one upload holds.
    package static let entriesMax = 5_000
}

/// What became of each of them.
package struct JournalAnswer: Codable, Sendable, APIType {
    package struct Result: Codable, Sendable {
        package let requestId: String
        package let outcome: JournalOutcome
        package let reason: JournalRefusal?
    }

    package let results: [Result]

    package static let schema = Schema.object(
        "JournalAnswer", "What became of each entry, in their order; all of them are done with and need not be sent again",
        [
            .required(
                "results",
                .array(
                    of: .object(
                        "JournalResult", "What became of an entry",
                        [
                            .required("requestId", .uuid, "In lower case"),
                            .required(
                                "outcome", .oneOf(JournalOutcome.allCases.map(\.rawValue)),
                                "opened and annulled: the server had decided otherwise, and what the controller did holds"),
                            .optional("reason", .oneOf(JournalRefusal.allCases.map(\.rawValue)), "Why it was refused"),
                        ]), 1...JournalBody.entriesMax))
        ])
}

/// Why a decision is not recorded.
package enum JournalRefusal: String, Codable, CaseIterable, Sendable {
    /// More than 5 minutes ahead.
    case inFuture = "access.journal_in_future"
    /// More than 90 days behind.
    case tooOld = "access.journal_too_old"
    /// Open for reasons, or shut for none.
    case contradiction = "access.journal_contradiction"
    /// The request id was used for another scan of that station.
    case requestIDReused = "access.request_id_reused"
}

/// What became of a decision that was taken up.
package enum JournalOutcome: String, Codable, CaseIterable, Sendable {
    case recorded
    /// It was here already.
    case repeated
    /// The server had refused it, the door was opened: the event is an open one now.
    case opened
    /// The server had accepted it, the door stayed shut: the event is annulled.
    case annulled
    /// It is not recorded.
    case refused
}
