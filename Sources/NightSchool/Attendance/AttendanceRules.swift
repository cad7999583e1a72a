import HTTP

/// What a school asks of those who come: when a lesson takes them, what absences bring, what a certificate takes.
struct AttendanceRules: Codable, Hashable, Sendable, APIType {
    var opensBeforeMinutes: Int16
    var lateAfterMinutes: Int16
    var absentAfterHours: Int16
    var excuseBeforeHours: Int16
    var lendClaimMinutes: Int16
    /// 0: none do.
    var warningAfter: Int16
    /// 0: none do.
    var lowerPriorityAfter: Int16
    var lowerPriorityDays: Int16
    var certificatePercent: Int16
    var feedbackDays: Int16

    static let schema = Schema.object(
        "AttendanceRules", "What a school asks of those who come",
        [
            .required("opensBeforeMinutes", .integer(0...240), "From so long before a lesson until its end somebody is recorded"),
            .required("lateAfterMinutes", .integer(0...240), "Who comes later than so long after the start is late"),
            .required(
                "absentAfterHours", .integer(0...336),
                "So long after its end a lesson waits for devices without network; then who was not seen is absent"),
            .required("excuseBeforeHours", .integer(0...336), "An absence announced so long before is excused, and lends the seat"),
            .required("lendClaimMinutes", .integer(5...1_440), "So long a seat of an evening is kept for whom it is offered to"),
            .required("warningAfter", .integer(0...400), "Absences in a class that bring a warning; 0: none do"),
            .required("lowerPriorityAfter", .integer(0...400), "Absences in a class that bring a lower priority in draws; 0: none do"),
            .required("lowerPriorityDays", .integer(1...800), "In terms that begin until so long after the end of this one"),
            .required("certificatePercent", .integer(1...100), "Of the lessons held, those excused left out"),
            .required("feedbackDays", .integer(0...90), "So long feedback may be changed"),
        ])
}
