import HTTP
import Postgres
import Runtime

/// What somebody says of a class they completed.
struct FeedbackBody: Codable, Sendable, APIType {
    let stars: Int16
    let line: String?

    static let schema = Schema.object(
        "FeedbackBody", "What you say of a class you completed",
        [
            .required("stars", .integer(1...5)),
            .optional("line", .string(1...200), "Organizers read it without your name: write none"),
        ])
}

/// Feedback as its person sees it.
struct OwnFeedback: Codable, Sendable, APIType {
    let stars: Int32
    let line: String?
    let givenAt: Timestamp
    /// Until then it may be changed.
    let changeableUntil: Timestamp

    static let schema = Schema.object(
        "OwnFeedback", "What you said of a class",
        [
            .required("stars", .integer(1...5)), .optional("line", .string(1...200)), .required("givenAt", .dateTime),
            .required("changeableUntil", .dateTime),
        ])
}

/// Feedback as organizers see it: of a class, or of all classes of a teacher. With fewer answers than `answersMin` it says nothing.
struct FeedbackSummary: Codable, Sendable, APIType {
    /// Fewer would tell whose they are.
    static let answersMin = 3

    let isShown: Bool
    let answers: Int32?
    /// Of five.
    let average: Double?
    /// In no order of time.
    let lines: [String]

    static let schema = Schema.object(
        "FeedbackSummary", "What those who completed it say, without names",
        [
            .required("isShown", .boolean, "Of fewer than \(answersMin) answers nothing is told, not even how many"),
            .optional("answers", .integer(1...1_000_000)), .optional("average", .number(1...5)),
            .required("lines", .array(of: .string(1...200), 0...500)),
        ])
}
